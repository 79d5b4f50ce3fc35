"""What a gateway's answers and reports mean."""

import pytest

from channels.errors import (
    AccountError,
    ContentError,
    PermanentError,
    TemporaryError,
    ThrottledError,
    TransportError,
    UnknownOutcomeError,
)
from channels.message import Progress, Receipt
from channels.sms.codes import load_codes
from channels.sms.gateways.kannel_answers import failure_of, outcome_of, status_of


@pytest.mark.parametrize("text", ["0: Accepted for delivery", "3: Queued for later delivery"])
def test_what_the_gateway_accepts_is_sent_and_not_delivered(text: str) -> None:
    assert outcome_of(202, text) == Receipt(Progress.SENT)


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (403, "Authorization failed for sendsms", AccountError),
        (404, "Unknown request.", AccountError),
        (429, "slow down", ThrottledError),
        (403, "Not routable. Do not try again.", PermanentError),
        (400, "Number(s) has/have been denied by white- and/or black-lists.", PermanentError),
        (400, "Missing receiver number, rejected", PermanentError),
        (400, "Garbage 'to' field, rejected.", PermanentError),
        (400, "Charset or body misformed, rejected", ContentError),
        (400, "Coding field misformed, rejected", ContentError),
        (400, "something new", TemporaryError),
        (503, "Temporal failure, try again later.", TemporaryError),
        (500, "Sending failed.", TemporaryError),
        (502, "Bad Gateway", UnknownOutcomeError),
        (504, "Gateway Timeout", UnknownOutcomeError),
        (200, "<html>", TemporaryError),
    ],
)
def test_a_refusal_is_of_the_type_that_says_what_happens_next(
    status: int, text: str, kind: type[TransportError]
) -> None:
    assert type(outcome_of(status, text)) is kind


def test_only_a_number_that_is_none_is_dead() -> None:
    dead, listed = (
        outcome_of(400, "Missing receiver number, rejected"),
        outcome_of(400, "Number(s) black-lists"),
    )
    assert isinstance(dead, PermanentError)
    assert dead.dead
    banned = outcome_of(400, "Number(s) has/have been denied by white- and/or black-lists.")
    assert isinstance(banned, PermanentError)
    assert not banned.dead
    assert isinstance(listed, PermanentError)


def test_a_busy_gateway_says_when_to_come_back() -> None:
    said, unsaid = outcome_of(429, "", "7"), outcome_of(429, "", "Wed, 21 Oct 2026 07:28:00 GMT")
    assert isinstance(said, ThrottledError)
    assert isinstance(unsaid, ThrottledError)
    assert (said.retry_after_s, unsaid.retry_after_s) == (7.0, 60.0)


def test_a_reason_shows_no_number() -> None:
    refused = outcome_of(400, "Number +8613812345678 denied by white- and/or black-lists.")
    assert isinstance(refused, PermanentError)
    assert "12345678" not in refused.reason


@pytest.mark.parametrize(
    ("code", "status"),
    [(1, "delivered"), (2, "failed"), (4, "accepted"), (8, "accepted"), (16, "failed"), (34, "failed")],
)
def test_a_report_says_how_far_a_message_came(code: int, status: str) -> None:
    assert status_of(code) == status


@pytest.mark.parametrize("code", [0, 64, -64])
def test_a_code_that_kannel_does_not_have_is_refused(code: int) -> None:
    with pytest.raises(ValueError, match="no delivery status"):
        status_of(code)


@pytest.mark.parametrize(
    ("code", "words", "failure"),
    [
        (2, "stat:UNDELIV err:MI:0210", "gone"),
        (2, "TDBLACK", "opted_out"),
        (16, "NACK/REJECTD", "content"),
        (2, "stat:KEYWORD", "content"),
        (34, "", "off"),
        (2, "stat:EXPIRED", "off"),
        (16, "NACK/0x0000000b", "rejected"),
        (2, "stat:UNDELIV err:001", "ambiguous"),
        (2, "", "undelivered"),
    ],
)
def test_a_failure_has_one_of_few_reasons(code: int, words: str, failure: str) -> None:
    assert failure_of(code, words, load_codes()) == failure
