"""SMPP 3.4 on the wire: frames, and the few bodies that are written or read by hand; pure.

Source: SMPP Protocol Specification 3.4, issue 1.2, chapters 3 to 5. ``submit_sm`` and ``deliver_sm`` are smpp34's.
"""

import struct
from dataclasses import dataclass

HEADER = struct.Struct(">IIII")  # length of all of it, command, status, sequence number
# A text of 64 KiB in a parameter, and whatever stands around it: nobody sends longer ones.
MOST_BYTES = 70_000
LAST_SEQUENCE = 0x7FFFFFFF
VERSION = 0x34

RESPONSE = 0x80000000
GENERIC_NACK = 0x80000000
BIND_RECEIVER = 0x01
BIND_TRANSMITTER = 0x02
SUBMIT_SM = 0x04
DELIVER_SM = 0x05
UNBIND = 0x06
BIND_TRANSCEIVER = 0x09
OUTBIND = 0x0B
ENQUIRE_LINK = 0x15
ALERT_NOTIFICATION = 0x102

OK = 0x00
INVALID_COMMAND = 0x03
QUEUE_FULL = 0x14
NOT_NOW = 0x64  # ESME_RX_T_APPN: come again
NEVER = 0x66  # ESME_RX_R_APPN: do not

# Parameters (TLV): 5.3.2 of the specification.
RECEIPTED_MESSAGE_ID = 0x001E
SAR_REFERENCE = 0x020C
SAR_TOTAL = 0x020E
SAR_INDEX = 0x020F
NETWORK_ERROR_CODE = 0x0423
MESSAGE_PAYLOAD = 0x0424
MESSAGE_STATE = 0x0427


class BrokenStreamError(ValueError):
    """What came is not SMPP: the far side is another program, or the stream lost its beat. The connection ends."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A whole PDU; ``raw`` begins with the header."""

    command: int
    status: int
    sequence: int
    raw: bytes

    @property
    def text(self) -> str:
        """The C string at the beginning of the body: the message's id in ``submit_sm_resp``; maybe empty."""
        return self.raw[HEADER.size :].partition(b"\0")[0].decode("latin-1").strip()


class Frames:
    """Cuts a stream into frames."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that ``data`` completes.

        Raises:
            BrokenStreamError: a length cannot be one.
        """
        data = self._rest + data if self._rest else data
        found, at = [], 0
        while len(data) - at >= HEADER.size:
            length, command, status, sequence = HEADER.unpack_from(data, at)
            if not HEADER.size <= length <= MOST_BYTES:
                raise BrokenStreamError(f"a PDU of {length} bytes")
            if len(data) - at < length:
                break
            found.append(Frame(command, status, sequence, data[at : at + length]))
            at += length
        self._rest = data[at:]
        return found


def frame(command: int, sequence: int, status: int = OK, body: bytes = b"") -> bytes:
    """Return a PDU as it goes out."""
    return HEADER.pack(HEADER.size + len(body), command, status, sequence) + body


def bind_body(system_id: str, password: str, system_type: str) -> bytes:
    """Return the body of a bind, for any address.

    Raises:
        ValueError: a word has more than ASCII in it.
    """
    words = b"".join(word.encode("ascii") + b"\0" for word in (system_id, password, system_type))
    return words + bytes((VERSION, 0, 0, 0))


def deliver_answer(sequence: int, status: int) -> bytes:
    """Return ``deliver_sm_resp``; its message id is unused and empty."""
    return frame(DELIVER_SM | RESPONSE, sequence, status, b"\0")
