"""Which terms a document mentions, each under the conditions of the rule that asks for it."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from config.taxonomies import SECTIONS, Nearby, Presence, Rule
from streams.labelling.layout import ELSEWHERE, ELSEWHERE_NAMES, PLACE_NAMES, Layout
from streams.labelling.model import Mention
from streams.labelling.patterns import Patterns

_STOPS = frozenset("。；！？\n;!?")
_NEGATION_CHARS = 4
_SECTION_NAMES = ("", *SECTIONS)


class MentionFinder:
    """Finds what the rules of a lexicon ask for; immutable once built, building takes some milliseconds."""

    def __init__(self, rules: Sequence[Rule], negations: Sequence[str] = ()) -> None:
        self._patterns = Patterns(rules)
        self._negations = tuple(negations)
        self._near = {c: self._patterns.of(c.words) for rule in rules for c in rule.nearby}
        self._present = {c: self._patterns.of(c.words) for rule in rules for c in rule.presence}

    def find(self, title: str, body: str, layout: Layout, *, blocked: bool = False) -> list[Mention]:
        """Mentions in a bare title and in a normalised body; of nested terms of a dimension only the longest.

        Args:
            title: see `bare_title`.
            body: its normalised text.
            layout: of that body.
            blocked: also those that count for nothing, with the reason.
        """
        in_title = self._patterns.hits(title, title=True)
        in_body = self._patterns.hits(body)
        places = layout.places
        heard = {
            number
            for start, end, number in in_body
            if places[start] < ELSEWHERE and places[end - 1] < ELSEWHERE
        }
        named = {number for _, _, number in in_title}
        present = {
            condition: not numbers.isdisjoint(named if condition.title_only else named | heard)
            for condition, numbers in self._present.items()
        }
        found: list[Mention] = []
        for text, hits, here in ((f" {title} ", in_title, None), (body, in_body, layout)):
            page = _Page(text, here, self._near, present, _positions(hits, self._patterns))
            found += self._mentions(page, hits, blocked)
        return found

    def _mentions(
        self, page: "_Page", hits: Sequence[tuple[int, int, int]], blocked: bool
    ) -> Iterator[Mention]:
        patterns = self._patterns.patterns
        reached: dict[str, int] = {}
        for start, end, number in hits:
            for dimension, rules in patterns[number].takers:
                if end <= reached.get(dimension, 0):
                    continue
                reached[dimension] = end
                place, section, elsewhere = page.at(start, end)
                if elsewhere and not blocked:
                    continue
                for rule in rules:
                    if place not in rule.where or (rule.sections and section not in rule.sections):
                        continue
                    why = elsewhere or self._negated(page.text, start) or page.unmet(rule, start, end)
                    if not why or blocked:
                        at, to = (0, 0) if page.layout is None else (start, end)
                        yield Mention(rule, self._patterns.shown(number), place, section, at, to, why)

    def _negated(self, text: str, start: int) -> str:
        return "negated" if text.endswith(self._negations, max(0, start - _NEGATION_CHARS), start) else ""


@dataclass
class _Page:
    """A title or a body while its hits are judged; positions of a condition's words are gathered when first asked."""

    text: str
    layout: Layout | None
    near: Mapping[Nearby, frozenset[int]]
    present: Mapping[Presence, bool]
    positions: Mapping[int, Sequence[tuple[int, int]]]
    gathered: dict[Nearby, list[tuple[int, int]]] = field(default_factory=dict)

    def at(self, start: int, end: int) -> tuple[str, str, str]:
        """(place, section, why it gives no label)."""
        if self.layout is None:
            return "title", "", ""
        place = max(self.layout.places[start], self.layout.places[end - 1])
        section = _SECTION_NAMES[self.layout.sections[start]]
        if place >= ELSEWHERE:
            return "body", section, ELSEWHERE_NAMES[place]
        return PLACE_NAMES[self.layout.places[start]], section, ""

    def unmet(self, rule: Rule, start: int, end: int) -> str:
        """The condition of the rule that this hit does not meet, "" if it meets all."""
        for asked in rule.presence:
            if self.present[asked] != asked.wanted:
                return f"{'if' if asked.wanted else 'unless'}_{'title' if asked.title_only else 'text'}"
        for nearby in rule.nearby:
            if self._stands(nearby, start, end, rule.within) != nearby.wanted:
                return nearby.side if nearby.wanted else f"not_{nearby.side}"
        return ""

    def _stands(self, nearby: Nearby, start: int, end: int, within: int) -> bool:
        spots = self.gathered.get(nearby)
        if spots is None:
            numbers = self.near[nearby]
            spots = sorted(spot for number in numbers for spot in self.positions.get(number, ()))
            self.gathered[nearby] = spots
        reach = start - within - 40  # a word is shorter than that
        for place in range(bisect_left(spots, (reach, 0)), len(spots)):
            left, right = spots[place]
            if left > end + within:
                return False
            if left >= end and nearby.side != "after":
                between = (end, left)
            elif right <= start and nearby.side != "before":
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
