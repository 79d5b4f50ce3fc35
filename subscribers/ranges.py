"""The numbers of the enterprises that a subscription is about: ``{"staff": {"max": 300}}``, checked field by field.

::

    {"staff": {"max": 300}, "revenue": {"min": 20000000}, "founded": {"from": "2020-01-01", "to": "2024-12-31"}}

Both ends belong to a range. A policy that asks for numbers which no enterprise in these ranges has does not fit; one
that asks for none does.
"""

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

MAX_STAFF = 10_000_000
MAX_REVENUE = 10**15  # yuan
FIRST_DAY = date(1000, 1, 1)
EXAMPLES = {"max": "300", "to": '"2024-12-31"'}
# What people call them otherwise, as far as likeness does not tell.
ALSO_CALLED: Mapping[str, str] = {
    **dict.fromkeys(("employees", "headcount", "people", "职工", "职工人数", "从业人员", "人数"), "staff"),
    **dict.fromkeys(("income", "turnover", "sales", "营业收入", "年营业收入", "营收"), "revenue"),
    **dict.fromkeys(("established", "registered", "age", "成立", "成立日期", "成立时间"), "founded"),
}


def _whole(given: object) -> object:
    if given is not None and (isinstance(given, bool) or not isinstance(given, int)):
        raise ValueError("write a whole number without quotes, such as 300")
    return given


def _day(given: object) -> object:
    try:
        day = given if isinstance(given, date) or given is None else date.fromisoformat(str(given))
    except ValueError as exc:
        raise ValueError("write a day as YYYY-MM-DD") from exc
    if isinstance(given, str) and len(given) != len("2024-01-01"):
        raise ValueError("write a day as YYYY-MM-DD")  # 20240101 and 2024-W01-1 are other spellings
    if day is not None and day < FIRST_DAY:
        raise ValueError(f"there is no enterprise from before {FIRST_DAY}; correct the year")
    return day


class _Range(BaseModel):
    """A range with one end or two."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)

    @model_validator(mode="before")
    @classmethod
    def _known_ends(cls, given: Any) -> Any:
        if isinstance(given, cls):
            return given
        first, last = cls.ends()
        if not isinstance(given, dict):
            raise ValueError(f'write a range, such as {{"{last}": {EXAMPLES[last]}}}')
        for key in given:
            if key not in (first, last):
                raise ValueError(f"unknown end {str(key)[:40]!r}, a range here takes {first} and {last}")
        if given.get(first) is None and given.get(last) is None:
            raise ValueError(f"a range needs {first}, {last} or both")
        return given

    @model_validator(mode="after")
    def _in_order(self) -> "_Range":
        first, last = self.ends()
        low, high = (getattr(self, name) for name in type(self).model_fields)
        if low is not None and high is not None and low > high:
            raise ValueError(f"{first} ({low}) lies after {last} ({high}); exchange or correct them")
        return self

    @classmethod
    def ends(cls) -> tuple[str, str]:
        """What its two ends are called."""
        first, last = (field.alias or name for name, field in cls.model_fields.items())
        return first, last

    def plain(self) -> dict[str, Any]:
        """The canonical form: only the ends that are given."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class Persons(_Range):
    """How many people work there."""

    min: Annotated[int | None, BeforeValidator(_whole)] = Field(default=None, ge=0, le=MAX_STAFF)
    max: Annotated[int | None, BeforeValidator(_whole)] = Field(default=None, ge=0, le=MAX_STAFF)


class Yuan(_Range):
    """Revenue of a year in yuan."""

    min: Annotated[int | None, BeforeValidator(_whole)] = Field(default=None, ge=0, le=MAX_REVENUE)
    max: Annotated[int | None, BeforeValidator(_whole)] = Field(default=None, ge=0, le=MAX_REVENUE)


class Days(_Range):
    """Days, ``from`` and ``to`` included."""

    start: Annotated[date | None, BeforeValidator(_day)] = Field(default=None, alias="from")
    end: Annotated[date | None, BeforeValidator(_day)] = Field(default=None, alias="to")


class Ranges(BaseModel):
    """What the enterprises have that a subscription is about; at least one of the three."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    staff: Persons | None = None
    revenue: Yuan | None = None
    founded: Days | None = None

    @model_validator(mode="before")
    @classmethod
    def _known_fields(cls, given: Any) -> Any:
        if isinstance(given, cls):
            return given
        if not isinstance(given, dict):
            raise ValueError('write a profile as ranges, such as {"staff": {"max": 300}}')
        for key in given:
            if key not in cls.model_fields:
                named = str(key)[:40]
                near = ALSO_CALLED.get(named) or next(
                    iter(get_close_matches(named, cls.model_fields, n=1)), None
                )
                hint = f"did you mean {near}?" if near else f"use one of {', '.join(cls.model_fields)}"
                raise ValueError(f"unknown field {named!r}, {hint}")
        if all(given.get(name) is None for name in cls.model_fields):
            raise ValueError('profile needs a range, such as {"staff": {"max": 300}}, or leave it out')
        return given

    def plain(self) -> dict[str, Any]:
        """The canonical form: only what is given."""
        given = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: one.plain() for name, one in given if one is not None}
