"""What stands near a term: the words of its sentence, gathered when it is first asked for."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import reduce
from operator import itemgetter, or_

from streams.labelling.conditions import Condition
from streams.labelling.patterns import Hit

_STOPS = re.compile(r"[。；！？\n;!?]")
_FEW = 16  # so many words of a sentence are gone through faster than the near ones among them are found

Spots = tuple[Sequence[tuple[int, int]], int]  # (start, end) by start, and the length of the longest


class Sentence:
    """The words of one sentence that conditions ask for.

    Attributes:
        said: bits of the lists of which it holds a word, and of the tests that its document passes.
        stop: offset of the mark that ends it.
    """

    __slots__ = ("_bits", "_hits", "_spots", "said", "stop")

    def __init__(self, hits: Sequence[Hit], bits: Sequence[int], passed: int, stop: int) -> None:
        self._hits, self._bits = hits, bits
        self._spots: dict[int, Spots] = {}
        self.said = reduce(or_, bits, passed)
        self.stop = stop

    def unmet(self, condition: Condition, start: int, end: int) -> str:
        """What of a condition the term from `start` to `end` does not meet, "" if it meets all."""
        said = self.said
        for bit, name in condition.tests:
            if not bit & said:
                return name
        for reach in condition.nearby:
            near = False
            if reach.bit & said:
                first, last = start - reach.in_front, end + reach.behind
                for left, right in self._within(reach.bit, first, last):
                    if first <= right <= start or end <= left <= last:
                        near = True
                        break
            if near != reach.wanted:
                return reach.name
        return ""

    def _within(self, bit: int, first: int, last: int) -> Sequence[tuple[int, int]]:
        """(start, end) of the words of a list, at least of those that stand between the two offsets."""
        known = self._spots.get(bit)
        if known is None:
            found = [hit[:2] for hit, bits in zip(self._hits, self._bits, strict=True) if bits & bit]
            longest = max(right - left for left, right in found)
            known = self._spots[bit] = found, longest
        spots, longest = known
        if len(spots) <= _FEW:
            return spots
        at = bisect_left(
            spots, (first - longest,)
        )  # a text without a full stop is one sentence, however long
        return spots[at : bisect_left(spots, (last + 1,), at)]


class Sentences:
    """The sentences of one text.

    Args:
        text: the text.
        hits: every word in it, by start.
        bits: by the number of a word, see `Conditions`.
        passed: bits of the tests that its document passes.
    """

    def __init__(self, text: str, hits: Sequence[Hit], bits: Sequence[int], passed: int) -> None:
        self._stops = [match.start() for match in _STOPS.finditer(text)]
        self._hits, self._passed = hits, passed
        self._starts = list(map(itemgetter(0), hits))
        self._bits = list(map(bits.__getitem__, map(itemgetter(2), hits)))
        self._end = len(text)

    def at(self, offset: int) -> Sentence:
        """The sentence that holds the character at `offset`."""
        stops, starts = self._stops, self._starts
        number = bisect_left(stops, offset)
        first = bisect_left(starts, stops[number - 1]) if number else 0
        stop = stops[number] if number < len(stops) else self._end
        last = bisect_left(starts, stop, first)
        return Sentence(self._hits[first:last], self._bits[first:last], self._passed, stop)
