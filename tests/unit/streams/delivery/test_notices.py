"""What comes of a notice that was sent, without a record."""

from datetime import UTC, datetime, timedelta

import pytest

from channels.channel import Outcome
from channels.errors import ContentError, PermanentError, TemporaryError, UnknownOutcomeError
from channels.message import NOTICES, Progress, Receipt
from streams.delivery.notices import PATHS, TITLES, after, content
from subscribers.notice_rows import Claimed
from subscribers.notices import CODE_LASTS, LASTS

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def notice(channel: str = "email", kind: str = "confirm", attempts: int = 1) -> Claimed:
    return Claimed("n", kind, "S-1", channel, "c", attempts, NOW + LASTS[kind], "042137")


@pytest.mark.parametrize(
    ("channel", "kind", "lasts"),
    [
        ("email", "confirm", timedelta(days=3)),
        ("email", "sign_in", timedelta(minutes=15)),
        ("sms", "confirm", CODE_LASTS),
        ("sms", "sign_in", CODE_LASTS),
        ("sms", "invite", timedelta(days=3)),
    ],
)
def test_what_it_carries_is_good_from_its_sending_on(channel: str, kind: str, lasts: timedelta) -> None:
    row = after(notice(channel, kind), Receipt(Progress.SENT), NOW, 0.0)
    assert (row["state"], row["sent_at"], row["expires_at"]) == ("sent", NOW, NOW + lasts)


@pytest.mark.parametrize(
    ("channel", "outcome", "state"),
    [
        ("email", TemporaryError("451"), "planned"),
        ("email", UnknownOutcomeError("cut"), "planned"),
        ("sms", UnknownOutcomeError("cut"), "sent"),
        ("email", PermanentError("550"), "failed"),
        ("sms", ContentError("signature"), "failed"),
    ],
)
def test_a_failure_goes_again_or_ends_by_its_kind(channel: str, outcome: Outcome, state: str) -> None:
    assert after(notice(channel), outcome, NOW, 0.0)["state"] == state


def test_nothing_is_tried_again_once_its_time_would_be_over() -> None:
    third = after(notice(kind="sign_in", attempts=3), TemporaryError("451"), NOW, 0.0)
    assert third["state"] == "failed", "a quarter of an hour is also how long the link was asked for"


def test_every_kind_has_a_title_and_a_path() -> None:
    for occasion in NOTICES:
        assert content(occasion, "http://x").title == TITLES[occasion]
        assert PATHS[occasion]


def test_a_code_never_stands_in_what_is_printed() -> None:
    assert "042137" not in repr(notice())
