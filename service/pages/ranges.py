"""The ranges of a subscription as form fields: 职工人数 至少 / 至多, 年营业收入（万元）, 成立日期 不早于 / 不晚于."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from service.pages.criteria_words import decimal
from subscribers.errors import wrong_fields
from subscribers.ranges import Ranges

WAN = 10_000
# Field of the criteria → its ends, each with the form's field.
ENDS: Mapping[str, Mapping[str, str]] = {
    "staff": {"min": "wish_staff_min", "max": "wish_staff_max"},
    "revenue": {"min": "wish_revenue_min", "max": "wish_revenue_max"},
    "founded": {"from": "wish_founded_from", "to": "wish_founded_to"},
}
NAMES = tuple(name for ends in ENDS.values() for name in ends.values())
WRONG = {
    "staff": "请填写 0 以上的整数，例如 300。",
    "revenue": "请填写 0 以上的数字，单位万元，例如 2000。",
    "founded": "请填写日期，写作 2020-01-31。",
}
TOO_LARGE = {"staff": "数字太大，请核对。", "revenue": "数字太大，请核对：单位是万元。"}
CROSSED = {
    "staff": "“至多”不能小于“至少”，请对调或改正。",
    "revenue": "“至多”不能小于“至少”，请对调或改正。",
    "founded": "“不晚于”不能早于“不早于”，请对调或改正。",
}


def read_ranges(one: Callable[[str], str], errors: dict[str, str]) -> dict[str, Any]:
    """Return the ranges that a form holds, as criteria write them; what is wrong is told in ``errors``, by field.

    Args:
        one: gives the text of a field, "" where there is none.
        errors: by field of the form, in Chinese.
    """
    found: dict[str, Any] = {}
    for field, ends in ENDS.items():
        given: dict[str, Any] = {}
        wrong = {}
        for end, name in ends.items():
            if text := one(name):
                try:
                    given[end] = _value(field, text)
                except (ValueError, OverflowError):
                    wrong[name] = WRONG[field]
        wrong = wrong or _wrong(field, given)
        errors |= wrong
        if given and not wrong:
            found[field] = given
    return found


def shown_ranges(profile: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the form's fields for the ranges of criteria in canonical form."""
    return {
        name: _text(field, profile[field][end])
        for field, ends in ENDS.items()
        for end, name in ends.items()
        if end in profile.get(field, {})
    }


def _wrong(field: str, given: Mapping[str, Any]) -> dict[str, str]:
    """What the model says of one range, by field of the form."""
    if not given:
        return {}
    try:
        Ranges.model_validate({field: given})
    except ValidationError as exc:
        at = [str(location[1]) for location, _ in wrong_fields(exc) if len(location) > 1]
        if not at:  # it is the pair that is wrong
            return {[*ENDS[field].values()][-1]: CROSSED[field]}
        return {ENDS[field][end]: _words(field, given[end]) for end in at}
    return {}


def _words(field: str, value: int | str) -> str:
    return TOO_LARGE[field] if isinstance(value, int) and value > 0 else WRONG[field]


def _value(field: str, text: str) -> int | str:
    bare = text.replace(",", "").replace("，", "")
    if field == "staff":
        return int(bare)
    return round(float(bare) * WAN) if field == "revenue" else text


def _text(field: str, value: int | str) -> str:
    return decimal(int(value) / WAN, 4) if field == "revenue" else str(value)
