"""Criteria as their owner reads them: 行业：软件和信息技术服务业；关键词：首版次；职工不超过 300 人."""

from collections.abc import Mapping, Sequence
from typing import Any

from config.taxonomies import Taxonomy

WAN, YI = 10_000, 100_000_000
SHOWN = 6  # names of one clause; a list of sixty is no summary


def in_words(criteria: Mapping[str, Any], taxonomy: Taxonomy) -> list[str]:
    """Return what criteria in canonical form say, one sentence a part."""
    said = []
    ways = [_all_of(one["all"], taxonomy) for one in criteria.get("any", ())]
    if ways:
        said.append("，或者".join(ways))
    if words := criteria.get("keywords"):
        said.append(f"提到：{_listed(words)}")
    if excluded := [_codes(one, taxonomy) for one in criteria.get("not", ())]:
        said.append(f"不要：{'；'.join(excluded)}")
    if ranges := criteria.get("profile"):
        said.append(f"针对的企业：{'，'.join(range_in_words(field, ends) for field, ends in ranges.items())}")
    return said


def _all_of(clauses: Sequence[Mapping[str, Any]], taxonomy: Taxonomy) -> str:
    return "，".join(
        _codes(one, taxonomy) + ("（含不限）" if one.get("or_unrestricted") else "") for one in clauses
    )


def _codes(clause: Mapping[str, Any], taxonomy: Taxonomy) -> str:
    dimension = next(name for name in clause if name != "or_unrestricted")
    names = [taxonomy.name(dimension, code) or code for code in clause[dimension]]
    return f"{taxonomy.titles.get(dimension, dimension)}：{_listed(names)}"


def _listed(names: Sequence[str]) -> str:
    return "、".join(names[:SHOWN]) + (f"等 {len(names)} 项" if len(names) > SHOWN else "")


def range_in_words(field: str, ends: Mapping[str, Any]) -> str:
    """Return a range of criteria, or of what a policy asks: 职工不超过 300 人.

    Args:
        field: "staff", "revenue" or "founded".
        ends: one or both, as criteria have them.
    """
    if field == "founded":
        return f"成立于 {_days(ends)}"
    name, unit = {"staff": ("职工", _persons), "revenue": ("年营业收入", _yuan)}[field]
    if "min" in ends and ends["min"] == ends.get("max"):
        return f"{name} {unit(ends['min'])}"
    if "min" in ends and "max" in ends:
        return f"{name} {unit(ends['min'])}至 {unit(ends['max'])}"
    return f"{name}不少于 {unit(ends['min'])}" if "min" in ends else f"{name}不超过 {unit(ends['max'])}"


def _days(ends: Mapping[str, Any]) -> str:
    if "from" in ends and ends["from"] == ends.get("to"):
        return str(ends["from"])
    if "from" in ends and "to" in ends:
        return f"{ends['from']} 至 {ends['to']}"
    return f"{ends['from']} 及以后" if "from" in ends else f"{ends['to']} 及以前"


def _persons(number: int) -> str:
    return f"{number:,} 人"


def _yuan(number: int) -> str:
    for size, word in ((YI, "亿元"), (WAN, "万元")):
        if number >= size and number * 100 % size == 0:
            return f"{decimal(number / size, 2)} {word}"
    return f"{number:,} 元"


def decimal(number: float, places: int) -> str:
    """Return a number with at most so many decimal places, none of them a closing nought: never as 1.2e+06."""
    return f"{number:.{places}f}".rstrip("0").rstrip(".")
