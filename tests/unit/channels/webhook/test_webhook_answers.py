"""What an endpoint's answer means, and how long its Retry-After makes us wait."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from channels.errors import PermanentError, TemporaryError, ThrottledError
from channels.message import Progress, Receipt
from channels.retry import next_attempt
from channels.webhook.answers import LONGEST_S, Answer, outcome_of, retry_after_s

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def outcome(status: int, retry_after: str | None = None) -> object:
    return outcome_of(Answer(status, "", retry_after, 5), "d-1", NOW)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_two_hundreds_are_delivered(status: int) -> None:
    assert outcome(status) == Receipt(Progress.DELIVERED, "d-1")


def test_410_ends_the_endpoint() -> None:
    gone = outcome(410)
    assert isinstance(gone, PermanentError)
    assert gone.dead


def test_413_ends_the_message_and_not_the_endpoint() -> None:
    large = outcome(413)
    assert isinstance(large, PermanentError)
    assert not large.dead


@pytest.mark.parametrize(
    "status", [101, 301, 302, 307, 308, 400, 401, 403, 404, 408, 422, 429, 500, 502, 503]
)
def test_everything_else_is_tried_again_and_counts(status: int) -> None:
    failed = outcome(status)
    assert isinstance(failed, TemporaryError)
    assert not isinstance(failed, ThrottledError)
    assert str(status) in failed.reason


def test_retry_after_is_believed_of_429_and_503_only() -> None:
    for status, waits in ((429, 7200.0), (503, 7200.0), (500, 0.0)):
        failed = outcome(status, "7200")
        assert isinstance(failed, TemporaryError)
        assert failed.not_before_s == waits


def test_a_longer_wait_than_the_tables_is_the_far_sides() -> None:
    failed = outcome(429, "7200")
    assert isinstance(failed, TemporaryError)
    assert next_attempt("webhook", 1, failed, NOW, 0.0) == NOW + timedelta(hours=2)
    assert next_attempt("webhook", 9, failed, NOW, 0.0) == NOW + timedelta(days=1)
    assert next_attempt("webhook", 10, failed, NOW, 0.0) is None, "ten tries, whatever the far side asks for"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0.0),
        ("", 0.0),
        ("120", 120.0),
        ("99999999999999999999", LONGEST_S),
        ("-5", 0.0),
        ("1.5", 0.0),
        ("soon", 0.0),
        ("²", 0.0),
        (format_datetime(NOW + timedelta(minutes=10), usegmt=True), 600.0),
        (format_datetime(NOW - timedelta(minutes=10), usegmt=True), 0.0),
        (format_datetime(NOW + timedelta(days=400), usegmt=True), LONGEST_S),
        ("Sun, 22 Nov 2026 09:00:00", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_never_more_than_a_day(
    header: str | None, seconds: float
) -> None:
    assert retry_after_s(header, NOW) == seconds


def test_ten_tries_take_about_three_days() -> None:
    at, tries = NOW, 1
    while (following := next_attempt("webhook", tries, TemporaryError("x"), at, 0.5)) is not None:
        at, tries = following, tries + 1
    assert tries == 10
    assert timedelta(days=2.5) < at - NOW < timedelta(days=4)
