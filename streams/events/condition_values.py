"""Numbers that a policy asks of every applicant, as a reviewer gives them: 职工 ≥ 20 人, 成立 ≥ 1 年."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from streams.events.fields import STRICT

MOST = 1e15  # yuan; nothing that is counted here goes beyond
MOST_STAFF = 10_000_000
MOST_YEARS = 200
MANY = 100  # corrections at once
Unit = Literal["person", "yuan", "year", "month", "day"]
UNITS: Mapping[str, tuple[Unit, ...]] = {
    "employees": ("person",),
    "revenue": ("yuan",),
    "established": ("year", "month", "day"),
}


def _counted(value: object) -> object:
    if isinstance(value, bool):  # which would be taken for 1 or 0
        raise ValueError("write a number")
    return value


class ConditionValue(BaseModel):
    """How an applicant's number must compare; only these three are asked of enterprises when policies are matched.

    ``employees`` in persons, ``revenue`` in yuan a year, ``established`` in years or months of age, or as the day of
    founding (20200131), where ``>=`` means on that day or later.
    """

    model_config = STRICT

    field: Literal["employees", "revenue", "established"]
    op: Literal["<", "<=", ">", ">="]
    value: Annotated[float, BeforeValidator(_counted)] = Field(ge=0, le=MOST, allow_inf_nan=False)
    unit: Unit

    @model_validator(mode="after")
    def _means_something(self) -> "ConditionValue":
        if self.unit not in UNITS[self.field]:
            raise ValueError(
                f"{self.field} is counted in {' or '.join(UNITS[self.field])}, not in {self.unit}"
            )
        if self.field == "employees" and (self.value % 1 or self.value > MOST_STAFF):
            raise ValueError(f"write a whole number of persons, at most {MOST_STAFF}")
        if self.unit == "day":
            _day(self.value)
        elif self.field == "established":
            months = self.value * (12 if self.unit == "year" else 1)
            if not 1 <= months <= MOST_YEARS * 12:
                raise ValueError(f"write an age of a month to {MOST_YEARS} years")
        return self


class ConditionGiven(BaseModel):
    """One correction: of the condition ``number``, or a further one where there is no number.

    ``value`` null takes the condition away.
    """

    model_config = STRICT

    number: int | None = Field(default=None, strict=True, ge=0, le=100_000)
    value: ConditionValue | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "ConditionGiven":
        if self.number is None and self.value is None:
            raise ValueError("give a value to add a condition, or the number of one to take it away")
        return self


def _day(value: float) -> None:
    try:
        date(int(value // 10_000), int(value // 100 % 100), int(value % 100))
    except (ValueError, OverflowError) as exc:
        raise ValueError("write a day of founding as 20200131") from exc
    if value % 1:
        raise ValueError("write a day of founding as 20200131")
