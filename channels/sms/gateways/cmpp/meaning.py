"""What answers and reports of a gateway mean to the house; pure."""

from collections.abc import Sequence

from channels.channel import Outcome
from channels.errors import (
    ContentError,
    PermanentError,
    TransportError,
    UnknownOutcomeError,
)
from channels.heard import FarReport
from channels.message import Progress, Receipt
from channels.sms.codes import Codes
from channels.sms.gateways.cmpp.numbers import e164
from channels.sms.gateways.cmpp.pdus import OK, Deliver, SubmitResp
from channels.sms.gateways.cmpp.report import read_report

DELIVERED = "DELIVRD"
ON_ITS_WAY = ("ACCEPTD", "ENROUTE")
RESULTS = {
    1: "wrong structure",
    2: "wrong command",
    3: "sequence came twice",
    4: "wrong length",
    5: "wrong fee code",
    6: "text too long",
    7: "wrong service",
    8: "too much at once",
    9: "not this gateway's to bill",
    10: "wrong Src_Id",
    11: "wrong Msg_src",
    12: "wrong Fee_terminal_Id",
    13: "wrong Dest_terminal_Id",
}


def far_report(gateway: str, deliver: Deliver, codes: Codes) -> FarReport:
    """Return the status report in a DELIVER.

    Raises:
        CmppError: there is none in it.
    """
    report = read_report(deliver.content)
    message_id, number = str(report.msg_id), e164(report.number) or e164(deliver.number)
    if report.stat == DELIVERED:
        return FarReport(gateway, message_id, number, "delivered", None, report.stat, number)
    if report.stat in ON_ITS_WAY:
        return FarReport(gateway, message_id, number, "accepted", None, report.stat, number)
    failure = codes.failure(gateway, report.stat)
    return FarReport(gateway, message_id, number, "failed", failure, report.stat, number)


def refusal(gateway: str, result: int, codes: Codes) -> TransportError:
    """Return what a SUBMIT_RESP means that takes nothing."""
    return codes.outcome(gateway, str(result), RESULTS.get(result, ""))


def outcome_of(gateway: str, answers: Sequence[SubmitResp | TransportError], codes: Codes) -> Outcome:
    """Return what the answers to all parts of one text mean together.

    A text arrives when all of its parts do: with one part surely refused it may go again as a whole, whatever became of
    the others; only where each was taken or may have been is the outcome unknown.
    """
    errors = [
        refusal(gateway, one.result, codes) if isinstance(one, SubmitResp) else one
        for one in answers
        if not isinstance(one, SubmitResp) or one.result != OK
    ]
    if not errors:
        ids = tuple(str(one.msg_id) for one in answers if isinstance(one, SubmitResp))
        return Receipt(Progress.SENT, ids[0], gateway, ids)
    gravest = min(errors, key=_weight)
    if isinstance(gravest, UnknownOutcomeError):
        return UnknownOutcomeError(gravest.reason, gateway=gateway, reports=len(answers))
    return gravest


def _weight(error: TransportError) -> int:
    if isinstance(error, ContentError):
        return 0
    if isinstance(error, PermanentError):
        return 1
    return 3 if isinstance(error, UnknownOutcomeError) else 2
