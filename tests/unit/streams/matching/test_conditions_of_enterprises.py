"""Numbers in matching: one enterprise, many at once, and ranges."""

from math import inf, nan
from typing import get_args

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streams.matching.conditions import (
    FIELDS,
    NO_DAY,
    Field,
    Requirement,
    Requirements,
    admits,
    admitted,
    meet,
    ranges_of,
    widest,
)

numbers = st.integers(-3, 6)


@st.composite
def ranges(draw: st.DrawFn) -> Requirements:
    found = []
    for field in FIELDS:
        if draw(st.booleans()):
            low, high = sorted((draw(numbers), draw(numbers)))
            ends = low if draw(st.booleans()) else -inf, high if draw(st.booleans()) else inf
            found.append(Requirement(field, *ends))
    return tuple(found)


people = st.lists(st.tuples(*[st.none() | numbers] * 3), max_size=6)


def test_the_fields_are_in_a_fixed_order() -> None:
    assert get_args(Field) == FIELDS


@given(ranges(), people)
def test_many_at_once_are_admitted_as_one_by_one(
    asks: Requirements, some: list[tuple[int | None, int | None, int | None]]
) -> None:
    one_by_one = [
        admits(asks, staff=staff, revenue=revenue, founded=founded) for staff, revenue, founded in some
    ]
    staff = np.array([nan if one[0] is None else one[0] for one in some], dtype=np.float64)
    revenue = np.array([nan if one[1] is None else one[1] for one in some], dtype=np.float64)
    founded = np.array([NO_DAY if one[2] is None else one[2] for one in some], dtype=np.int32)
    assert admitted(asks, staff, revenue, founded).tolist() == one_by_one


@given(ranges(), ranges())
def test_ranges_meet_where_some_enterprise_lies_in_both(asks: Requirements, about: Requirements) -> None:
    def inside(field: str, number: float) -> bool:
        return all(one.low <= number <= one.high for one in (*asks, *about) if one.field == field)

    assert meet(asks, about) == all(any(inside(field, n) for n in range(-3, 7)) for field in FIELDS)


@given(st.lists(ranges(), max_size=4))
def test_the_widest_range_admits_whoever_any_of_them_admits(some: list[Requirements]) -> None:
    together = widest(one for part in some for one in part)
    assert len({one.field for one in together}) == len(together)
    for part in some:
        for one in part:
            for number in (one.low, one.high):
                assert admits(together, **{one.field: number})


def test_ranges_are_read_from_criteria() -> None:
    assert ranges_of({"founded": {"from": "1970-01-02", "to": "1970-01-03"}, "staff": {"max": 0}}) == (
        Requirement("staff", -inf, 0),
        Requirement("founded", 1, 2),
    )
    assert ranges_of({}) == ()
