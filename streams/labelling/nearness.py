"""What stands near a term: the words of its sentence, gathered when it is first asked for."""

import re
from bisect import bisect_left
from collections.abc import Sequence

from streams.labelling.conditions import Condition
from streams.labelling.patterns import Hit

_STOPS = re.compile(r"[。；！？\n;!?]")
_FEW = 24  # so many words are gone through faster than the near ones among them are found


class Sentence:
    """The words of one sentence that conditions ask for.

    Attributes:
        said: bits of the lists of which it holds a word, and of the tests that its document passes.
        stop: offset of the mark that ends it.
    """

    __slots__ = ("_longest", "_words", "said", "stop")

    def __init__(self, words: Sequence[tuple[int, int, int]], passed: int, stop: int) -> None:
        self._words = words
        self._longest = 0
        for _, _, bits in words:
            passed |= bits
        self.said = passed
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
            if near != reach.wanted:
                return reach.name
        return ""

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
        self._words = [(start, end, asked) for start, end, number in hits if (asked := bits[number])]
        self._stops = [match.start() for match in _STOPS.finditer(text)]
        self._stops.append(len(text))
        self._passed = passed

    def at(self, offset: int) -> Sentence:
        """The sentence that holds the character at `offset`."""
        stops, words = self._stops, self._words
        number = bisect_left(stops, offset)
        first = bisect_left(words, (stops[number - 1],)) if number else 0
        last = bisect_left(words, (stops[number],), first)
        return Sentence(words[first:last], self._passed, stops[number])
