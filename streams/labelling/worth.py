"""What a mention is worth to a rule: its weight, by the place and the section in which the mention stands."""

from collections.abc import Mapping

from config.taxonomies import SECTIONS, Policy, Rule
from streams.labelling.layout import PLACE_NAMES

SECTION_NAMES = ("", *SECTIONS)
TITLE = len(PLACE_NAMES)
SPOTS = tuple((place, section) for place in (*PLACE_NAMES, "title") for section in SECTION_NAMES)
IN_TITLE = SPOTS.index(("title", ""))  # what comes before it stands in the body

Worth = tuple[float, ...]  # of a mention, by its place and section as a number in SPOTS


class Worths:
    """What mentions are worth to rules; rules that weigh alike share one.

    Args:
        policies: of each dimension, what its segments and sections weigh.
    """

    def __init__(self, policies: Mapping[str, Policy]) -> None:
        self._policies = policies
        self._known: dict[object, Worth] = {}

    def of(self, rule: Rule) -> Worth:
        """Points of a mention, by its spot."""
        key = (rule.dimension, rule.weight, rule.where, rule.sections)
        worth = self._known.get(key)
        if worth is None:
            worth = self._known[key] = _worth(rule, self._policies[rule.dimension])
        return worth

    def in_title(self, rule: Rule) -> bool:
        """Whether mentions in a title say something for (or against) a code."""
        return bool(rule.codes and self.of(rule)[IN_TITLE])

    def in_body(self, rule: Rule) -> bool:
        """Whether mentions somewhere in a body say something for (or against) a code."""
        return bool(rule.codes) and any(self.of(rule)[:IN_TITLE])


def _worth(rule: Rule, policy: Policy) -> Worth:
    def points(place: str, section: str) -> float:
        if place not in rule.where or (rule.sections and section not in rule.sections):
            return 0.0
        return rule.weight * policy.segments[place] * policy.sections.get(section, 1.0)

    return tuple(points(place, section) for place, section in SPOTS)
