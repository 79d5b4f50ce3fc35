"""What stands near a term: the words of its sentence, gathered when it is first asked for."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import reduce
from operator import itemgetter, or_

from streams.labelling.conditions import Condition, Reach
from streams.labelling.patterns import Hit

_STOPS = re.compile(r"[。；！？\n;!?]")
_start, _bits = itemgetter(0), itemgetter(2)
_FEW = 24  # so many words are gone through faster than the near ones among them are found


class Sentence:
    """The words of one sentence that conditions ask for.

    Attributes:
        said: bits of the lists of which it holds a word, and of the tests that its document passes.
        stop: offset of the mark that ends it.
    """

    __slots__ = ("_first", "_longest", "_text", "_words", "said", "stop")

    def __init__(
        self, text: str, first: int, stop: int, words: Sequence[tuple[int, int, int]] = (), passed: int = 0
    ) -> None:
        self._text = text
        self._first = first
        self._words = words
        self._longest = 0
        self.said = reduce(or_, map(_bits, words), passed)
        self.stop = stop

    def unmet(self, condition: Condition, start: int, end: int) -> str:
        """What of a condition the term from `start` to `end` does not meet, "" if it meets all."""
        said, words = self.said, self._words
        for bit, name in condition.tests:
            if not bit & said:
                return name
        for reach in condition.nearby:
            near, bit = False, reach.bit
            if bit & said:
                first, last = start - reach.in_front, end + reach.behind
                for left, right, bits in words if len(words) <= _FEW else self._around(first, last):
                    if left > last and left > start:
                        break
                    if (first <= right <= start or end <= left <= last) and bits & bit:
                        near = True
                        break
            if reach.common and not near:
                near = self._holds(reach, start, end)
            if near != reach.wanted:
                return reach.name
        return ""

    def _holds(self, reach: Reach, start: int, end: int) -> bool:
        """Whether one of the common words of a list stands near the term from `start` to `end`."""
        text = self._text
        first, last = start - reach.in_front, min(end + reach.behind, self.stop - 1)
        for word in reach.common:
            if reach.in_front >= 0 and text.find(word, max(first - len(word), self._first), start) >= 0:
                return True
            if reach.behind >= 0 and text.find(word, end, last + len(word)) >= 0:
                return True
        return False

    def _around(self, first: int, last: int) -> Sequence[tuple[int, int, int]]:
        """The words that may stand between two offsets; a text without a full stop is one sentence, however long."""
        words = self._words
        self._longest = self._longest or max(right - left for left, right, _ in words)
        at = bisect_left(words, (first - self._longest,))
        return words[at : bisect_left(words, (last + 1,), at)]


class Sentences:
    """The sentences of one text.

    Args:
        text: the text.
        hits: every word in it, by start.
        bits: by the number of a word, see `Conditions`.
        passed: bits of the tests that its document passes.
    """

    def __init__(self, text: str, hits: Sequence[Hit], bits: Sequence[int], passed: int) -> None:
        self._text = text
        self._words = [(start, end, asked) for start, end, number in hits if (asked := bits[number])]
        self._starts = list(map(_start, self._words))
        self._stops = [match.start() for match in _STOPS.finditer(text)]
        self._stops.append(len(text))
        self._passed = passed

    def at(self, offset: int) -> Sentence:
        """The sentence that holds the character at `offset`."""
        stops, starts = self._stops, self._starts
        number = bisect_left(stops, offset)
        left, right = stops[number - 1] if number else 0, stops[number]
        first = bisect_left(starts, left)
        words = self._words[first : bisect_left(starts, right, first)]
        return Sentence(self._text, left, right, words, self._passed)
