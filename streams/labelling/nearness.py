"""Whether a word of a condition stands near a term: looked up sentence by sentence."""

import re
from bisect import bisect_left
from collections.abc import Container, Sequence
from dataclasses import dataclass

from config.taxonomies.rules import Side

_STOPS = re.compile(r"[。；！？\n;!?]")
_FEW = 16  # so many words of a sentence are gone through faster than the near ones among them are found


@dataclass(frozen=True)
class Reach:
    """Words by their numbers, the side of the term that they are asked for, and how many characters away."""

    numbers: frozenset[int]
    side: Side
    within: int


class Nearness:
    """The sentences of one text and the words in them.

    Args:
        text: the text.
        hits: (start, end, number) of every word in it, by start.
        asked: numbers of the words that conditions ask for.
    """

    def __init__(self, text: str, hits: Sequence[tuple[int, int, int]], asked: Container[int]) -> None:
        self._stops = [match.start() for match in _STOPS.finditer(text)]
        self._hits, self._asked = hits, asked
        self._starts = [hit[0] for hit in hits]
        self._said: dict[int, Sequence[tuple[int, int, int]]] = {}
        self._spots: dict[tuple[int, frozenset[int]], tuple[Sequence[tuple[int, int]], int]] = {}

    def holds(self, reach: Reach, start: int, end: int) -> bool:
        """Whether one of the words stands near text[start:end], in the same sentence."""
        key = (bisect_left(self._stops, start), reach.numbers)
        found = self._spots.get(key)
        if found is None:
            found = self._spots[key] = self._find(*key)
        spots, longest = found
        if not spots:
            return False
        in_front = start - reach.within if reach.side != "before" else start + 1
        behind = end + reach.within if reach.side != "after" else end - 1
        if len(spots) > _FEW:  # a text without a full stop is one sentence, however long
            first = bisect_left(spots, (in_front - longest,))
            spots = spots[first : bisect_left(spots, (behind + 1,), first)]
        for left, right in spots:  # noqa: SIM110 - any() costs twice as much, and this is asked a thousand times
            if in_front <= right <= start or end <= left <= behind:
                return True
        return False

    def _find(self, sentence: int, numbers: frozenset[int]) -> tuple[Sequence[tuple[int, int]], int]:
        """(start, end) of each of the words in a sentence, by start, and the length of the longest."""
        said = self._said.get(sentence)
        if said is None:
            stops, starts = self._stops, self._starts
            first = bisect_left(starts, stops[sentence - 1]) if sentence else 0
            last = bisect_left(starts, stops[sentence]) if sentence < len(stops) else len(starts)
            said = self._said[sentence] = [hit for hit in self._hits[first:last] if hit[2] in self._asked]
        spots = [(left, right) for left, right, number in said if number in numbers]
        return spots, max((right - left for left, right in spots), default=0)
