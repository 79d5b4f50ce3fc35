from typing import Any

import pytest
from pydantic import ValidationError

from subscribers.errors import explain
from subscribers.ranges import Ranges


def why(given: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Ranges.model_validate(given)
    return explain(caught.value)


def test_only_the_ends_that_are_given_are_kept() -> None:
    given = {
        "founded": {"from": "2020-01-01", "to": None},
        "revenue": {"min": 20_000_000},
        "staff": {"min": 7, "max": 7},
    }
    assert Ranges.model_validate(given).plain() == {
        "staff": {"min": 7, "max": 7},
        "revenue": {"min": 20_000_000},
        "founded": {"from": "2020-01-01"},
    }


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"staff": {"min": 5, "max": 3}}, "staff: min (5) lies after max (3); exchange or correct them"),
        (
            {"founded": {"from": "2024-02-01", "to": "2024-01-01"}},
            "from (2024-02-01) lies after to (2024-01-01)",
        ),
        ({"staff": {"min": -1}}, "staff.min: write a number that is at least 0"),
        ({"staff": {"max": 10_000_001}}, "staff.max: write a number that is at most 10000000"),
        ({"revenue": {"min": "2000"}}, "revenue.min: write a whole number without quotes, such as 300"),
        ({"staff": {"max": True}}, "staff.max: write a whole number"),
        ({"revenue": {"max": 1.5}}, "revenue.max: write a whole number"),
        ({"founded": {"from": "20200101"}}, "founded.from: write a day as YYYY-MM-DD"),
        ({"founded": {"from": "2020-02-30"}}, "founded.from: write a day as YYYY-MM-DD"),
        ({"founded": {"from": 5}}, "founded.from: write a day as YYYY-MM-DD"),
        ({"founded": {"from": "0900-01-01"}}, "founded.from: there is no enterprise from before 1000-01-01"),
        ({"staff": {"from": 1}}, "staff: unknown end 'from', a range here takes min and max"),
        ({"founded": {"min": "2020-01-01"}}, "founded: unknown end 'min', a range here takes from and to"),
        ({"staff": {}}, "staff: a range needs min, max or both"),
        ({"staff": {"min": None}}, "staff: a range needs min, max or both"),
        ({"staff": 300}, 'staff: write a range, such as {"max": 300}'),
        ({"founded": "2020-01-01"}, 'founded: write a range, such as {"to": "2024-12-31"}'),
        ({"stuff": {"max": 3}}, "unknown field 'stuff', did you mean staff?"),
        ({"从业人员": {"max": 3}}, "did you mean staff?"),
        ({"turnover": {"max": 3}}, "did you mean revenue?"),
        ({"weather": 1}, "unknown field 'weather', use one of staff, revenue, founded"),
        ({}, 'profile needs a range, such as {"staff": {"max": 300}}, or leave it out'),
        (3, 'write a profile as ranges, such as {"staff": {"max": 300}}'),
    ],
)
def test_wrong_ranges_are_told_what_to_write(given: Any, message: str) -> None:
    assert message in why(given)
    assert ";" not in why(given).replace("; exchange", "").replace("; correct", "")
