"""Texts as contents of SUBMIT and DELIVER: the parts of a long one going out, the pieces of one coming in; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from channels.sms.gateways.cmpp.pdus import UCS2

SINGLE_BYTES = 140
PART_BYTES = 134  # 140 without the header of six that says which part of which text this is
CONCATENATED, CONCATENATED_WIDE = 0x00, 0x08  # TS 23.040: a reference of one byte, of two
# ASCII is a part of GB 18030, which is what many gateways send whatever Msg_Fmt says.
CHARSETS: Mapping[int, str] = MappingProxyType({UCS2: "utf-16-be"})
OTHERWISE = "gb18030"


@dataclass(frozen=True, slots=True)
class Part:
    """A text or one part of it; where ``total`` is above 1, ``content`` begins with the header that says so."""

    content: bytes = field(repr=False)
    number: int
    total: int

    @property
    def udhi(self) -> int:
        """TP_udhi: whether there is a header."""
        return int(self.total > 1)


@dataclass(frozen=True, slots=True)
class Piece:
    """What came in one DELIVER; ``reference`` tells the long texts of one sender apart."""

    content: bytes = field(repr=False)
    number: int = 1
    total: int = 1
    reference: int = 0


def parts_of(text: str, reference: int) -> list[Part]:
    """Return ``text`` in UCS-2, in parts of up to 67 characters where it has more than 70; no character is torn.

    ``reference`` is 0 to 255; texts to one number should have different ones. A text of more than 255 parts is beyond
    CMPP; the frame's limit is far below.
    """
    raw = text.encode("utf-16-be", "replace")
    if len(raw) <= SINGLE_BYTES:
        return [Part(raw, 1, 1)]
    cut = []
    while raw:
        end = PART_BYTES
        if len(raw) > end and 0xD8 <= raw[end - 2] <= 0xDB:  # the first half of a character of four bytes
            end -= 2
        cut.append(raw[:end])
        raw = raw[end:]
    total = len(cut)
    return [
        Part(bytes((5, CONCATENATED, 3, reference, total, number)) + content, number, total)
        for number, content in enumerate(cut, 1)
    ]


def piece_of(content: bytes, udhi: int) -> Piece:
    """Return what a content says and where it belongs; a header that makes no sense is taken for text."""
    if not udhi or not content or 1 + content[0] > len(content):
        return Piece(content)
    end = 1 + content[0]
    body, at = content[end:], 1
    while at + 2 <= end:
        kind, length = content[at], content[at + 1]
        data = content[at + 2 : min(at + 2 + length, end)]
        at += 2 + length
        if (kind, len(data)) not in ((CONCATENATED, 3), (CONCATENATED_WIDE, 4)):
            continue
        *reference, total, number = data
        if 1 <= number <= total:
            return Piece(body, number, total, int.from_bytes(bytes(reference), "big"))
    return Piece(body)


def words(content: bytes, msg_fmt: int) -> str:
    """Return the text of a content, or of a long one's pieces put together."""
    return content.decode(CHARSETS.get(msg_fmt, OTHERWISE), "replace")
