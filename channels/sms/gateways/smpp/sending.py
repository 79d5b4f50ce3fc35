"""A text on its way through an SMSC: what was said to each of its parts, and what that makes of the text; pure."""

from dataclasses import dataclass, field

from channels.channel import Outcome
from channels.errors import AccountError, ThrottledError, TransportError, UnknownOutcomeError
from channels.message import Progress, Receipt
from channels.sms.codes import Codes
from channels.sms.gateways.gateway import Text
from channels.sms.gateways.smpp.ids import plain
from channels.sms.gateways.smpp.parts import Part
from channels.sms.gateways.smpp.pdu import OK
from channels.sms.gateways.smpp.session import Answer, Answered, Unanswered
from channels.sms.gateways.smpp.statuses import code_of, name_of


@dataclass
class Sending:
    """The parts of a text and the answers to them, as far as there are any."""

    text: Text
    parts: list[Part]
    answers: dict[int, Answer] = field(default_factory=dict)

    def left(self, gateway: str, codes: Codes) -> list[int]:
        """Return the parts that may (again) be written: none once one was refused for another reason than haste."""
        said = self.answers.values()
        if any(meaning(one, gateway, codes) and not is_busy(one, gateway, codes) for one in said):
            return []
        return [
            index
            for index in range(len(self.parts))
            if (answer := self.answers.get(index)) is None or is_busy(answer, gateway, codes)
        ]

    def outcome(self, gateway: str, codes: Codes, stopped: TransportError | None) -> Outcome:
        """Return what became of the text.

        A part that was surely not taken decides: without it nobody reads the text, so that it may go again. Only
        where all of them may have been taken is it unknown whether they were.

        Args:
            gateway: its name.
            codes: what refusals mean.
            stopped: why not all was written.
        """
        refused = [why for one in self.answers.values() if (why := meaning(one, gateway, codes))]
        final = [why for why in refused if not isinstance(why, UnknownOutcomeError)]
        if final:
            return min(final, key=_weight)
        if len(self.answers) < len(self.parts):
            return stopped or UnknownOutcomeError("not all parts were written")
        if refused:
            return UnknownOutcomeError(refused[0].reason, gateway=gateway, reports=len(self.parts))
        ids = tuple(one.message_id for _, one in sorted(self.answers.items()) if isinstance(one, Answered))
        names = tuple(plain(one) for one in ids)
        return Receipt(Progress.SENT, ids[0], gateway=gateway, ids=names if all(ids) else ())


def _weight(why: TransportError) -> int:
    """Return which refusal of a part counts for its text, the least one: final, the account's, haste."""
    if isinstance(why, ThrottledError):
        return 1 if isinstance(why, AccountError) else 2
    return 0


def meaning(answer: Answer, gateway: str, codes: Codes) -> TransportError | None:
    """Return what an answer says against a part; None when it was taken."""
    if isinstance(answer, Unanswered):
        return UnknownOutcomeError(answer.reason)
    if answer.status == OK:
        return None
    return codes.outcome(gateway, code_of(answer.status), name_of(answer.status))


def is_busy(answer: Answer, gateway: str, codes: Codes) -> bool:
    """Whether the SMSC said that it is too much at once."""
    return (
        isinstance(answer, Answered)
        and answer.status != OK
        and codes.known(gateway, code_of(answer.status)) == "busy"
    )
