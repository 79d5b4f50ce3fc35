"""The status report as a carrier's gateway writes it; pure."""

from channels.sms.gateways.cmpp.report import HEAD, SMSC_SEQUENCE, StateReport
from channels.sms.gateways.cmpp.wire import TERMINAL, fixed


def write_report(report: StateReport, version: int) -> bytes:
    """Return the content of a report: 60 bytes in 2.0, 71 in 3.0.

    Raises:
        CmppError: a field does not fit.
    """
    head = HEAD.pack(
        report.msg_id,
        fixed(report.stat, 7),
        fixed(report.submit_time, 10),
        fixed(report.done_time, 10),
    )
    number = fixed(report.number, TERMINAL[version]).ljust(TERMINAL[version], b"\0")
    return head + number + SMSC_SEQUENCE.pack(report.smsc_sequence)
