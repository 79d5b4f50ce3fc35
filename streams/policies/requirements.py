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
    none. A number that a reviewer added stands for its side of a field (at least, at most), whatever was read there.
    """
    return asked(view.facts, view.data, view.body)


def asked(facts: Iterable[KnownFact], data: Mapping[str, Any], body: str) -> Requirements:
    """Do `requirements_of` for a text that is not published yet.

    A day of founding is taken as it is. An age counts on any day on which the policy can be used, because the text
    rarely says which: from the day it was published (or its window opens) to the last day on which one may apply. That
    is the end of its window, whoever stated it; without one the end of its validity; without both the day it was
    published. So the answer is the same whenever the policy is matched, and an enterprise that grows old enough in
    that time hears of it.

    Args:
        facts: what was read, whatever their names.
        data: the policy's: publish_date, and apply_window and valid_until where they are known.
        body: its text.
    """
    return tuple(one for one in _ranges(facts, data, body) if one.low <= one.high)


def crossed(facts: Iterable[KnownFact], data: Mapping[str, Any], body: str) -> list[Field]:
    """Return the fields of which no enterprise has enough and not too much: at least 300 persons and at most 10.

    `asked` asks nothing there. For the arguments see there.
    """
    return [one.field for one in _ranges(facts, data, body) if one.low > one.high]


def counting(facts: Iterable[KnownFact], data: Mapping[str, Any], body: str) -> frozenset[int]:
    """Return the numbers of those conditions that `asked` takes for asked of every enterprise."""
    first, last = _usable(data)
    return frozenset(fact.number for fact in _meant(facts, body) if _range(fact, first, last) is not None)


def is_asked(value: Any) -> bool:
    """Whether a condition is about a number that enterprises are matched by."""
    return isinstance(value, Mapping) and value.get("field") in OF_FACT and value.get("op") != "="


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


def _meant(facts: Iterable[KnownFact], body: str) -> list[KnownFact]:
    """The conditions that are asked of every enterprise: by their place in the text, or because a reviewer says so."""
    conditions = [fact for fact in facts if fact.name == "conditions" and is_asked(fact.value)]
    # A place whose number a reviewer changed still speaks: without it other lists would be less sure of theirs.
    meant = set(asked_of_all(body, [_place(fact) for fact in conditions if fact.end > fact.start]))
    return [fact for fact in conditions if fact.origin == "reviewer" or _place(fact) in meant]


def _place(fact: KnownFact) -> Place:
    return Place(str(fact.value["field"]), fact.start, fact.end)


def _ranges(facts: Iterable[KnownFact], data: Mapping[str, Any], body: str) -> Requirements:
    first, last = _usable(data)
    limits: defaultdict[tuple[str, int], list[Requirement]] = defaultdict(list)
    added: defaultdict[str, list[Requirement]] = defaultdict(list)
    for fact in _meant(facts, body):
        if (range_ := _range(fact, first, last)) is None:
            continue
        if fact.end > fact.start:  # the two quotes of one limit begin at one place
            limits[range_.field, fact.start].append(range_)
        else:
            added[range_.field].append(range_)
    read = widest(_both(ranges) for ranges in limits.values())
    return _instead(read, [_both(ranges) for ranges in added.values()])


def _instead(read: Requirements, added: Iterable[Requirement]) -> Requirements:
    """Put each side that a reviewer added in the place of what was read for it."""
    known = {one.field: one for one in read}
    for one in added:
        before = known.get(one.field, one)
        low = before.low if one.low == -inf else one.low
        high = before.high if one.high == inf else one.high
        known[one.field] = Requirement(one.field, low, high)
    return widest(known.values())


def _usable(data: Mapping[str, Any]) -> tuple[date, date]:
    """The first and the last day on which the policy can be used, as far as they are known.

    A window goes before the validity: a document valid for years takes no application after its window.
    """
    window = data.get("apply_window") or {}
    published = str(data["publish_date"])
    opens = str(window.get("opens") or published)
    ends = str(window.get("closes") or data.get("valid_until") or published)
    return date.fromisoformat(min(published, opens)), date.fromisoformat(max(published, ends))


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
