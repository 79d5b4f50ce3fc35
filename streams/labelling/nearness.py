"""Whether a word of a condition stands near a term: looked up sentence by sentence."""

import re
from bisect import bisect_left
from collections.abc import Container, Sequence
from dataclasses import dataclass

from config.taxonomies.rules import Side

_STOPS = re.compile(r"[。；！？\n;!?]")
_FEW = 16  # so many words of a sentence are gone through faster than the near ones among them are found


Hit = tuple[int, int, int]  # start, end, number of the word


@dataclass(frozen=True, slots=True)
class Reach:
    """Words by their numbers, and how many characters in front of the term and behind it they may stand (-1: not)."""

    numbers: frozenset[int]
    in_front: int
    behind: int


def reach_of(numbers: frozenset[int], side: Side, within: int) -> Reach:
    """The reach of a condition; `before` asks for words behind the term, which stands before them."""
    return Reach(numbers, -1 if side == "before" else within, -1 if side == "after" else within)


class Sentence:
    """The words of one sentence that conditions ask for."""

    __slots__ = ("_said", "_spots", "_words")

    def __init__(self, said: Sequence[Hit]) -> None:
        self._said = said
        self._words = {number for _, _, number in said}
        self._spots: dict[frozenset[int], tuple[Sequence[tuple[int, int]], int]] = {}

    def holds(self, reach: Reach, start: int, end: int) -> bool:
        """Whether one of the words stands near the term from `start` to `end`."""
        spots, longest = self._spots.get(reach.numbers) or self._find(reach.numbers)
        if not spots:
            return False
        first, last = start - reach.in_front, end + reach.behind
        if len(spots) > _FEW:  # a text without a full stop is one sentence, however long
            at = bisect_left(spots, (first - longest,))
            spots = spots[at : bisect_left(spots, (last + 1,), at)]
        for left, right in spots:  # noqa: SIM110 - any() costs twice as much, and this is asked a thousand times
            if first <= right <= start or end <= left <= last:
                return True
        return False

    def _find(self, numbers: frozenset[int]) -> tuple[Sequence[tuple[int, int]], int]:
        """(start, end) of each of the words, by start, and the length of the longest."""
        spots: list[tuple[int, int]] = []
        longest = 0
        if not numbers.isdisjoint(self._words):
            spots = [(left, right) for left, right, number in self._said if number in numbers]
            longest = max(right - left for left, right in spots)
        found = self._spots[numbers] = spots, longest
        return found


class Sentences:
    """The sentences of one text, each gathered when it is first asked for.

    Args:
        text: the text.
        hits: every word in it, by start.
        asked: numbers of the words that conditions ask for.
    """

    def __init__(self, text: str, hits: Sequence[Hit], asked: Container[int]) -> None:
        self._stops = [match.start() for match in _STOPS.finditer(text)]
        self._hits, self._asked = hits, asked
        self._starts = [hit[0] for hit in hits]
        self._known: dict[int, Sentence] = {}

    def at(self, offset: int) -> Sentence:
        """The sentence that holds the character at `offset`."""
        number = bisect_left(self._stops, offset)
        known = self._known.get(number)
        if known is None:
            stops, starts = self._stops, self._starts
            first = bisect_left(starts, stops[number - 1]) if number else 0
            last = bisect_left(starts, stops[number]) if number < len(stops) else len(starts)
            said = [hit for hit in self._hits[first:last] if hit[2] in self._asked]
            known = self._known[number] = Sentence(said)
        return known
