"""Which terms a document mentions, each under the conditions of the rule that asks for it."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from config.taxonomies import SECTIONS, Policy, Rule
from streams.labelling.layout import BODY, ELSEWHERE, ELSEWHERE_NAMES, PLACE_NAMES, Layout
from streams.labelling.model import Mention
from streams.labelling.nearness import Reach, Sentence, Sentences, reach_of
from streams.labelling.patterns import Patterns

_SECTION_NAMES = ("", *SECTIONS)
_PLACE_NAMES = (*PLACE_NAMES, "title")
_TITLE = len(PLACE_NAMES)


Worth = tuple[tuple[float, ...], ...]
Taking = tuple[tuple[Worth, int, int, "_Asked"], ...]
Takers = tuple[tuple[tuple[int, Taking], ...], ...]


@dataclass(frozen=True, eq=False, slots=True)
class _Asked:
    """A rule made ready.

    Attributes:
        rule: the rule.
        worth: of a mention, by place and section.
        nearby: conditions on what stands near, each with whether it is wanted and what it is called.
        presence: words of which one (none) must stand in the text or title, with whether it is the title, whether it
            is wanted, and what the condition is called.
        conditional: whether there is any condition.
    """

    rule: Rule
    worth: Worth
    nearby: tuple[tuple[Reach, bool, str], ...]
    presence: tuple[tuple[frozenset[int], bool, bool, str], ...]
    conditional: bool


class MentionFinder:
    """Finds what the rules of a lexicon ask for; immutable once built."""

    def __init__(
        self, rules: Sequence[Rule], policies: Mapping[str, Policy], negations: Sequence[str] = ()
    ) -> None:
        self._patterns = Patterns(rules)
        longest_first = sorted(map(re.escape, negations), key=len, reverse=True)
        self._negation = re.compile("|".join(longest_first)) if negations else None
        self._worths: dict[object, Worth] = {}
        ready = {rule: self._ready(rule, policies[rule.dimension]) for rule in rules}
        dimensions = {name: number for number, name in enumerate(policies)}
        self._in_title, slots = _takers(self._patterns, ready, dimensions, title=True)
        self._in_body, self._slots = _takers(self._patterns, ready, dimensions, title=False, first_slot=slots)
        self._dimensions = len(dimensions)
        self._presence = {numbers for asked in ready.values() for numbers, *_ in asked.presence}
        self._sought = frozenset().union(*self._presence)  # words whose mere presence some rule asks for

    def _ready(self, rule: Rule, policy: Policy) -> _Asked:
        weight = rule.weight if rule.codes else 0.0
        key = (rule.dimension, weight, rule.where, rule.sections)
        worth = self._worths.get(key)
        if worth is None:
            worth = self._worths[key] = _worth(weight, rule.where, rule.sections, policy)
        of = self._patterns.of
        return _Asked(
            rule=rule,
            worth=worth,
            nearby=tuple(
                (reach_of(of(c.words), c.side, c.within), c.wanted, f"{'' if c.wanted else 'not_'}{c.side}")
                for c in rule.nearby
            ),
            presence=tuple(
                (
                    of(c.words),
                    c.title_only,
                    c.wanted,
                    f"{'if' if c.wanted else 'unless'}_{'title' if c.title_only else 'text'}",
                )
                for c in rule.presence
            ),
            conditional=bool(rule.nearby or rule.presence),
        )

    def find(self, title: str, body: str, layout: Layout, *, blocked: bool = False) -> list[Mention]:
        """Mentions in a bare title and in a normalised body; of nested terms of a dimension only the longest.

        In the body a term is found for a rule as often as the rule counts it, and no more.

        Args:
            title: see `bare_title`.
            body: its normalised text.
            layout: of that body.
            blocked: also those that count for nothing, with the reason.
        """
        in_title = self._patterns.hits(title, title=True)
        in_body = self._patterns.hits(body)
        places = layout.places
        named = {number for _, _, number in in_title}
        heard = named | {
            number
            for start, end, number in in_body
            if number in self._sought and places[start] < ELSEWHERE and places[end - 1] < ELSEWHERE
        }
        present = {
            numbers: (not numbers.isdisjoint(heard), not numbers.isdisjoint(named))
            for numbers in self._presence
        }
        found: list[Mention] = []
        for text, hits, here, takers in (
            (f" {title} ", in_title, None, self._in_title),
            (body, in_body, layout, self._in_body),
        ):
            page = _Page(text, here, present, Sentences(text, hits, self._patterns.asked))
            found += self._mentions(page, hits, takers, blocked)
        return found

    def _mentions(
        self, page: "_Page", hits: Sequence[tuple[int, int, int]], takers: Takers, blocked: bool
    ) -> Iterator[Mention]:
        # The inner loop of labelling: some thousand turns for a page of text, so names are bound and calls are few.
        reached = [0] * self._dimensions
        counted = bytearray(self._slots)
        layout, shown, unmet = page.layout, self._patterns.shown, page.unmet
        negated = {match.end() for match in self._negation.finditer(page.text)} if self._negation else ()
        places, sections = (layout.places, layout.sections) if layout else (b"", b"")
        place, section = _TITLE, 0
        for start, end, number in hits:
            groups = takers[number]
            if not groups:
                continue
            fresh: list[Taking] = []
            for dimension, taking in groups:
                if end > reached[dimension]:
                    reached[dimension] = end
                    if taking:
                        fresh.append(taking)
            if not fresh:
                continue
            why_not = "negated" if start in negated else ""
            if layout is not None:
                place, last, section = places[start], places[end - 1], sections[start]
                if place >= ELSEWHERE or last >= ELSEWHERE:
                    place, why_not = BODY, ELSEWHERE_NAMES[max(place, last)]
            if why_not and not blocked:
                continue
            sentence: Sentence | None = None
            for taking in fresh:
                for worth, cap, slot, asked in taking:
                    points = worth[place][section]
                    if points == 0.0 or counted[slot] >= cap:
                        continue
                    why = why_not
                    if asked.conditional and not why:
                        sentence = sentence or page.sentences.at(start)
                        why = unmet(asked, sentence, start, end)
                    if why and not blocked:
                        continue
                    names = shown[number], _PLACE_NAMES[place], _SECTION_NAMES[section]
                    if layout is None:
                        yield Mention(asked.rule, *names, 0, 0, points, why)
                    else:
                        counted[slot] += not why
                        yield Mention(asked.rule, *names, start, end, points, why)


def _takers(
    patterns: Patterns,
    ready: Mapping[Rule, _Asked],
    dimensions: Mapping[str, int],
    *,
    title: bool,
    first_slot: int = 0,
) -> tuple[Takers, int]:
    """By the number of a word: dimension and rules that count it in the title (or in the body), and the next free slot.

    A dimension without such a rule stays: the word keeps shorter ones inside it from being read.
    """
    places = range(_TITLE, _TITLE + 1) if title else range(_TITLE)
    counts = {rule: any(any(asked.worth[place]) for place in places) for rule, asked in ready.items()}
    slots = count(first_slot)

    def taking(rules: Sequence[Rule]) -> Iterator[tuple[Worth, int, int, _Asked]]:
        for rule in rules:
            if counts[rule]:
                asked = ready[rule]
                yield asked.worth, rule.cap, next(slots), asked

    found = tuple(
        tuple((dimensions[name], tuple(taking(rules))) for name, rules in groups)
        for groups in patterns.takers
    )
    return found, next(slots)


def _worth(weight: float, where: Collection[str], sections: Collection[str], policy: Policy) -> Worth:
    """What a mention is worth, by place and section."""

    def points(place: str, section: str) -> float:
        if place not in where or (sections and section not in sections):
            return 0.0
        return weight * policy.segments[place] * policy.sections.get(section, 1.0)

    return tuple(tuple(points(place, section) for section in _SECTION_NAMES) for place in _PLACE_NAMES)


@dataclass(frozen=True)
class _Page:
    """A title or a body while its hits are judged."""

    text: str
    layout: Layout | None
    present: Mapping[frozenset[int], tuple[bool, bool]]
    sentences: Sentences

    def unmet(self, asked: _Asked, sentence: Sentence, start: int, end: int) -> str:
        """The condition of the rule that this hit does not meet, "" if it meets all."""
        for numbers, title_only, wanted, name in asked.presence:
            if self.present[numbers][title_only] != wanted:
                return name
        for reach, wanted, name in asked.nearby:
            if sentence.holds(reach, start, end) != wanted:
                return name
        return ""
