"""Which pairs of characters a text may hold: a small table that rules most words out without looking into the text."""

from collections.abc import Iterable, Sequence

import numpy as np

BITS = 16  # 8 KB a text; 10,000 characters of Chinese set some 5 % of it
_FACTOR = np.uint32(0x9E3779B1)

Pairs = bytes


def pairs_of(text: str) -> Pairs:
    """Return the table of a text."""
    held = np.zeros(1 << BITS, dtype=np.bool_)
    held[_places(text)] = True
    return np.packbits(held, bitorder="little").tobytes()


def places_of(words: Iterable[str]) -> Sequence[tuple[int, ...]]:
    """Return where each word's pairs stand in a table, to be asked of many tables."""
    return [tuple(sorted(set(_places(word).tolist()))) for word in words]


def may_hold_any(pairs: Pairs, places: Iterable[Sequence[int]]) -> bool:
    """Whether the text may hold one of the words; False is certain. A word of one character is always possible."""
    return any(all(pairs[at >> 3] >> (at & 7) & 1 for at in word) for word in places)


def _places(text: str) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    letters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    mixed = (letters[:-1] * _FACTOR) ^ letters[1:]
    return (mixed * _FACTOR) >> np.uint32(32 - BITS)
