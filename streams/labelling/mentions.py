"""Which terms a document mentions, each under the conditions of the rule that asks for it."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from config.taxonomies import SECTIONS, Nearby, Policy, Presence, Rule
from streams.labelling.layout import BODY, ELSEWHERE, ELSEWHERE_NAMES, PLACE_NAMES, Layout
from streams.labelling.model import Mention
from streams.labelling.patterns import Patterns

_STOPS = frozenset("。；！？\n;!?")
_NEGATION_CHARS = 4
_SECTION_NAMES = ("", *SECTIONS)
_PLACE_NAMES = (*PLACE_NAMES, "title")
_TITLE = len(PLACE_NAMES)


@dataclass(frozen=True, eq=False)
class _Asked:
    """A rule made ready: what a mention is worth by place and section, its conditions with their words numbered."""

    rule: Rule
    worth: tuple[tuple[float, ...], ...]
    nearby: tuple[tuple[Nearby, frozenset[int]], ...]
    presence: tuple[tuple[Presence, frozenset[int]], ...]


class MentionFinder:
    """Finds what the rules of a lexicon ask for; immutable once built, building takes some milliseconds."""

    def __init__(
        self, rules: Sequence[Rule], policies: Mapping[str, Policy], negations: Sequence[str] = ()
    ) -> None:
        self._patterns = Patterns(rules)
        self._negations = tuple(negations)
        ready = {rule: self._ready(rule, policies[rule.dimension]) for rule in rules}
        self._takers = tuple(
            tuple((dimension, tuple(ready[rule] for rule in taken)) for dimension, taken in pattern.takers)
            for pattern in self._patterns.patterns
        )
        self._presence = {numbers for asked in ready.values() for _, numbers in asked.presence}

    def _ready(self, rule: Rule, policy: Policy) -> _Asked:
        def worth(place: str, section: str) -> float:
            if not rule.codes or place not in rule.where or (rule.sections and section not in rule.sections):
                return 0.0
            return rule.weight * policy.segments[place] * policy.sections.get(section, 1.0)

        return _Asked(
            rule,
            tuple(tuple(worth(place, section) for section in _SECTION_NAMES) for place in _PLACE_NAMES),
            tuple((c, self._patterns.of(c.words)) for c in rule.nearby),
            tuple((c, self._patterns.of(c.words)) for c in rule.presence),
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
            page = _Page(text, here, present, _positions(hits, self._patterns))
            found += self._mentions(page, hits, blocked)
        return found

    def _mentions(
        self, page: "_Page", hits: Sequence[tuple[int, int, int]], blocked: bool
    ) -> Iterator[Mention]:
        reached: dict[str, int] = {}
        counted: Counter[tuple[_Asked, int]] = Counter()
        in_title = page.layout is None
        for start, end, number in hits:
            for dimension, takers in self._takers[number]:
                if end <= reached.get(dimension, 0):
                    continue
                reached[dimension] = end
                place, section, elsewhere = page.at(start, end)
                why_not = elsewhere or self._negated(page.text, start)
                if why_not and not blocked:
                    continue
                for asked in takers:
                    points = asked.worth[place][section]
                    if points == 0.0 or counted[asked, number] >= asked.rule.cap:
                        continue
                    why = why_not or page.unmet(asked, start, end)
                    if why and not blocked:
                        continue
                    if not why and not in_title:
                        counted[asked, number] += 1
                    at, to = (0, 0) if in_title else (start, end)
                    names = _PLACE_NAMES[place], _SECTION_NAMES[section]
                    yield Mention(asked.rule, self._patterns.shown[number], *names, at, to, points, why)

    def _negated(self, text: str, start: int) -> str:
        return "negated" if text.endswith(self._negations, max(0, start - _NEGATION_CHARS), start) else ""


@dataclass
class _Page:
    """A title or a body while its hits are judged; positions of a condition's words are gathered when first asked."""

    text: str
    layout: Layout | None
    present: Mapping[frozenset[int], tuple[bool, bool]]
    positions: Mapping[int, Sequence[tuple[int, int]]]
    gathered: dict[frozenset[int], list[tuple[int, int]]] = field(default_factory=dict)

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
        for presence, numbers in asked.presence:
            if self.present[numbers][presence.title_only] != presence.wanted:
                return f"{'if' if presence.wanted else 'unless'}_{'title' if presence.title_only else 'text'}"
        for nearby, numbers in asked.nearby:
            if self._stands(numbers, nearby.side, start, end, nearby.within) != nearby.wanted:
                return nearby.side if nearby.wanted else f"not_{nearby.side}"
        return ""

    def _stands(self, numbers: frozenset[int], side: str, start: int, end: int, within: int) -> bool:
        spots = self.gathered.get(numbers)
        if spots is None:
            spots = sorted(spot for number in numbers for spot in self.positions.get(number, ()))
            self.gathered[numbers] = spots
        reach = start - within - 40  # a word is shorter than that
        for place in range(bisect_left(spots, (reach, 0)), len(spots)):
            left, right = spots[place]
            if left > end + within:
                return False
            if left >= end and side != "after":
                between = (end, left)
            elif right <= start and side != "before":
                between = (right, start)
            else:
                continue
            if between[1] - between[0] <= within and _STOPS.isdisjoint(self.text[slice(*between)]):
                return True
        return False


def _positions(
    hits: Sequence[tuple[int, int, int]], patterns: Patterns
) -> Mapping[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for start, end, number in hits:
        if patterns.patterns[number].asked:
            found[number].append((start, end))
    return found
