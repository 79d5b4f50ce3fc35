"""Numbers in matching: what a policy asks of an enterprise, and what an enterprise has or a subscription is about.

A range is inclusive at both ends. ``staff`` counts persons, ``revenue`` yuan a year, ``founded`` days since 1970-01-01.
A number that is not stated shuts nobody out: a wrong silence is worse than a message too many.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import inf, isnan
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Field = Literal["staff", "revenue", "founded"]
FIELDS: tuple[Field, ...] = ("staff", "revenue", "founded")
NO_DAY = -(2**31)  # the smallest int32: no founding day stated, in a column of days
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Requirement:
    """What an enterprise's number must lie in.

    Attributes:
        field: "staff" (persons), "revenue" (yuan a year) or "founded" (days since 1970-01-01).
        low: the smallest that will do, -inf where there is none.
        high: the largest that will do, inf where there is none.
    """

    field: Field
    low: float
    high: float


Requirements = tuple[Requirement, ...]  # of a policy; at most one per field, in the order of FIELDS
Ranges = tuple[Requirement, ...]  # of the enterprises that a subscription is about; at most one per field


def admits(
    requirements: Requirements,
    *,
    staff: float | None = None,
    revenue: float | None = None,
    founded: float | None = None,
) -> bool:
    """Whether an enterprise may meet the requirements; None and NaN are not stated, and fit.

    Args:
        requirements: of the policy.
        staff: persons.
        revenue: yuan a year.
        founded: days since 1970-01-01, see `day_number`.
    """
    own = {"staff": staff, "revenue": revenue, "founded": founded}
    for one in requirements:
        number = own[one.field]
        if number is not None and not isnan(number) and not one.low <= number <= one.high:
            return False
    return True


def admitted(
    requirements: Requirements,
    staff: NDArray[np.float64],
    revenue: NDArray[np.float64],
    founded: NDArray[np.int32],
) -> NDArray[np.bool_]:
    """Do `admits` for many enterprises.

    Args:
        requirements: of the policy.
        staff: (n,) persons, NaN where not stated.
        revenue: (n,) yuan a year, NaN where not stated.
        founded: (n,) days since 1970-01-01, `NO_DAY` where not stated.

    Returns:
        (n,) whether each may meet them.
    """
    fits = np.ones(len(staff), dtype=np.bool_)
    own: dict[str, NDArray[Any]] = {"staff": staff, "revenue": revenue, "founded": founded}
    for one in requirements:
        numbers = own[one.field]
        inside = ~((numbers < one.low) | (numbers > one.high))  # NaN is neither below nor above
        fits &= inside | (numbers == NO_DAY) if one.field == "founded" else inside
    return fits


def meet(requirements: Requirements, ranges: Ranges) -> bool:
    """Whether an enterprise within ``ranges`` could meet the requirements: in no field do the two lie apart."""
    for wanted in ranges:
        for asked in requirements:
            if asked.field == wanted.field and (asked.high < wanted.low or asked.low > wanted.high):
                return False
    return True


def ranges_of(profile: Mapping[str, Mapping[str, Any]]) -> Ranges:
    """Return the ranges of criteria's ``profile``: ``{"staff": {"max": 300}, "founded": {"to": "2024-01-01"}}``."""
    found = []
    for field in FIELDS:
        if given := profile.get(field):
            ends = [given.get("min", given.get("from")), given.get("max", given.get("to"))]
            low, high = (
                _number(end) if end is not None else open_end
                for end, open_end in zip(ends, (-inf, inf), strict=True)
            )
            found.append(Requirement(field, low, high))
    return tuple(found)


def _number(end: float | str) -> float:
    return day_number(date.fromisoformat(end)) if isinstance(end, str) else end


def day_number(day: date) -> int:
    """Return a day as days since 1970-01-01."""
    return day.toordinal() - _EPOCH


def widest(found: Iterable[Requirement]) -> Requirements:
    """Return per field the range that holds all of its ranges; one without ends asks nothing and is left out.

    Where a document says several conditions of one field, an enterprise that meets any one of them may be concerned.
    """
    spans: dict[str, tuple[float, float]] = {}
    for one in found:
        low, high = spans.get(one.field, (inf, -inf))
        spans[one.field] = min(low, one.low), max(high, one.high)
    return tuple(
        Requirement(field, *spans[field])
        for field in FIELDS
        if field in spans and spans[field] != (-inf, inf)
    )
