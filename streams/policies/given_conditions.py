"""What a reviewer makes of the numbers that a policy asks of applicants. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from streams.events.condition_values import ConditionGiven
from streams.policies.reading import KnownFact
from streams.policies.requirements import OF_FACT, crossed, is_asked

SHOWN = 20  # numbers that a message lists


class ConditionsRefused(ValueError):
    """Corrections cannot be taken; the message says why. Look at the policy's conditions and send others."""


def given_conditions(
    facts: Iterable[KnownFact], given: Sequence[ConditionGiven], data: Mapping[str, Any], body: str
) -> list[KnownFact]:
    """Return the conditions that corrections make, changed and new ones only, with the origin ``reviewer``.

    One that is changed or taken away keeps the words that it was read from: so it is known which number of the text is
    meant, and which two are the sides of one limit.

    Args:
        facts: of the revision, whatever their names.
        given: the corrections.
        data: the policy's.
        body: its text.

    Raises:
        ConditionsRefused: there is no such condition, one is corrected twice, or no enterprise could meet what is left.
    """
    known = {fact.number: fact for fact in facts if fact.name == "conditions"}
    made: dict[int, KnownFact] = {}
    following = max(known, default=-1) + 1
    for one in given:
        number = following if one.number is None else one.number
        if one.number is None:
            following += 1
        elif number not in known:
            raise ConditionsRefused(f"there is no condition {number}: {_numbers(known)}")
        if number in made:
            raise ConditionsRefused(f"condition {number} is corrected twice; once will do")
        place = known.get(number) or KnownFact("conditions", number, None, 0, 0, "", "reviewer", "reviewer")
        value = None if one.value is None else one.value.model_dump()
        made[number] = replace(place, value=value, rule="reviewer", origin="reviewer")
    if wrong := _touched(known, made) & {*crossed([*(known | made).values()], data, body)}:
        raise ConditionsRefused(
            f"no enterprise has a {' and a '.join(sorted(wrong))} between the least and the most that are asked; "
            "correct one of them or take it away"
        )
    return list(made.values())


def _numbers(known: Mapping[int, KnownFact]) -> str:
    """What to write instead of a number that there is not."""
    if not known:
        return "the policy has none; leave the number out to add one"
    listed = ", ".join(map(str, sorted(known)[:SHOWN])) + (", …" if len(known) > SHOWN else "")
    return f"the policy has {listed}; name one of them, or leave the number out to add one"


def _touched(known: Mapping[int, KnownFact], made: Mapping[int, KnownFact]) -> set[str]:
    """What the corrections are about: that the text contradicts itself elsewhere does not stand in their way."""
    values = [made[number].value or known[number].value for number in made]
    return {OF_FACT[value["field"]] for value in values if is_asked(value)}
