"""What a reviewer makes of the numbers that a policy asks of applicants, read from the form of its page."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from service.pages.condition_words import WAN
from service.pages.forms import Fields
from streams.events.condition_values import ConditionGiven, ConditionValue
from streams.policies import PolicyView
from streams.policies.as_read import taken_away_as_read
from streams.policies.requirements import is_asked

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
ROWS = 3  # that may be added at once
WRONG = {
    "person": "请填写 0 以上的整数，例如 300。",
    "yuan": "请填写 0 以上的数字，单位万元，例如 2000。",
    "year": "请填写年数，例如 3，不超过 200。",
    "month": "请填写月数，例如 18，不超过 2400。",
    "day": "请填写日期，写作 2020-01-31。",
}
WRONG_CHOICE = "请选择要补充的是什么。"
WRONG_OFF = "改了数字的，请选“按此筛选企业”；不作为条件的，请不要改数字。"
GONE = (
    "您改的一条数字要求已由其他审查人去掉。请核对后再保存，仍需要的请在“已去掉的”里恢复，或在“补充”里填写。"
)
NOT_GONE = "您要恢复的一条数字要求已经不在“已去掉的”里了，可能已由其他审查人恢复。请核对后再保存。"


def read_conditions(fields: Fields, view: PolicyView, errors: dict[str, str]) -> list[ConditionGiven]:
    """Return the corrections that a form holds; what is wrong is told in ``errors``, by field.

    Args:
        fields: as `service.pages.conditions.shown_numbers` was shown in them.
        view: the revision that it is about.
        errors: by field of the form, in Chinese.
    """
    conditions = {fact.number: fact.value for fact in view.facts if fact.name == "conditions"}
    given: list[ConditionGiven] = []
    for number, value in conditions.items():
        if f"condition_{number}_is" not in fields.form:
            continue
        if value is None:  # taken away since the form was shown
            _, changed, on, was_on = _said(fields, number)
            if on and (changed or not was_on):
                errors["form"] = GONE
        elif is_asked(value):
            given += _corrected(fields, number, value, errors)
    back = _brought_back(fields, view, errors)
    return [*given, *back, *(one for row in range(ROWS) for one in _added(fields, row, errors))]


def valid(value: Mapping[str, Any]) -> ConditionValue | None:
    """Return a condition as a reviewer may give it; None where this one cannot be given."""
    try:
        return ConditionValue.model_validate(value)
    except ValidationError:
        return None


def _said(fields: Fields, number: int) -> tuple[str, bool, bool, bool]:
    """What stands in the field of a condition, whether that is new, whether it shall count, and whether it did."""
    name = f"condition_{number}"
    text = fields.one(name)
    on, was_on = fields.one(f"{name}_is") == "on", fields.one(f"was_{name}_is") == "on"
    return text, text != fields.one(f"was_{name}"), on, was_on


def _corrected(
    fields: Fields, number: int, value: Mapping[str, Any], errors: dict[str, str]
) -> list[ConditionGiven]:
    text, changed, on, was_on = _said(fields, number)
    if not on and changed:
        errors[f"condition_{number}"] = WRONG_OFF
    elif not on and was_on:
        return [ConditionGiven(number=number)]
    elif on and (changed or not was_on):
        # A number that stays is not read again: the form shows fewer digits than there may be.
        made = _value(value, text) if changed else valid(value)
        if made is not None:
            return [ConditionGiven(number=number, value=made)]
        errors[f"condition_{number}"] = WRONG[value["unit"]]
    return []


def _brought_back(fields: Fields, view: PolicyView, errors: dict[str, str]) -> list[ConditionGiven]:
    """The condition whose button was pressed, as it was read."""
    pressed = fields.one("condition_back")
    if not pressed:
        return []
    read = {str(number): (number, valid(value)) for number, value in taken_away_as_read(view).items()}
    number, value = read.get(pressed, (None, None))
    if value is None:
        errors["form"] = NOT_GONE
        return []
    return [ConditionGiven(number=number, value=value)]


def _added(fields: Fields, row: int, errors: dict[str, str]) -> list[ConditionGiven]:
    what, text = fields.one(f"condition_add_{row}"), fields.one(f"condition_add_{row}_value")
    if not what and not text:
        return []
    if what not in ADDED:
        errors[f"condition_add_{row}"] = WRONG_CHOICE
        return []
    _, field, op, unit = ADDED[what]
    made = _value({"field": field, "op": op, "unit": unit}, text)
    if made is None:
        errors[f"condition_add_{row}_value"] = WRONG[unit]
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
        return valid({**like, "value": round(number * WAN) if like["unit"] == "yuan" else number})
    except (ValueError, OverflowError):
        return None
