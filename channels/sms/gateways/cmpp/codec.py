"""CMPP 2.0 and 3.0 on the wire: PDUs to frames and back, pure. Whatever bytes come, `CmppError` is all that is raised.

3.0 differs in: terminal ids of 32 bytes for 21, a type beside them, LinkID for the reserved bytes, and results of four
bytes for one. Results are read by their length, as gateways of either version send either.
"""

import struct
from collections.abc import Callable
from typing import Any

from channels.sms.gateways.cmpp import layout_control as control
from channels.sms.gateways.cmpp import layout_texts as texts
from channels.sms.gateways.cmpp.pdus import (
    ActiveTest,
    ActiveTestResp,
    Connect,
    ConnectResp,
    Deliver,
    DeliverResp,
    Other,
    Pdu,
    Query,
    QueryResp,
    Submit,
    SubmitResp,
    Terminate,
    TerminateResp,
)
from channels.sms.gateways.cmpp.wire import HEADER, CmppError

Write = Callable[[Any, int], bytes]
Read = Callable[[bytes, int], Pdu]

RESPONSE = 0x80000000
CONNECT, TERMINATE, SUBMIT, DELIVER, QUERY, ACTIVE_TEST = 1, 2, 4, 5, 6, 8


def _nothing(_pdu: Pdu, _version: int) -> bytes:
    return b""


def _reserved(_pdu: Pdu, _version: int) -> bytes:
    return b"\0"


# Bodies that say nothing are taken whatever is in them: some gateways leave the reserved byte out.
COMMANDS: dict[type[Pdu], tuple[int, Write, Read]] = {
    Connect: (CONNECT, control.write_connect, control.read_connect),
    ConnectResp: (CONNECT | RESPONSE, control.write_connect_resp, control.read_connect_resp),
    Terminate: (TERMINATE, _nothing, lambda _body, _version: Terminate()),
    TerminateResp: (TERMINATE | RESPONSE, _nothing, lambda _body, _version: TerminateResp()),
    Submit: (SUBMIT, texts.write_submit, texts.read_submit),
    SubmitResp: (SUBMIT | RESPONSE, control.write_submit_resp, control.read_submit_resp),
    Deliver: (DELIVER, texts.write_deliver, texts.read_deliver),
    DeliverResp: (DELIVER | RESPONSE, control.write_deliver_resp, control.read_deliver_resp),
    Query: (QUERY, control.write_query, control.read_query),
    QueryResp: (QUERY | RESPONSE, control.write_query_resp, control.read_query_resp),
    ActiveTest: (ACTIVE_TEST, _nothing, lambda _body, _version: ActiveTest()),
    ActiveTestResp: (ACTIVE_TEST | RESPONSE, _reserved, lambda _body, _version: ActiveTestResp()),
}
READERS = {command: (kind.__name__, read) for kind, (command, _, read) in COMMANDS.items()}


def encode(pdu: Pdu, sequence: int, version: int) -> bytes:
    """Return ``pdu`` as a frame.

    Args:
        pdu: what to say.
        sequence: 0 to 2^32-1; an answer carries its request's.
        version: `V20` or `V30`, of the connection.

    Raises:
        CmppError: a field does not fit.
    """
    if isinstance(pdu, Other):
        return HEADER.pack(HEADER.size + len(pdu.body), pdu.command, sequence) + pdu.body
    command, write, _ = COMMANDS[type(pdu)]
    try:
        body = write(pdu, version)
        return HEADER.pack(HEADER.size + len(body), command, sequence) + body
    except struct.error as exc:
        raise CmppError(f"a field of {type(pdu).__name__} is out of range: {exc}") from exc


def decode(frame: bytes, version: int) -> tuple[int, Pdu]:
    """Return sequence and PDU of a whole frame, header included.

    Raises:
        CmppError: the frame is none, or its body is none of its command in this version.
    """
    sequence, command = header(frame)
    known = READERS.get(command)
    body = frame[HEADER.size :]
    if known is None:
        return sequence, Other(command, body)
    name, read = known
    try:
        return sequence, read(body, version)
    except (struct.error, IndexError) as exc:
        raise CmppError(f"{name} has {len(frame)} bytes, which is none of its lengths") from exc


def header(frame: bytes) -> tuple[int, int]:
    """Return sequence and command of a frame, whatever its body is.

    Raises:
        CmppError: it is shorter than a header, or not as long as it says.
    """
    if len(frame) < HEADER.size:
        raise CmppError("a frame without a header")
    length, command, sequence = HEADER.unpack_from(frame)
    if length != len(frame):
        raise CmppError(f"a frame of {len(frame)} bytes says that it has {length}")
    return sequence, command
