from datetime import UTC, datetime, timedelta

import pytest

from channels.errors import (
    ContentError,
    PermanentError,
    TemporaryError,
    ThrottledError,
    TransportError,
    UnknownOutcomeError,
)
from channels.retry import SCHEDULES, next_attempt

NOW = datetime(2026, 6, 30, 8, 0, tzinfo=UTC)


def waits(channel: str, error: TransportError) -> list[timedelta]:
    found = []
    attempts = 1
    while (due := next_attempt(channel, attempts, error, NOW, 0.0)) is not None:
        found.append(due - NOW)
        attempts += 1
    return found


def test_email_waits_longer_each_time_and_gives_up_after_about_two_days() -> None:
    found = waits("email", TemporaryError("450"))
    assert found[:5] == [timedelta(minutes=m) for m in (1, 5, 15, 60, 240)]
    assert found == sorted(found)
    assert timedelta(hours=40) < sum(found, timedelta()) < timedelta(hours=56)


def test_a_webhook_gets_ten_tries_within_about_three_days() -> None:
    found = waits("webhook", TemporaryError("503"))
    assert len(found) + 1 == 10
    assert timedelta(hours=66) < sum(found, timedelta()) < timedelta(hours=84)


@pytest.mark.parametrize("attempts", [1, 5, 500])
def test_a_throttled_message_comes_back_when_told_however_often(attempts: int) -> None:
    due = next_attempt("email", attempts, ThrottledError("busy", retry_after_s=90), NOW, 0.0)
    assert due == NOW + timedelta(seconds=90)


@pytest.mark.parametrize(
    "error", [PermanentError("gone", dead=True), PermanentError("no"), ContentError("spam")]
)
@pytest.mark.parametrize("channel", sorted(SCHEDULES))
def test_what_is_wrong_for_good_is_never_tried_again(channel: str, error: TransportError) -> None:
    assert next_attempt(channel, 1, error, NOW, 0.5) is None


def test_an_unknown_outcome_goes_again_except_by_sms() -> None:
    error = UnknownOutcomeError("no answer")
    assert next_attempt("sms", 1, error, NOW, 0.0) is None
    for channel in ("email", "space", "webhook"):
        assert next_attempt(channel, 1, error, NOW, 0.0) is not None


def test_jitter_spreads_a_batch_but_never_hastens_it() -> None:
    error = TemporaryError("450")
    early, late = (next_attempt("email", 3, error, NOW, jitter) for jitter in (0.0, 1.0))
    assert early == NOW + timedelta(minutes=15)
    assert late == NOW + timedelta(minutes=18)


@pytest.mark.parametrize(
    ("attempts", "now", "jitter"),
    [(0, NOW, 0.0), (1, NOW.replace(tzinfo=None), 0.0), (1, NOW, 1.5), (1, NOW, -0.1)],
)
def test_arguments_out_of_range_are_refused(attempts: int, now: datetime, jitter: float) -> None:
    with pytest.raises(ValueError, match="attempts"):
        next_attempt("email", attempts, TemporaryError("450"), now, jitter)


def test_a_channel_without_a_schedule_is_an_error() -> None:
    with pytest.raises(KeyError):
        next_attempt("pigeon", 1, TemporaryError("tired"), NOW, 0.0)
