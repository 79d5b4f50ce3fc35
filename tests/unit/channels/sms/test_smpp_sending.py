import pytest

from channels.errors import (
    AccountError,
    ContentError,
    PermanentError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
    UnreachableError,
)
from channels.message import Progress, Receipt
from channels.sms.codes import load_codes
from channels.sms.gateways.gateway import Text
from channels.sms.gateways.smpp.parts import parts_of
from channels.sms.gateways.smpp.sending import Sending
from channels.sms.gateways.smpp.session import Answer, Answered, Unanswered

CODES = load_codes()
LOST, BUSY, FULL, NOBODY, LONG, ACCOUNT, ODD = (
    Unanswered("the connection ended"),
    Answered(0x58),
    Answered(0x14),
    Answered(0x0B),
    Answered(0x01),
    Answered(0x0A),
    Answered(0x4E7),
)


def taken(number: int) -> Answered:
    return Answered(0, f"{number:08X}")


def sending(*answers: Answer | None) -> Sending:
    """A text of as many parts, of which these were answered."""
    text = "政" * 67 * len(answers) if answers[1:] else "政"
    one = Sending(Text("d-1", "+8613800138000", text), parts_of(text, "d-1"))
    assert len(one.parts) == len(answers)
    one.answers = {at: answer for at, answer in enumerate(answers) if answer is not None}
    return one


def test_a_text_is_taken_when_all_its_parts_are():
    outcome = sending(taken(1), taken(0xAB)).outcome("smpp", CODES, None)
    assert outcome == Receipt(Progress.SENT, "00000001", gateway="smpp", ids=("1", "ab"))


def test_an_smsc_that_gives_no_ids_is_not_waited_for_by_any():
    outcome = sending(Answered(0), taken(2)).outcome("smpp", CODES, None)
    assert isinstance(outcome, Receipt)
    assert outcome.ids == ()


def test_a_text_whose_answers_were_lost_says_how_many_reports_will_come():
    outcome = sending(taken(1), LOST, LOST).outcome("smpp", CODES, None)
    assert isinstance(outcome, UnknownOutcomeError)
    assert (outcome.gateway, outcome.reports) == ("smpp", 3)


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ((LOST,), UnknownOutcomeError),
        ((taken(1), LOST), UnknownOutcomeError),
        ((taken(1), BUSY), ThrottledError),
        ((LOST, BUSY), ThrottledError),
        ((LOST, ODD), TemporaryError),
        ((BUSY, NOBODY), PermanentError),
        ((BUSY, LONG), ContentError),
        ((BUSY, ACCOUNT), AccountError),
        ((ACCOUNT, NOBODY), PermanentError),
    ],
)
def test_the_part_that_was_surely_not_taken_decides(answers: tuple[Answer, ...], kind: type[Exception]):
    assert isinstance(sending(*answers).outcome("smpp", CODES, None), kind)


def test_a_text_that_was_not_written_to_its_end_goes_again_for_the_reason_that_stopped_it():
    stopped = UnreachableError("the connection ended")
    assert sending(taken(1), None).outcome("smpp", CODES, stopped) is stopped
    assert sending(LOST, None).outcome("smpp", CODES, stopped) is stopped


@pytest.mark.parametrize(
    ("answers", "left"),
    [
        ((None, None), [0, 1]),
        ((taken(1), BUSY), [1]),
        ((FULL, BUSY), [0, 1]),
        ((taken(1), taken(2)), []),
        ((BUSY, LOST), []),
        ((BUSY, NOBODY), []),
        ((BUSY, ACCOUNT), []),
    ],
)
def test_only_what_was_too_much_at_once_is_written_again(answers: tuple[Answer | None, ...], left: list[int]):
    assert sending(*answers).left("smpp", CODES) == left


def test_no_reason_shows_a_number():
    for answer in (LOST, BUSY, NOBODY, ODD):
        outcome = sending(answer).outcome("smpp", CODES, None)
        assert isinstance(outcome, Exception)
        assert "138001" not in str(outcome)
