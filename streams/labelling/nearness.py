"""Whether a word of a condition stands near a term: looked up sentence by sentence."""

import re
from bisect import bisect_left
from collections import defaultdict
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
        self._said: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        self._words: dict[int, set[int]] = defaultdict(set)
        self._longest = 0
        sentence, stop = 0, self._stops[0] if self._stops else len(text)
        for hit in hits:
            if hit[2] not in asked:
                continue
            if hit[0] > stop:
                sentence = bisect_left(self._stops, hit[0], sentence)
                stop = self._stops[sentence] if sentence < len(self._stops) else len(text)
            self._said[sentence].append(hit)
            self._words[sentence].add(hit[2])
            self._longest = max(self._longest, hit[1] - hit[0])

    def holds(self, reach: Reach, start: int, end: int) -> bool:
        """Whether one of the words stands near text[start:end], in the same sentence."""
        sentence = bisect_left(self._stops, start)
        numbers = reach.numbers
        words = self._words.get(sentence)
        if words is None or numbers.isdisjoint(words):
            return False
        in_front = start - reach.within if reach.side != "before" else start + 1
        behind = end + reach.within if reach.side != "after" else end - 1
        said = self._said[sentence]
        if len(said) > _FEW:  # a text without a full stop is one sentence, however long
            first = bisect_left(said, (in_front - self._longest,))
            said = said[first : bisect_left(said, (behind + 1,), first)]
        for left, right, number in said:
            if number in numbers and (in_front <= right <= start or end <= left <= behind):
                return True
        return False
