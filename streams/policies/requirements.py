"""What a policy asks of an enterprise in numbers, from the facts of its released revision. Pure.

``employees`` become staff, ``revenue`` stays, ``established`` becomes the days between which an enterprise was founded.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from math import inf
from typing import Any

from streams.matching.conditions import Field, Requirement, Requirements, day_number, widest
from streams.policies import PolicyView
from streams.policies.applicants import Place, asked_of_all
from streams.policies.reading import KnownFact

OF_FACT: Mapping[str, Field] = {"employees": "staff", "revenue": "revenue", "established": "founded"}
_WHOLE_REVENUE = (
    "营业收入",
    "营业总收入",
    "营收",
    "年收入",
)  # of which a part may be below what the whole is above
_MOST_MONTHS = 12 * 200


def requirements_of(view: PolicyView) -> Requirements:
    """Return what a revision asks, read with its body and facts; at most one range per field.

    A condition whose words do not show that it is asked of every enterprise asks nothing, see
    `streams.policies.applicants`; one that a reviewer gave is taken as it is, and one that a reviewer took away is
    none.
    """
    return asked(view.facts, view.data, view.body)


def asked(facts: Iterable[KnownFact], data: Mapping[str, Any], body: str) -> Requirements:
    """Do `requirements_of` for a text that is not published yet.

    A day of founding is taken as it is. An age counts on any day on which the policy can be used, because the text
    rarely says which: from the day it was published (or its window opens) to the end of its window or its validity. So
    the answer is the same whenever the policy is matched, and an enterprise that grows old enough in that time hears
    of it.

    Args:
        facts: what was read, whatever their names.
        data: the policy's: publish_date, and apply_window and valid_until where they are known.
        body: its text.
    """
    conditions = [fact for fact in facts if fact.name == "conditions" and _counts(fact.value)]
    read = [fact for fact in conditions if fact.origin == "rule"]
    places = [Place(str(fact.value["field"]), fact.start, fact.end) for fact in read if fact.end > fact.start]
    meant = set(asked_of_all(body, places))
    first, last = _usable(data)
    limits: defaultdict[tuple[Any, ...], list[Requirement]] = defaultdict(list)
    for n, fact in enumerate(conditions):
        place = Place(str(fact.value["field"]), fact.start, fact.end)
        if fact.origin == "rule" and place not in meant:
            continue
        if (range_ := _range(fact, first, last)) is not None:
            two_sided = fact.origin == "rule" and fact.end > fact.start  # its two quotes begin at one place
            limits[(place.field, place.start) if two_sided else (n,)].append(range_)
    return widest(_both(ranges) for ranges in limits.values())


def plain(requirements: Requirements) -> list[list[Any]]:
    """Return requirements as JSON can hold them: field, low, high, an end that is open as null."""
    return [
        [one.field, None if one.low == -inf else one.low, None if one.high == inf else one.high]
        for one in requirements
    ]


def from_plain(given: Iterable[Iterable[Any]]) -> Requirements:
    """Return what `plain` wrote."""
    return tuple(
        Requirement(field, -inf if low is None else low, inf if high is None else high)
        for field, low, high in given
    )


def _counts(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("field") in OF_FACT and value.get("op") != "="


def _usable(data: Mapping[str, Any]) -> tuple[date, date]:
    """The first and the last day on which the policy can be used, as far as they are known."""
    window = data.get("apply_window") or {}
    published = str(data["publish_date"])
    days = [published, *(str(day) for day in (window.get("closes"), data.get("valid_until")) if day)]
    opens = str(window.get("opens") or published)
    return date.fromisoformat(min(published, opens)), date.fromisoformat(max(days))


def _range(fact: KnownFact, first: date, last: date) -> Requirement | None:
    field, number = OF_FACT[str(fact.value["field"])], float(fact.value["value"])
    least = str(fact.value["op"]).startswith(">")
    if field == "founded" and fact.value["unit"] == "day":
        day = _day(number)
        if day is None:
            return None
        return (
            Requirement(field, day_number(day), inf) if least else Requirement(field, -inf, day_number(day))
        )
    if field == "founded":
        months = round(number * 12) if fact.value["unit"] == "year" else round(number)
        if not 0 < months <= _MOST_MONTHS:
            return None
        if least:  # old enough at the latest on the last day
            return Requirement(field, -inf, day_number(_months_before(last, months)))
        return Requirement(field, day_number(_months_before(first, months)), inf)
    if least:
        return Requirement(field, number, inf)
    if (
        field == "revenue"
        and fact.origin == "rule"
        and not any(word in fact.quote for word in _WHOLE_REVENUE)
    ):
        return None
    return Requirement(field, -inf, number)


def _both(ranges: Iterable[Requirement]) -> Requirement:
    """The range that is left of the sides of one limit: 2000万元以上、4亿元以下."""
    sides = list(ranges)
    return Requirement(sides[0].field, max(one.low for one in sides), min(one.high for one in sides))


def _day(number: float) -> date | None:
    """The day that 20200131 means; None where there is none."""
    try:
        return date(int(number // 10_000), int(number // 100 % 100), int(number % 100))
    except (ValueError, OverflowError):
        return None


def _months_before(day: date, months: int) -> date:
    month = day.year * 12 + day.month - 1 - months
    year, month = month // 12, month % 12 + 1
    if year < 1:
        return date.min
    return date(year, month, min(day.day, monthrange(year, month)[1]))
