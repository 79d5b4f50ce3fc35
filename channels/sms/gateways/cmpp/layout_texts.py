"""SUBMIT and DELIVER on the wire, in both versions; pure."""

import struct

from channels.sms.gateways.cmpp.pdus import V20, V30, Deliver, Submit
from channels.sms.gateways.cmpp.wire import TERMINAL, CmppError, fixed, read_content, text, write_content

MOST_NUMBERS = 100
# Up to the count of numbers, and up to the length of the content; 3.0 has a type behind each terminal id.
SUBMIT = {
    V20: struct.Struct("!Q4B10sB21s3B6s2s6s17s17s21sB"),
    V30: struct.Struct("!Q4B10sB32s4B6s2s6s17s17s21sB"),
}
DELIVER = {V20: struct.Struct("!Q21s10s3B21sB"), V30: struct.Struct("!Q21s10s3B32s2B")}


def write_submit(pdu: Submit, version: int) -> bytes:
    """Return the body of a SUBMIT."""
    if not 1 <= len(pdu.numbers) <= MOST_NUMBERS:
        raise CmppError(f"a SUBMIT goes to 1 to {MOST_NUMBERS} numbers, not to {len(pdu.numbers)}")
    wide, width = version == V30, TERMINAL[version]
    head = SUBMIT[version].pack(
        pdu.msg_id,
        pdu.pk_total,
        pdu.pk_number,
        pdu.registered_delivery,
        pdu.msg_level,
        fixed(pdu.service_id, 10),
        pdu.fee_user_type,
        fixed(pdu.fee_number, width),
        *((pdu.fee_number_type,) if wide else ()),
        pdu.pid,
        pdu.udhi,
        pdu.msg_fmt,
        fixed(pdu.msg_src, 6),
        fixed(pdu.fee_type, 2),
        fixed(pdu.fee_code, 6),
        fixed(pdu.valid_time, 17),
        fixed(pdu.at_time, 17),
        fixed(pdu.src_id, 21),
        len(pdu.numbers),
    )
    numbers = b"".join([fixed(number, width).ljust(width, b"\0") for number in pdu.numbers])
    number_type = struct.pack("!B", pdu.number_type) if wide else b""
    return head + numbers + number_type + write_content(pdu.content, pdu.link_id, version)


def read_submit(body: bytes, version: int) -> Submit:
    """Return the SUBMIT of a body."""
    wide, width, head = version == V30, TERMINAL[version], SUBMIT[version]
    msg_id, total, number, registered, level, service, fee_user, fee_number, *rest = head.unpack_from(body)
    fee_number_type = rest.pop(0) if wide else 0
    pid, udhi, fmt, msg_src, fee_type, fee_code, valid, at, src_id, count = rest
    end = head.size + count * width
    if not 1 <= count <= MOST_NUMBERS:
        raise CmppError(f"a SUBMIT to {count} numbers")
    content, link_id = read_content(body, end + wide, version)
    return Submit(
        src_id=text(src_id),
        numbers=tuple(text(body[begin : begin + width]) for begin in range(head.size, end, width)),
        content=content,
        msg_src=text(msg_src),
        service_id=text(service),
        msg_fmt=fmt,
        udhi=udhi,
        pk_total=total,
        pk_number=number,
        registered_delivery=registered,
        msg_level=level,
        fee_user_type=fee_user,
        fee_number=text(fee_number),
        fee_number_type=fee_number_type,
        fee_type=text(fee_type),
        fee_code=text(fee_code),
        valid_time=text(valid),
        at_time=text(at),
        pid=pid,
        number_type=body[end] if wide else 0,
        link_id=link_id,
        msg_id=msg_id,
    )


def write_deliver(pdu: Deliver, version: int) -> bytes:
    """Return the body of a DELIVER."""
    head = DELIVER[version].pack(
        pdu.msg_id,
        fixed(pdu.dest_id, 21),
        fixed(pdu.service_id, 10),
        pdu.pid,
        pdu.udhi,
        pdu.msg_fmt,
        fixed(pdu.number, TERMINAL[version]),
        *((pdu.number_type,) if version == V30 else ()),
        pdu.registered_delivery,
    )
    return head + write_content(pdu.content, pdu.link_id, version)


def read_deliver(body: bytes, version: int) -> Deliver:
    """Return the DELIVER of a body."""
    head = DELIVER[version]
    msg_id, dest_id, service, pid, udhi, fmt, number, *types, registered = head.unpack_from(body)
    content, link_id = read_content(body, head.size, version)
    return Deliver(
        msg_id=msg_id,
        dest_id=text(dest_id),
        number=text(number),
        content=content,
        registered_delivery=registered,
        msg_fmt=fmt,
        udhi=udhi,
        pid=pid,
        service_id=text(service),
        number_type=types[0] if types else 0,
        link_id=link_id,
    )
