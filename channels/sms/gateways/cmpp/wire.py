"""The bytes of CMPP below its commands: fixed texts, contents, results, and a stream cut into frames; pure."""

import struct
from collections.abc import Iterator

from channels.sms.gateways.cmpp.pdus import V20, V30

HEADER = struct.Struct("!III")  # Total_Length, Command_Id, Sequence_Id
MOST_BYTES = 8192  # a SUBMIT of 3.0 to 100 numbers has 3.7 KB; nothing in CMPP is longer
TERMINAL = {V20: 21, V30: 32}  # bytes of a terminal id
TAIL = {V20: 8, V30: 20}  # Reserve, LinkID
RESULT = {V20: struct.Struct("!B"), V30: struct.Struct("!I")}


class CmppError(ValueError):
    """What came is no CMPP, or what was to go cannot be said in it.

    The message says which field or length. Coming from a gateway, it is usually one of another version: ``cmpp2://``
    in its URL speaks 2.0, ``cmpp://`` 3.0.
    """


def fixed(value: str, width: int) -> bytes:
    """Return an Octet String; `struct` pads it.

    Raises:
        CmppError: it is longer than ``width``, or holds something else than ASCII. Values are not named: they may be
            numbers of people.
    """
    try:
        raw = value.encode("ascii")
    except UnicodeEncodeError as exc:
        raise CmppError(f"a field of {width} bytes takes nothing but ASCII") from exc
    if len(raw) > width or b"\0" in raw:
        raise CmppError(f"{len(raw)} characters do not fit into a field of {width} bytes, or hold a NUL")
    return raw


def text(raw: bytes) -> str:
    """Return what an Octet String says, up to its padding."""
    return raw.partition(b"\0")[0].decode("ascii", "replace")


def write_content(content: bytes, link_id: str, version: int) -> bytes:
    """Return Msg_Length, Msg_Content and what ends a SUBMIT or DELIVER: LinkID, or the reserved bytes of 2.0."""
    if len(content) > 255:
        raise CmppError(f"a content of {len(content)} bytes")
    tail = fixed(link_id, TAIL[V30]) if version == V30 else b""
    return bytes((len(content),)) + content + tail.ljust(TAIL[version], b"\0")


def read_content(body: bytes, at: int, version: int) -> tuple[bytes, str]:
    """Return content and LinkID of a body whose Msg_Length is at ``at``; some gateways leave the end out.

    Raises:
        CmppError: the length does not fit to the body's.
    """
    begin, end = at + 1, at + 1 + body[at]
    left = len(body) - end
    if left not in (0, *TAIL.values()):
        raise CmppError(f"a content of {body[at]} bytes leaves {left} behind it")
    return body[begin:end], text(body[end:]) if version == V30 else ""


def write_result(result: int, version: int) -> bytes:
    """Return a Result or Status in the version's width."""
    return RESULT[version].pack(result)


def read_result(raw: bytes) -> int:
    """Return a Result or Status, of one byte or of four: gateways mix them up.

    Raises:
        CmppError: another length.
    """
    if len(raw) not in (1, 4):
        raise CmppError(f"a result of {len(raw)} bytes")
    return int.from_bytes(raw, "big")


class Frames:
    """Cuts a stream into frames, header included."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next bytes and yield every frame that is whole by now; to be run to its end.

        Raises:
            CmppError: a length that no frame can have. Behind it nothing can be understood: end the connection.
        """
        buffer = self._buffer
        buffer += data
        begin = 0
        try:
            while len(buffer) - begin >= HEADER.size:
                length = int.from_bytes(buffer[begin : begin + 4], "big")
                if not HEADER.size <= length <= MOST_BYTES:
                    raise CmppError(f"a frame cannot have {length} bytes")
                if len(buffer) - begin < length:
                    return
                frame = bytes(buffer[begin : begin + length])
                begin += length
                yield frame
        finally:
            del buffer[:begin]
