from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.errors import (
    ContentError,
    PacedError,
    PermanentError,
    TemporaryError,
    ThrottledError,
    TransportError,
    UnknownOutcomeError,
)
from channels.retry import load_schedules, next_attempt, shipped_schedules
from config.office_file import OfficeFileError

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
@pytest.mark.parametrize("channel", sorted(shipped_schedules()))
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


def test_the_turn_of_a_paced_message_is_kept_without_jitter() -> None:
    due = next_attempt("email", 1, PacedError("20 a second", 417.5), NOW, 1.0)
    assert due == NOW + timedelta(seconds=417.5)


# -- the tables as data ------------------------------------------------------------------------------------------------


def test_an_offices_table_replaces_the_shipped_one_and_leaves_the_others(tmp_path: Path) -> None:
    own = tmp_path / "retries.toml"
    own.write_text('[email]\nwaits = ["90s", "2d"]\nspread = 0\n', encoding="utf-8")
    schedules = load_schedules(own)
    first, second = (next_attempt("email", n, TemporaryError("450"), NOW, 1.0, schedules) for n in (1, 2))
    assert (first, second) == (NOW + timedelta(seconds=90), NOW + timedelta(days=2))
    assert next_attempt("email", 3, TemporaryError("450"), NOW, 1.0, schedules) is None
    assert schedules["sms"] == shipped_schedules()["sms"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[email", "not TOML"),
        ("waits = []", "[waits]: a table has waits"),
        ("[email]\nwaits = []", "waits are a list"),
        ('[email]\nwaits = ["5 minutes"]', "'5 minutes' is no wait; write 30s, 5m, 4h or 2d"),
        ("[email]\nwaits = [60]", "60 is no wait"),
        ('[email]\nwaits = ["31d"]', "at most 30d"),
        ('[email]\nwaits = ["1m"]\nspread = 2', "spread is a number from 0 to 1"),
        ('[email]\nwaits = ["1m"]\nspread = true', "spread is a number from 0 to 1"),
        ('[email]\nwaits = ["1m"]\nresends_unknown = "no"', "true or false"),
        ('[email]\nwaits = ["1m"]\ntries = 3', "nothing else"),
        ('[pigeon]\nwaits = ["1m"]', "[pigeon] is no table of ours, use one of email, sms, space, webhook"),
        ('[sms]\nwaits = ["1m"]', "a text sent twice arrives twice"),
        ('[sms]\nwaits = ["1m"]\nresends_unknown = true', "a text sent twice arrives twice"),
    ],
)
def test_what_is_wrong_in_an_offices_tables_is_said_with_what_would_be_right(
    text: str, said: str, tmp_path: Path
) -> None:
    own = tmp_path / "retries.toml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(OfficeFileError) as raised:
        load_schedules(own)
    assert said in str(raised.value)
    assert str(own) in str(raised.value)


def test_a_file_of_tables_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(match=r"ZHENGDA_RETRIES: .*none\.toml cannot be read"):
        load_schedules(tmp_path / "none.toml")


@pytest.mark.parametrize("asked_s", [1e9, 1e12, float("inf")])
@pytest.mark.parametrize(
    "error",
    [
        lambda s: ThrottledError("429", s),
        lambda s: PacedError("ours", s),
        lambda s: TemporaryError("503", not_before_s=s),
    ],
)
def test_no_far_side_keeps_a_message_for_longer_than_a_day_at_a_time(
    error: Callable[[float], TransportError], asked_s: float
) -> None:
    assert next_attempt("sms", 1, error(asked_s), NOW, 0.0) == NOW + timedelta(days=1)
