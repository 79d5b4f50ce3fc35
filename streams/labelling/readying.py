"""Rules made ready for the inner loop of labelling: who claims a mention of a word, and what it is worth to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from config.taxonomies import SECTIONS, Policy, Rule
from streams.labelling.conditions import Condition, Conditions
from streams.labelling.layout import PLACE_NAMES
from streams.labelling.patterns import Bundles, Patterns

SECTION_NAMES = ("", *SECTIONS)
TITLE = len(PLACE_NAMES)
SPOTS = tuple((place, section) for place in (*PLACE_NAMES, "title") for section in SECTION_NAMES)

Worth = tuple[float, ...]  # of a mention, by its place and section as a number in SPOTS
Claim = tuple[int, Worth, Condition | None, Rule]  # the first is its number among the claims on the same word


@dataclass(frozen=True)
class Claimed:
    """Who claims a mention, by the number of its word.

    Attributes:
        claims: those of each dimension, by its number. One without any keeps shorter words inside from being read.
        caps: how many mentions each claim counts at most.
    """

    claims: tuple[tuple[tuple[int, tuple[Claim, ...]], ...], ...]
    caps: tuple[tuple[float, ...], ...]


def made_ready(
    patterns: Patterns, conditions: Conditions, policies: Mapping[str, Policy]
) -> tuple[Claimed, Claimed]:
    """Who claims words in a title, and in a body."""
    worths: dict[object, Worth] = {}
    in_title: list[list[_Entry]] = []
    in_body: list[list[_Entry]] = []
    for bundle in patterns.bundles:
        in_title.append([])
        in_body.append([])
        for rule in bundle:
            key = (rule.dimension, rule.weight, rule.where, rule.sections)
            worth = worths.get(key)
            if worth is None:
                worth = worths[key] = _worth(rule, policies[rule.dimension])
            if rule.codes and any(worth):
                condition = conditions.of(rule)
                if worth[_IN_TITLE]:
                    in_title[-1].append((worth, condition, rule, inf if rule.cap else 0))
                if any(worth[:_IN_TITLE]):
                    in_body[-1].append((worth, condition, rule, rule.cap))
    dimensions = {name: number for number, name in enumerate(policies)}
    return _claimed(patterns, in_title, dimensions), _claimed(patterns, in_body, dimensions)


_IN_TITLE = SPOTS.index(("title", ""))
_Entry = tuple[Worth, Condition | None, Rule, float]  # a claim before it has its number, and its cap


def _claimed(
    patterns: Patterns, entries: Sequence[Sequence[_Entry]], dimensions: Mapping[str, int]
) -> Claimed:
    """Most words stand in one list of terms only; all of one list share their claims."""
    made: dict[Bundles, tuple[tuple[tuple[int, tuple[Claim, ...]], ...], tuple[float, ...]]] = {}
    for bundles in dict.fromkeys(patterns.takers):
        caps: list[float] = []
        claims: list[tuple[int, tuple[Claim, ...]]] = []
        for dimension, places in bundles:
            own: list[Claim] = []
            for place in places:
                for worth, condition, rule, cap in entries[place]:
                    own.append((len(caps), worth, condition, rule))
                    caps.append(cap)
            claims.append((dimensions[dimension], tuple(own)))
        made[bundles] = tuple(claims), tuple(caps)
    claims_of, caps_of = (
        zip(*(made[bundles] for bundles in patterns.takers), strict=True) if made else ((), ())
    )
    return Claimed(claims_of, caps_of)


def _worth(rule: Rule, policy: Policy) -> Worth:
    """What a mention is worth to a rule, by its spot."""

    def points(place: str, section: str) -> float:
        if place not in rule.where or (rule.sections and section not in rule.sections):
            return 0.0
        return rule.weight * policy.segments[place] * policy.sections.get(section, 1.0)

    return tuple(points(place, section) for place, section in SPOTS)
