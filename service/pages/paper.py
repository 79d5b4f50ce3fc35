"""Texts cut to the paper they must fit on, pure. Lengths are in full-width characters; a Latin letter is about half."""

import math
from collections.abc import Iterable
from unicodedata import east_asian_width

ENDS = "。！？；!?;"
NARROW = 0.55
INDENT = 2.0  # of a paragraph's first line
MORE = "…"


def breadth(text: str) -> float:
    """Return how broad ``text`` is, in full-width characters."""
    return sum(1.0 if east_asian_width(char) in "WFA" else NARROW for char in text)


def lines(text: str, per_line: float, indent: float = 0.0) -> int:
    """Return how many lines of ``per_line`` characters ``text`` takes; an empty one takes its line, too."""
    return max(1, math.ceil((breadth(text) + indent) / per_line))


def cut(text: str, most: float) -> str:
    """Return ``text``, or as many whole sentences of it as are at most ``most`` broad; one too long ends in ``…``."""
    if breadth(text) <= most:
        return text
    kept = text[: _fitting(text, most)]
    end = max(kept.rfind(char) for char in ENDS) + 1
    if end > 0:
        return kept[:end]
    return kept[: _fitting(kept, most - breadth(MORE))] + MORE


def excerpt(paragraphs: Iterable[str], room: int, per_line: float) -> tuple[list[str], bool]:
    """Return as much of a text as ``room`` lines hold, cut at the end of a sentence, and whether it goes on."""
    kept: list[str] = []
    for paragraph in paragraphs:
        taken = lines(paragraph, per_line, INDENT)
        if taken <= room:
            kept.append(paragraph)
            room -= taken
            continue
        # A line may break early where a word or a sign does not fit: a character a line is kept in hand.
        if room > 0:
            kept.append(cut(paragraph, room * (per_line - 1) - INDENT))
        return kept, True
    return kept, False


def _fitting(text: str, most: float) -> int:
    used = 0.0
    for at, char in enumerate(text):
        used += 1.0 if east_asian_width(char) in "WFA" else NARROW
        if used > most:
            return at
    return len(text)
