"""The words of all rules in one automaton: what to look for, and which rules wait for it."""

from collections.abc import Collection, Iterable, Sequence
from itertools import chain, groupby
from math import inf
from operator import attrgetter, itemgetter

from daachorse import CharwiseDoubleArrayAhoCorasick

from config.taxonomies import Rule
from streams.labelling.normalise import fold

_START, _END = "\x02", "\x03"  # stand for ^ and $ around the title; no document holds them

Hit = tuple[int, int, int]  # start, end, number of the word
Bundles = tuple[tuple[str, tuple[int, ...]], ...]  # dimension, and its bundles in the order of its rules


class Patterns:
    """Finds every word of a set of rules in one pass; immutable once built.

    Args:
        rules: the rules.
        common: words that are not looked for where they only stand near what a rule is about.

    Attributes:
        words: all that are looked for, folded; their places are their numbers.
        anywhere: so many of them, the first, are looked for in bodies, too; the others in titles only.
        shown: the same as rules write them.
        numbers: word → number.
        bundles: rules that share dimension and terms, as a rule and its contexts do, in the order of the rules.
        takers: by number, the places in `bundles` of those that take the word as a term, by dimension.
    """

    def __init__(self, rules: Sequence[Rule], common: Collection[str] = ()) -> None:
        self.bundles = [tuple(alike) for _, alike in groupby(rules, attrgetter("dimension", "terms"))]
        lists = dict.fromkeys(bundle[0].terms for bundle in self.bundles)
        titled: dict[tuple[str, ...], None] = {}
        near = dict.fromkeys(asked.words for rule in rules for asked in rule.nearby)
        for rule in rules:
            for asked in rule.presence:
                (titled if asked.title_only else lists)[asked.words] = None
        anywhere = dict.fromkeys(chain.from_iterable(lists))
        aside: dict[str, None] = {}
        for word in chain.from_iterable(near):
            (aside if word in common else anywhere)[word] = None
        looked_for = anywhere | dict.fromkeys(chain.from_iterable(titled))
        self._written = _written(looked_for | aside)
        takers: dict[str, dict[str, tuple[int, ...]]] = {}
        for place, (rule, *_) in enumerate(self.bundles):
            for term in rule.terms:
                taken = takers.setdefault(self._written[term], {})
                taken[rule.dimension] = (*taken.get(rule.dimension, ()), place)
        self.words = tuple(dict.fromkeys((*takers, *(self._written[word] for word in looked_for))))
        self.anywhere = len({self._written[word] for word in anywhere})
        self.shown = tuple(map(_shown, self.words))
        self.numbers = {word: number for number, word in enumerate(self.words)}
        self.takers: tuple[Bundles, ...] = (
            *(tuple(taken.items()) for taken in takers.values()),
            *[()] * (len(self.words) - len(takers)),
        )
        self._automaton = _automaton(self.words[: self.anywhere])
        self._in_title = _automaton(self.words[self.anywhere :])

    def hits(self, text: str, *, title: bool = False) -> list[Hit]:
        """(start, end, number of the word) by start, the longest first; in a title the ends of it are words, too."""
        if self._automaton is None:
            return []
        if title:
            text = f"{_START}{text}{_END}"
        found: list[Hit] = self._automaton.find_overlapping(text)
        if title and self._in_title:
            found += [
                (start, end, self.anywhere + number)
                for start, end, number in self._in_title.find_overlapping(text)
            ]
            found.sort(key=itemgetter(1))
        # They come by their ends; turned round and sorted by their starts (a sort keeps what is alike in its order)
        # the longest comes first.
        found.reverse()
        found.sort(key=itemgetter(0))
        return found

    def of(self, words: Sequence[str]) -> frozenset[int]:
        """The numbers of these words, without those that are not looked for."""
        numbers, written = self.numbers, self._written
        return frozenset(numbers[word] for word in map(written.__getitem__, words) if word in numbers)

    def aside(self, words: Sequence[str]) -> tuple[str, ...]:
        """Those of these words that are not looked for in bodies, as bodies hold them."""
        numbers, written = self.numbers, self._written
        return tuple(
            word for word in map(written.__getitem__, words) if numbers.get(word, inf) >= self.anywhere
        )


def _automaton(words: Sequence[str]) -> CharwiseDoubleArrayAhoCorasick | None:
    return CharwiseDoubleArrayAhoCorasick(list(words)) if words else None


def _shown(word: str) -> str:
    if word[0] != _START and word[-1] != _END:
        return word
    return "^" * word.startswith(_START) + word.strip(_START + _END) + "$" * word.endswith(_END)


def _written(words: Iterable[str]) -> dict[str, str]:
    """Each word as it is looked for; all are folded as one text, which costs a tenth of folding them one by one."""
    inner = {word: word.removeprefix("^").removesuffix("$") for word in words}
    folded = fold("".join(inner.values()))
    found: dict[str, str] = {}
    at = 0
    for word, bare in inner.items():
        found[word] = _START * word.startswith("^") + folded[at : at + len(bare)] + _END * word.endswith("$")
        at += len(bare)
    return found
