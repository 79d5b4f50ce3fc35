"""The words of all rules in one automaton: what to look for, and which rules wait for it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
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
        in_body: whether mentions in a body say something to a rule. A term whose mentions there say nothing to any, and
            keep no shorter term from being read, is looked for in titles only.

    Attributes:
        words: all that are looked for, folded; their places are their numbers.
        anywhere: so many of them, the first, are looked for in bodies, too; the others in titles only.
        shown: the same as rules write them.
        numbers: word → number.
        bundles: rules that share dimension and terms, as a rule and its contexts do, in the order of the rules.
        takers: by number, the places in `bundles` of those that take the word as a term, by dimension.
        in_bodies: the same, as far as mentions in bodies matter to them.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        common: Collection[str] = (),
        in_body: Callable[[Rule], bool] = lambda rule: True,
    ) -> None:
        self.bundles = [tuple(alike) for _, alike in groupby(rules, attrgetter("dimension", "terms"))]
        terms = dict.fromkeys(bundle[0].terms for bundle in self.bundles)
        near: dict[tuple[str, ...], None] = {}
        titled: dict[tuple[str, ...], None] = {}
        asked_for: dict[tuple[str, ...], None] = {}
        for rule in rules:
            (near if in_body(rule) else titled).update((asked.words, None) for asked in rule.nearby)
            for asked in rule.presence:
                (titled if asked.title_only else asked_for)[asked.words] = None
        anywhere = dict.fromkeys(chain.from_iterable(asked_for))
        aside: dict[str, None] = {}
        for word in chain.from_iterable(near):
            tied = word.startswith("^") or word.endswith(
                "$"
            )  # to an end of the title, which only a hit can tell
            (aside if word in common and not tied else anywhere)[word] = None
        elsewhere = dict.fromkeys(chain.from_iterable((*terms, *titled)))
        self._written = _written(anywhere | elsewhere | aside)
        taken: dict[str, dict[str, tuple[int, ...]]] = defaultdict(dict)
        for place, (rule, *_) in enumerate(self.bundles):
            for term in dict.fromkeys(map(self._written.__getitem__, rule.terms)):  # two spellings are one
                own = taken[term]
                own[rule.dimension] = (*own.get(rule.dimension, ()), place)
        takers: dict[str, Bundles] = {word: tuple(own.items()) for word, own in taken.items()}
        heard = {place for place, bundle in enumerate(self.bundles) if any(map(in_body, bundle))}
        in_bodies = dict(_in_bodies(takers, heard))
        first = dict.fromkeys((*in_bodies, *map(self._written.__getitem__, anywhere)))
        self.anywhere = len(first)
        self.words = tuple(first | dict.fromkeys(map(self._written.__getitem__, elsewhere)))
        self.shown = tuple(map(_shown, self.words))
        self.numbers = {word: number for number, word in enumerate(self.words)}
        self.takers = tuple(takers.get(word, ()) for word in self.words)
        self.in_bodies = tuple(in_bodies.get(word, ()) for word in first)
        self._automaton = _automaton(self.words[: self.anywhere])
        self._in_title = _automaton(self.words[self.anywhere :])

    def hits(self, text: str, *, title: bool = False) -> list[Hit]:
        """(start, end, number of the word) by start, the longest first; in a title the ends of it are words, too."""
        if title:
            text = f"{_START}{text}{_END}"
        found: list[Hit] = self._automaton.find_overlapping(text) if self._automaton else []
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


def _in_bodies(takers: Mapping[str, Bundles], heard: Set[int]) -> Iterator[tuple[str, Bundles]]:
    """Terms that mean something in a body, with those they mean it to.

    A mention says something to the bundles that are heard; in other dimensions it only keeps from being read what it
    holds, so it matters if that would say something there.
    """
    saying: dict[str, set[str]] = defaultdict(set)
    silent: set[str] = set()
    for word, bundles in takers.items():
        for dimension, places in bundles:
            if heard.isdisjoint(places):
                silent.add(word)
            else:
                saying[dimension].add(word)
    for word, bundles in takers.items():
        if word in silent:
            ends = range(1, len(word) + 1)
            parts = [word[start:end] for end in ends for start in range(end)]  # and the word itself
            bundles = tuple(own for own in bundles if not saying[own[0]].isdisjoint(parts))
        if bundles:
            yield word, bundles


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
