"""Which terms a document mentions, each under the conditions of the rule that asks for it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from config.taxonomies import SECTIONS, Policy, Rule
from streams.labelling.layout import BODY, ELSEWHERE, ELSEWHERE_NAMES, PLACE_NAMES, Layout
from streams.labelling.model import Mention
from streams.labelling.nearness import Nearness, Reach
from streams.labelling.patterns import Patterns

_NEGATION_CHARS = 4
_SECTION_NAMES = ("", *SECTIONS)
_PLACE_NAMES = (*PLACE_NAMES, "title")
_TITLE = len(PLACE_NAMES)


@dataclass(frozen=True, eq=False, slots=True)
class _Asked:
    """A rule made ready.

    Attributes:
        rule: the rule.
        worth: of a mention, by place and section.
        nearby: conditions on what stands near, each with whether it is wanted and what it is called.
        presence: words of which one (none) must stand in the text or title, with whether it is the title, whether it
            is wanted, and what the condition is called.
    """

    rule: Rule
    worth: tuple[tuple[float, ...], ...]
    nearby: tuple[tuple[Reach, bool, str], ...]
    presence: tuple[tuple[frozenset[int], bool, bool, str], ...]


class MentionFinder:
    """Finds what the rules of a lexicon ask for; immutable once built."""

    def __init__(
        self, rules: Sequence[Rule], policies: Mapping[str, Policy], negations: Sequence[str] = ()
    ) -> None:
        self._patterns = Patterns(rules)
        self._negations = tuple(negations)
        self._worths: dict[object, tuple[tuple[float, ...], ...]] = {}
        ready = {rule: self._ready(rule, policies[rule.dimension]) for rule in rules}
        dimensions = {name: number for number, name in enumerate(policies)}
        slots = count()
        self._takers = tuple(
            tuple(
                (dimensions[name], tuple((ready[rule], next(slots)) for rule in taken))
                for name, taken in groups
            )
            for groups in self._patterns.takers
        )
        self._slots, self._dimensions = next(slots), len(dimensions)
        self._presence = {numbers for asked in ready.values() for numbers, *_ in asked.presence}

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
                (Reach(of(c.words), c.side, c.within), c.wanted, f"{'' if c.wanted else 'not_'}{c.side}")
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
            if places[start] < ELSEWHERE and places[end - 1] < ELSEWHERE
        }
        present = {
            numbers: (not numbers.isdisjoint(heard), not numbers.isdisjoint(named))
            for numbers in self._presence
        }
        found: list[Mention] = []
        for text, hits, here in ((f" {title} ", in_title, None), (body, in_body, layout)):
            page = _Page(text, here, present, Nearness(text, hits, self._patterns.asked))
            found += self._mentions(page, hits, blocked)
        return found

    def _mentions(
        self, page: "_Page", hits: Sequence[tuple[int, int, int]], blocked: bool
    ) -> Iterator[Mention]:
        reached = [0] * self._dimensions
        counted = bytearray(self._slots)
        in_title = page.layout is None
        for start, end, number in hits:
            why_not: str | None = None
            for dimension, takers in self._takers[number]:
                if end <= reached[dimension]:
                    continue
                reached[dimension] = end
                if why_not is None:
                    place, section, elsewhere = page.at(start, end)
                    why_not = elsewhere or self._negated(page.text, start)
                if why_not and not blocked:
                    continue
                for asked, slot in takers:
                    points = asked.worth[place][section]
                    if points == 0.0 or counted[slot] >= asked.rule.cap:
                        continue
                    why = why_not or page.unmet(asked, start, end)
                    if why and not blocked:
                        continue
                    if not why and not in_title:
                        counted[slot] += 1
                    at, to = (0, 0) if in_title else (start, end)
                    names = _PLACE_NAMES[place], _SECTION_NAMES[section]
                    yield Mention(asked.rule, self._patterns.shown[number], *names, at, to, points, why)

    def _negated(self, text: str, start: int) -> str:
        return "negated" if text.endswith(self._negations, max(0, start - _NEGATION_CHARS), start) else ""


def _worth(
    weight: float, where: Collection[str], sections: Collection[str], policy: Policy
) -> tuple[tuple[float, ...], ...]:
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
    nearness: Nearness

    def at(self, start: int, end: int) -> tuple[int, int, str]:
        """(number of the place, number of the section, why it gives no label)."""
        if self.layout is None:
            return _TITLE, 0, ""
        places = self.layout.places
        place, section = places[start], self.layout.sections[start]
        if place < ELSEWHERE and places[end - 1] < ELSEWHERE:
            return place, section, ""
        return BODY, section, ELSEWHERE_NAMES[max(place, places[end - 1])]

    def unmet(self, asked: _Asked, start: int, end: int) -> str:
        """The condition of the rule that this hit does not meet, "" if it meets all."""
        for numbers, title_only, wanted, name in asked.presence:
            if self.present[numbers][title_only] != wanted:
                return name
        for reach, wanted, name in asked.nearby:
            if self.nearness.holds(reach, start, end) != wanted:
                return name
        return ""
