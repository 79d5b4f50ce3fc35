"""What answers to the parts of one text mean together."""

import pytest

from channels.errors import (
    AccountError,
    ContentError,
    PermanentError,
    TemporaryError,
    ThrottledError,
    TransportError,
    UnknownOutcomeError,
    UnreachableError,
)
from channels.message import Progress, Receipt
from channels.sms.codes import load_codes
from channels.sms.gateways.cmpp.meaning import outcome_of
from channels.sms.gateways.cmpp.pdus import SubmitResp

CODES = load_codes()
LOST = UnknownOutcomeError("no answer")
UNSENT = UnreachableError("no connection")


def taken(msg_id: int) -> SubmitResp:
    return SubmitResp(msg_id, 0)


def refused(result: int) -> SubmitResp:
    return SubmitResp(0, result)


def test_a_text_is_taken_when_all_of_its_parts_are() -> None:
    assert outcome_of("cmpp", [taken(7), taken(1 << 63)], CODES) == Receipt(
        Progress.SENT, "7", "cmpp", ("7", "9223372036854775808")
    )


def test_a_text_whose_answers_were_lost_says_how_many_reports_will_come() -> None:
    outcome = outcome_of("cmpp", [taken(1), LOST], CODES)
    assert isinstance(outcome, UnknownOutcomeError)
    assert (outcome.gateway, outcome.reports) == ("cmpp", 2)


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([refused(8)], ThrottledError),
        ([refused(6)], ContentError),
        ([refused(11)], AccountError),
        ([refused(13)], PermanentError),
        ([refused(3)], TemporaryError),
        ([LOST], UnknownOutcomeError),
        ([taken(1), LOST], UnknownOutcomeError),  # it may have arrived
        ([LOST, refused(8)], ThrottledError),  # it has not: one part is missing
        ([LOST, UNSENT], UnreachableError),
        ([taken(1), UNSENT], UnreachableError),
        ([refused(8), refused(13)], PermanentError),
        ([refused(13), LOST, refused(6)], ContentError),
    ],
)
def test_one_part_that_was_surely_refused_decides(
    answers: list[SubmitResp | TransportError], kind: type[TransportError]
) -> None:
    outcome = outcome_of("cmpp", answers, CODES)
    assert type(outcome) is kind
