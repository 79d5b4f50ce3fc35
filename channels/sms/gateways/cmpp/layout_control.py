"""Everything but SUBMIT and DELIVER on the wire: short bodies that hardly differ between the versions; pure."""

import struct

from channels.sms.gateways.cmpp.pdus import (
    V30,
    Connect,
    ConnectResp,
    DeliverResp,
    Query,
    QueryResp,
    SubmitResp,
)
from channels.sms.gateways.cmpp.wire import CmppError, fixed, read_result, text, write_result

CONNECT = struct.Struct("!6s16sBI")
PROOF = struct.Struct("!16sB")
MSG_ID = struct.Struct("!Q")
QUERY = struct.Struct("!8sB10s8x")
COUNTS = struct.Struct("!8sB10s8I")


def write_connect(pdu: Connect, _version: int) -> bytes:
    """Return the body of a CONNECT, the same in both versions."""
    return CONNECT.pack(fixed(pdu.user, 6), _digest(pdu.proof), pdu.version, pdu.timestamp)


def read_connect(body: bytes, _version: int) -> Connect:
    """Return the CONNECT of a body."""
    user, proof, version, timestamp = CONNECT.unpack(body)
    return Connect(text(user), proof, version, timestamp)


def write_connect_resp(pdu: ConnectResp, version: int) -> bytes:
    """Return the body of a CONNECT_RESP."""
    return write_result(pdu.status, version) + PROOF.pack(_digest(pdu.proof), pdu.version)


def read_connect_resp(body: bytes, version: int) -> ConnectResp:
    """Return the CONNECT_RESP of a body, of the version that was asked for."""
    if version == V30 and len(body) == 1 + PROOF.size:
        raise CmppError("the gateway answers as CMPP 2.0 does: write cmpp2:// in its URL")
    status = read_result(body[: -PROOF.size])
    return ConnectResp(status, *PROOF.unpack(body[-PROOF.size :]))


def write_submit_resp(pdu: SubmitResp, version: int) -> bytes:
    """Return the body of a SUBMIT_RESP."""
    return MSG_ID.pack(pdu.msg_id) + write_result(pdu.result, version)


def read_submit_resp(body: bytes, _version: int) -> SubmitResp:
    """Return the SUBMIT_RESP of a body, by its length."""
    return SubmitResp(_msg_id(body), read_result(body[8:]))


def write_deliver_resp(pdu: DeliverResp, version: int) -> bytes:
    """Return the body of a DELIVER_RESP."""
    return MSG_ID.pack(pdu.msg_id) + write_result(pdu.result, version)


def read_deliver_resp(body: bytes, _version: int) -> DeliverResp:
    """Return the DELIVER_RESP of a body, by its length."""
    return DeliverResp(_msg_id(body), read_result(body[8:]))


def write_query(pdu: Query, _version: int) -> bytes:
    """Return the body of a QUERY."""
    return QUERY.pack(fixed(pdu.day, 8), pdu.kind, fixed(pdu.code, 10))


def read_query(body: bytes, _version: int) -> Query:
    """Return the QUERY of a body."""
    day, kind, code = QUERY.unpack(body)
    return Query(text(day), kind, text(code))


def write_query_resp(pdu: QueryResp, _version: int) -> bytes:
    """Return the body of a QUERY_RESP."""
    return COUNTS.pack(
        fixed(pdu.day, 8),
        pdu.kind,
        fixed(pdu.code, 10),
        pdu.out_messages,
        pdu.out_users,
        pdu.out_delivered,
        pdu.out_waiting,
        pdu.out_failed,
        pdu.in_delivered,
        pdu.in_waiting,
        pdu.in_failed,
    )


def read_query_resp(body: bytes, _version: int) -> QueryResp:
    """Return the QUERY_RESP of a body."""
    day, kind, code, *counts = COUNTS.unpack(body)
    return QueryResp(text(day), kind, text(code), *counts)


def _msg_id(body: bytes) -> int:
    return int(MSG_ID.unpack(body[:8])[0])


def _digest(proof: bytes) -> bytes:
    if len(proof) != 16:
        raise CmppError("an authenticator has 16 bytes")
    return proof
