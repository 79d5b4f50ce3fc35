"""How many messages a text becomes on the air, and how many a carrier bills; pure.

The whole text counts, 【signature】 and opt-out words as well. Sources: 3GPP TS 23.038 (alphabets), TS 23.040 (parts).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_TWO = frozenset("^{}\\[~]|€\f")  # behind an escape: two septets each
SINGLE = {"gsm7": 160, "ucs2": 70}
PART = {"gsm7": 153, "ucs2": 67}


@dataclass(frozen=True)
class Segments:
    """The length of a text message.

    Attributes:
        alphabet: the one it needs.
        units: septets (``gsm7``) or UTF-16 code units (``ucs2``).
        parts: messages on the air.
        billed: messages on the bill of carriers that count every character, ASCII too, by 70 and 67.
    """

    alphabet: Literal["gsm7", "ucs2"]
    units: int
    parts: int
    billed: int


def segments(text: str) -> Segments:
    """Return how long ``text`` is."""
    wide = list(map(_utf16, text))
    billed = _parts(wide, "ucs2")
    if all(char in GSM7 or char in GSM7_TWO for char in text):
        septets = [2 if char in GSM7_TWO else 1 for char in text]
        return Segments("gsm7", sum(septets), _parts(septets, "gsm7"), billed)
    return Segments("ucs2", sum(wide), billed, billed)


def _utf16(char: str) -> int:
    return 2 if ord(char) > 0xFFFF else 1


def _parts(widths: Iterable[int], alphabet: str) -> int:
    """Return the number of parts; what takes two units is never torn apart."""
    sizes = list(widths)
    if sum(sizes) <= SINGLE[alphabet]:
        return 1
    parts, used = 1, 0
    for size in sizes:
        if used + size > PART[alphabet]:
            parts, used = parts + 1, 0
        used += size
    return parts
