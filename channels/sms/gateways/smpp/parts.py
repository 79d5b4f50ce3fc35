"""A text as the messages that it is cut into; pure.

Everything goes out as UCS-2: a text that begins with 【signature】 has nothing else to go in. Sources: 3GPP TS 23.040,
9.2.3.24.1 (parts marked in the user data); SMPP 3.4, 5.3.2.22 to 5.3.2.24 and 5.3.2.32 (parameters).
"""

import zlib
from dataclasses import dataclass

from smpp34 import (
    SubmitSm,
    Tlv,
)

from channels.sms.gateways.gateway import Text
from channels.sms.gateways.smpp.pdu import (
    MESSAGE_PAYLOAD,
    SAR_INDEX,
    SAR_REFERENCE,
    SAR_TOTAL,
)
from channels.sms.gateways.smpp.place import Long, Place

UCS2 = 8
SINGLE_BYTES = 140
PART_BYTES = 134  # beside the six of the mark
MARKED = 0x40  # esm_class: the user data begin with a header
MOST_PARTS = 255


@dataclass(frozen=True)
class Part:
    """What one ``submit_sm`` carries."""

    body: bytes
    esm_class: int = 0
    parameters: tuple[Tlv, ...] = ()


def parts_of(text: str, delivery_id: str, long: Long = "udh") -> list[Part]:
    """Return the parts of ``text``, at least one.

    A text that goes again has the marks that it had, so that a telephone puts the parts of both together.

    Raises:
        ValueError: the text has half a character in it (UnicodeEncodeError), or no number of parts holds it.
    """
    data = text.encode("utf-16-be")
    if len(data) <= SINGLE_BYTES:
        return [Part(data)]
    if long == "payload":
        return [Part(b"", 0, (Tlv(MESSAGE_PAYLOAD, data),))]
    pieces = _cut(data)
    if len(pieces) > MOST_PARTS:
        raise ValueError(f"{len(pieces)} parts are more than {MOST_PARTS}")
    mark = zlib.crc32(delivery_id.encode())
    if long == "sar":
        return [
            Part(
                piece,
                0,
                (
                    Tlv(SAR_REFERENCE, (mark & 0xFFFF).to_bytes(2, "big")),
                    Tlv(SAR_TOTAL, bytes((len(pieces),))),
                    Tlv(SAR_INDEX, bytes((number,))),
                ),
            )
            for number, piece in enumerate(pieces, 1)
        ]
    return [
        Part(bytes((5, 0, 3, mark & 0xFF, len(pieces), number)) + piece, MARKED)
        for number, piece in enumerate(pieces, 1)
    ]


def _cut(data: bytes) -> list[bytes]:
    """Cut UTF-16 so that no character is torn."""
    pieces, at = [], 0
    while at < len(data):
        end = at + PART_BYTES
        if end < len(data) and 0xD8 <= data[end - 2] <= 0xDB:
            end -= 2
        pieces.append(data[at:end])
        at = end
    return pieces


def submit_sm(place: Place, text: Text, part: Part, sequence: int) -> bytes:
    """Return the PDU of a part of ``text``; the number is international, in the plan of ISDN."""
    message = SubmitSm(
        place.source,
        text.number.removeprefix("+"),
        part.body,
        service_type=place.service_type,
        source_addr_ton=place.ton,
        source_addr_npi=place.npi,
        dest_addr_ton=1,
        dest_addr_npi=1,
        esm_class=part.esm_class,
        registered_delivery=int(text.wants_report),
        data_coding=UCS2,
        tlvs=list(part.parameters),
        sequence_number=sequence,
    )
    return message.encode()
