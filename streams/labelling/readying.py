"""Rules made ready for the inner loop of labelling: who claims a mention of a word, and what it is worth to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from config.taxonomies import Rule
from streams.labelling.conditions import Condition, Conditions
from streams.labelling.patterns import Bundles, Patterns
from streams.labelling.worth import Worth, Worths

Claim = tuple[
    int, Worth, int, Condition | None, Rule
]  # the first is its number among the claims on the same word


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
    patterns: Patterns, conditions: Conditions, worths: Worths, dimensions: Sequence[str]
) -> tuple[Claimed, Claimed]:
    """Who claims words in a title, and in a body."""
    in_title: list[list[_Entry]] = []
    in_body: list[list[_Entry]] = []
    for bundle in patterns.bundles:
        in_title.append([])
        in_body.append([])
        for rule in bundle:
            titled, bodied = worths.in_title(rule), worths.in_body(rule)
            if titled or bodied:
                worth, condition = worths.of(rule), conditions.of(rule)
                if titled:
                    in_title[-1].append((worth, condition, rule, inf if rule.cap else 0))
                if bodied:
                    in_body[-1].append((worth, condition, rule, rule.cap))
    numbers = {name: number for number, name in enumerate(dimensions)}
    return _claimed(patterns.takers, in_title, numbers), _claimed(patterns.in_bodies, in_body, numbers)


_Entry = tuple[Worth, Condition | None, Rule, float]  # a claim before it has its number, and its cap


def _claimed(
    takers: Sequence[Bundles], entries: Sequence[Sequence[_Entry]], dimensions: Mapping[str, int]
) -> Claimed:
    """Most words stand in one list of terms only; all of one list share their claims."""
    made: dict[Bundles, tuple[tuple[tuple[int, tuple[Claim, ...]], ...], tuple[float, ...]]] = {}
    for bundles in dict.fromkeys(takers):
        caps: list[float] = []
        claims: list[tuple[int, tuple[Claim, ...]]] = []
        for dimension, places in bundles:
            own: list[Claim] = []
            for place in places:
                for worth, condition, rule, cap in entries[place]:
                    own.append((len(caps), worth, condition.need if condition else 0, condition, rule))
                    caps.append(cap)
            claims.append((dimensions[dimension], tuple(own)))
        made[bundles] = tuple(claims), tuple(caps)
    claims_of, caps_of = zip(*(made[bundles] for bundles in takers), strict=True) if made else ((), ())
    return Claimed(claims_of, caps_of)
