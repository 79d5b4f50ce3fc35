"""The words of all rules in one automaton: what to look for, and which rules wait for it."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from operator import itemgetter

from daachorse import CharwiseDoubleArrayAhoCorasick

from config.taxonomies import Rule
from streams.labelling.normalise import fold

_START, _END = "\x02", "\x03"  # stand for ^ and $ around the title; no document holds them


class Patterns:
    """Finds every word of a set of rules in one pass; immutable once built.

    Attributes:
        words: all of them, folded; their places are their numbers.
        shown: the same as rules write them.
        numbers: word → number.
        takers: by number, the rules that take the word as a term, a group for each dimension.
        asked: numbers of the words that conditions ask for.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        takers: dict[str, dict[str, list[Rule]]] = defaultdict(lambda: defaultdict(list))
        conditions: dict[tuple[str, ...], None] = {}
        asked: dict[str, None] = {}
        for rule in rules:
            for term in rule.terms:
                takers[_written(term)][rule.dimension].append(rule)
            conditions.update(dict.fromkeys(c.words for c in rule.nearby))
            conditions.update(dict.fromkeys(c.words for c in rule.presence))
        for listed in conditions:
            asked.update(dict.fromkeys(map(_written, listed)))
        self.words = (*takers, *(word for word in asked if word not in takers))
        self.shown = tuple(map(_shown, self.words))  # as rules write them
        self.numbers = {word: number for number, word in enumerate(self.words)}
        self.takers = tuple(
            tuple((dimension, tuple(found)) for dimension, found in takers.get(word, {}).items())
            for word in self.words
        )
        self.asked = frozenset(self.numbers[word] for word in asked)
        self._sets: dict[tuple[str, ...], frozenset[int]] = {}
        self._automaton = CharwiseDoubleArrayAhoCorasick(list(self.words)) if self.words else None

    def hits(self, text: str, *, title: bool = False) -> list[tuple[int, int, int]]:
        """(start, end, number of the word) by start, the longest first; in a title the ends of it are words, too."""
        if self._automaton is None:
            return []
        found: list[tuple[int, int, int]] = self._automaton.find_overlapping(
            f"{_START}{text}{_END}" if title else text
        )
        found.sort(
            key=itemgetter(1), reverse=True
        )  # two sorts without a function of ours cost half of one with it
        found.sort(key=itemgetter(0))
        return found

    def of(self, words: Sequence[str]) -> frozenset[int]:
        """The numbers of these words."""
        known = self._sets.get(tuple(words))
        if known is None:
            known = self._sets[tuple(words)] = frozenset(self.numbers[_written(word)] for word in words)
        return known


def _shown(word: str) -> str:
    return "^" * word.startswith(_START) + word.strip(_START + _END) + "$" * word.endswith(_END)


@cache  # of every word of a context for every rule that it holds for, each is folded once
def _written(word: str) -> str:
    inner = fold(word.removeprefix("^").removesuffix("$"))
    return _START * word.startswith("^") + inner + _END * word.endswith("$")
