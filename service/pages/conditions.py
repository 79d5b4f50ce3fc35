"""The numbers that a policy asks of applicants, on the page of its reviewer: seen, taken away, changed, added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from service.pages.condition_words import (
    UNITS,
    WAN,
    condition_in_words,
    number_in_words,
    requirements_in_words,
)
from service.pages.forms import Fields
from streams.events.condition_values import ConditionGiven, ConditionValue
from streams.policies import PolicyView
from streams.policies.requirements import counting, is_asked, requirements_of

# What may be added: how the form calls it, and what that is.
ADDED: Mapping[str, tuple[str, str, str, str]] = {
    "staff-least": ("职工人数不少于（人）", "employees", ">=", "person"),
    "staff-most": ("职工人数不超过（人）", "employees", "<=", "person"),
    "revenue-least": ("年营业收入不少于（万元）", "revenue", ">=", "yuan"),
    "revenue-most": ("年营业收入不超过（万元）", "revenue", "<=", "yuan"),
    "age-least": ("成立满（年）", "established", ">=", "year"),
    "age-most": ("成立不超过（年）", "established", "<=", "year"),
    "founded-from": ("成立日期不早于（日期）", "established", ">=", "day"),
    "founded-to": ("成立日期不晚于（日期）", "established", "<=", "day"),
}
WRONG = {
    "person": "请填写 0 以上的整数，例如 300。",
    "yuan": "请填写 0 以上的数字，单位万元，例如 2000。",
    "year": "请填写年数，例如 3，不超过 200。",
    "month": "请填写月数，例如 18，不超过 2400。",
    "day": "请填写日期，写作 2020-01-31。",
}
WRONG_CHOICE = "请选择要补充的是什么。"
WRONG_OFF = "改了数字的，请选“按此筛选企业”；不作为条件的，请不要改数字。"
GONE = "您改的一条数字要求已由其他审查人去掉。请核对后再保存，仍需要的请在“补充一条”里填写。"


@dataclass(frozen=True)
class ShownCondition:
    """A number as the reviewer sees it.

    Attributes:
        number: its place among the policy's conditions.
        words: what is measured and how it compares: 职工人数不少于; "" where it was taken away.
        text: the number, in `unit`.
        unit: in Chinese, "" for a day.
        is_day: whether it is a day of founding.
        counts: whether it is asked of every enterprise when the policy is matched.
        origin: "rule" or "reviewer".
        quote: the words that it was read from, "" where there are none.
    """

    number: int
    words: str
    text: str
    unit: str
    is_day: bool
    counts: bool
    origin: str
    quote: str


@dataclass(frozen=True)
class ShownNumbers:
    """All that the form about them shows: what there is, what may be added, and what is asked as it stands."""

    conditions: Sequence[ShownCondition]
    added: Sequence[tuple[str, str]]
    asks: Sequence[str]


def shown_numbers(view: PolicyView) -> ShownNumbers:
    """Return what the form shows of a revision."""
    added = [(code, words) for code, (words, *_) in ADDED.items()]
    return ShownNumbers(shown_conditions(view), added, requirements_in_words(requirements_of(view)))


def shown_conditions(view: PolicyView) -> list[ShownCondition]:
    """Return the numbers of a revision that may be asked of enterprises, and those that a reviewer took away."""
    counted = counting(view.facts, view.data, view.body)
    return [
        ShownCondition(fact.number, "", "", "", False, False, fact.origin, fact.quote)
        if fact.value is None
        else ShownCondition(
            fact.number,
            condition_in_words(fact.value, number=False),
            number_in_words(fact.value),
            UNITS[fact.value["unit"]],
            fact.value["unit"] == "day",
            fact.number in counted,
            fact.origin,
            fact.quote,
        )
        for fact in view.facts
        if fact.name == "conditions" and (fact.quote if fact.value is None else is_asked(fact.value))
    ]


def read_conditions(fields: Fields, view: PolicyView, errors: dict[str, str]) -> list[ConditionGiven]:
    """Return the corrections that a form holds; what is wrong is told in ``errors``, by field.

    Args:
        fields: as `shown_conditions` was shown in them.
        view: the revision that it is about.
        errors: by field of the form, in Chinese.
    """
    values = {fact.number: fact.value for fact in view.facts if fact.name == "conditions"}
    given: list[ConditionGiven] = []
    for shown in shown_conditions(view):
        name = f"condition_{shown.number}"
        if f"{name}_is" not in fields.form:
            continue
        text, on = fields.one(name), fields.one(f"{name}_is") == "on"
        changed, was_on = text != fields.one(f"was_{name}"), fields.one(f"was_{name}_is") == "on"
        if not shown.words:  # taken away since the form was shown
            if on and (changed or not was_on):
                errors["form"] = GONE
        elif not on and changed:
            errors[name] = WRONG_OFF
        elif not on and was_on:
            given.append(ConditionGiven(number=shown.number))
        elif on and (changed or not was_on):
            value = values[shown.number]
            # A number that stays is not read again: the form shows fewer digits than there may be.
            made = _value(value, text) if changed else _valid(value)
            if made is None:
                errors[name] = WRONG[value["unit"]]
            else:
                given.append(ConditionGiven(number=shown.number, value=made))
    return given + _added(fields, errors)


def _added(fields: Fields, errors: dict[str, str]) -> list[ConditionGiven]:
    what, text = fields.one("condition_add"), fields.one("condition_add_value")
    if not what and not text:
        return []
    if what not in ADDED:
        errors["condition_add"] = WRONG_CHOICE
        return []
    _, field, op, unit = ADDED[what]
    made = _value({"field": field, "op": op, "unit": unit}, text)
    if made is None:
        errors["condition_add_value"] = WRONG[unit]
        return []
    return [ConditionGiven(value=made)]


def _value(like: Mapping[str, Any], text: str) -> ConditionValue | None:
    """A condition like another one with the number that somebody typed; None where it is none."""
    try:
        if like["unit"] == "day":
            day = date.fromisoformat(text)
            number = float(day.year * 10_000 + day.month * 100 + day.day)
        else:
            number = float(text.replace(",", "").replace("，", ""))
        return _valid({**like, "value": round(number * WAN) if like["unit"] == "yuan" else number})
    except (ValueError, OverflowError):
        return None


def _valid(value: Mapping[str, Any]) -> ConditionValue | None:
    try:
        return ConditionValue.model_validate(value)
    except ValidationError:
        return None
