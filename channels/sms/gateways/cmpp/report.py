"""The status report in a DELIVER: what became of one message, or one part of one, for one number; pure."""

import struct
from dataclasses import dataclass, field

from channels.sms.gateways.cmpp.wire import CmppError, text

HEAD = struct.Struct("!Q7s10s10s")
SMSC_SEQUENCE = struct.Struct("!I")


@dataclass(frozen=True, slots=True)
class StateReport:
    """``stat`` is DELIVRD, EXPIRED, … or a code of the carrier (``MI:0054``); times are YYMMDDhhmm in Shanghai."""

    msg_id: int
    stat: str
    submit_time: str
    done_time: str
    number: str = field(repr=False)
    smsc_sequence: int = 0


def read_report(content: bytes) -> StateReport:
    """Return the report of a content, by its length: gateways of 3.0 send the 60 bytes of 2.0 as well.

    Raises:
        CmppError: it is too short for one.
    """
    end = len(content) - SMSC_SEQUENCE.size
    if end < HEAD.size:
        raise CmppError(f"a status report of {len(content)} bytes")
    msg_id, stat, submitted, done = HEAD.unpack_from(content)
    return StateReport(
        msg_id,
        text(stat).strip(),
        text(submitted),
        text(done),
        text(content[HEAD.size : end]),
        *SMSC_SEQUENCE.unpack_from(content, end),
    )
