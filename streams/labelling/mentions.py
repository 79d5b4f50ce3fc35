"""One pass of an automaton over title and body finds every term of the lexicon."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from daachorse import CharwiseDoubleArrayAhoCorasick

from config.taxonomies import Term
from streams.labelling.layout import MASKED, SEGMENT_NAMES
from streams.labelling.model import Mention

_START, _END = "\x02", "\x03"  # stand for ^ and $ around the title; no document holds them


class TermFinder:
    """Finds the terms of a lexicon; immutable once built, building takes some milliseconds."""

    def __init__(self, terms: Sequence[Term]) -> None:
        by_pattern: dict[str, list[Term]] = defaultdict(list)
        for term in terms:
            by_pattern[_pattern(term.text)].append(term)
        self._terms = tuple(tuple(found) for found in by_pattern.values())
        self._automaton = CharwiseDoubleArrayAhoCorasick(list(by_pattern)) if by_pattern else None

    def in_title(self, title: str) -> Iterator[Mention]:
        """Mentions in a bare title (see `bare_title`); of nested terms of a dimension only the longest."""
        for term, _, _ in self._longest(f"{_START}{title}{_END}"):
            if "title" in term.where:
                yield Mention(term, "title", 0, 0)

    def in_body(self, body: str, kinds: bytearray) -> Iterator[Mention]:
        """Mentions in a normalised body, outside what its layout masks, in order of their start."""
        for term, start, end in self._longest(body):
            kind = kinds[start]
            if kind == MASKED or kinds[end - 1] == MASKED:
                continue
            segment = SEGMENT_NAMES[kind]
            if segment in term.where:
                yield Mention(term, segment, start, end)

    def _longest(self, text: str) -> Iterator[tuple[Term, int, int]]:
        if self._automaton is None:
            return
        hits = sorted(self._automaton.find_overlapping(text), key=lambda hit: (hit[0], -hit[1]))
        reached: dict[str, int] = {}
        for start, end, number in hits:
            terms = self._terms[number]
            free = [term for term in terms if end > reached.get(term.dimension, 0)]
            for term in free:
                reached[term.dimension] = end
                yield term, start, end


def _pattern(text: str) -> str:
    inner = text.removeprefix("^").removesuffix("$").lower()
    return (_START if text.startswith("^") else "") + inner + (_END if text.endswith("$") else "")
