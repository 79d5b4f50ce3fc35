"""Brings a text into the spelling of the lexicon without moving a single character.

Every replacement is one character for one, so an offset into the result is an offset into the original.
"""

import re

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code - 0xFEE0).isalnum()}
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_LOWER_FULL = {code: code - 0xFEE0 + 32 for code in range(0xFF21, 0xFF3B)}
_ODD = {0x00A0: " ", 0x3000: " ", 0xFF1C: "<", 0xFF1E: ">", 0x2F00: "一"}
_TABLE: dict[int, int | str] = {**_FULL_WIDTH, **_LOWER, **_LOWER_FULL, **_ODD}
_TAIL = re.compile(r"(?:[\s》〉>]|[（(][^（）()]{0,20}[）)])+$")


def normalise(text: str) -> str:
    """The text with half-width letters and digits in lower case and plain blanks; of the same length."""
    return text.translate(_TABLE)


def bare_title(title: str) -> str:
    """The normalised title without a closing remark such as （试行） or （2024年修正）, and on one line."""
    return _TAIL.sub("", normalise(" ".join(title[:1000].split())))
