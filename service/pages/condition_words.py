"""Numbers that a policy asks of applicants, in Chinese: 职工人数不少于 20 人, 成立满 1 年."""

from collections.abc import Mapping
from datetime import date, timedelta
from math import inf
from typing import Any

from service.pages.criteria_words import decimal, range_in_words
from streams.matching.conditions import Requirements

WAN = 10_000
EPOCH = date(1970, 1, 1)
NAMES = {"employees": "职工人数", "revenue": "年营业收入"}
UNITS = {"person": "人", "yuan": "万元", "year": "年", "month": "个月", "day": ""}
LEAST, MOST = "不少于", "不超过"


def condition_in_words(value: Mapping[str, Any], *, number: bool = True) -> str:
    """Return a condition of one of the three fields: 职工人数不少于 20 人; without its number 职工人数不少于."""
    least, is_day = str(value["op"]).startswith(">"), value["unit"] == "day"
    if value["field"] == "established":
        how = ("不早于" if least else "不晚于") if is_day else ("满" if least else "不超过")
        named = f"成立日期{how}" if is_day else f"成立{how}"
    else:
        named = NAMES[value["field"]] + (LEAST if least else MOST)
    return f"{named} {number_in_words(value)} {UNITS[value['unit']]}".rstrip() if number else named


def requirements_in_words(requirements: Requirements) -> list[str]:
    """Return what is asked of every enterprise when the policy is matched: 职工不少于 20 人."""
    return [range_in_words(one.field, _ends(one.field, one.low, one.high)) for one in requirements]


def number_in_words(value: Mapping[str, Any]) -> str:
    """Return the number as people write it: revenue in 万元, a day as 2020-01-31."""
    number = float(value["value"])
    if value["unit"] == "day":
        return f"{number // 10_000:04.0f}-{number // 100 % 100:02.0f}-{number % 100:02.0f}"
    return decimal(number / WAN if value["unit"] == "yuan" else number, 4)


def _ends(field: str, low: float, high: float) -> dict[str, Any]:
    names = ("from", "to") if field == "founded" else ("min", "max")
    ends = {name: end for name, end in zip(names, (low, high), strict=True) if abs(end) != inf}
    return {name: _plain(field, end) for name, end in ends.items()}


def _plain(field: str, end: float) -> int | str:
    return (EPOCH + timedelta(days=int(end))).isoformat() if field == "founded" else int(end)
