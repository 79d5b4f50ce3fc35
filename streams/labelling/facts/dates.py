"""Days as official texts write them, and the day that they mean.

Without a year a day takes that of the day it is read with, or of the document: 3月1日前 in a notice of December is in
the year to come.
"""

import re
from calendar import monthrange
from datetime import date, timedelta

from streams.labelling.facts.numerals import chinese, small

YEAR = "(?:(?:19|20)\\d\\d|二[〇○零0]{1}[〇○零0-9一二三四五六七八九]{2}|一九[〇○零一二三四五六七八九]{2})"
_MONTH = "(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_DAY = (
    "(?:3[01]|[12]\\d|0?[1-9]|三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九])"
)
_DASH = "[-./－．／]"

# What stands for one day; no groups, so that it can be built into other patterns.
DATE = (
    rf"(?:{YEAR} ?年 ?{_MONTH} ?月 ?(?:{_DAY} ?[日号]|[底末]|[上中下]旬)?"
    rf"|{YEAR} ?年(?:年)?[底末]"
    rf"|(?<!\d){YEAR}{_DASH}{_MONTH}{_DASH}{_DAY}(?!\d)"
    rf"|(?<![\d年]){_MONTH} ?月 ?(?:{_DAY} ?[日号]|[底末]|[上中下]旬)"
    r"|(?:今|本|当)年年?[底末]|(?<![每次明去上半\d])年[底末]|(?<![每次个上下当\d])本?月[底末])"
)
DAY_ONLY = rf"{_DAY} ?[日号]"
NOTE = r"(?:\((?:含|星期|周|下周|本周|不含|以)[^()\n]{0,8}\))?"  # 3月1日(含当日), 8月12日(周三)
CLOCK = r"(?: ?(?:上午|下午|中午|晚上?|凌晨)?,? ?(?:零|\d{0,2})[:时点]?\d{0,2}(?::\d\d)?分?(?:整)?)"

_PARTS = re.compile(
    rf"(?:(?P<year>{YEAR}) ?年)? ?(?P<month>{_MONTH}) ?月 ?"
    rf"(?:(?P<day>{_DAY}) ?[日号]|(?P<last>[底末])|(?P<third>[上中下])旬)?"
    rf"|(?P<year2>{YEAR}) ?年(?:年)?[底末]"
    rf"|(?P<year3>{YEAR}){_DASH}(?P<month3>{_MONTH}){_DASH}(?P<day3>{_DAY})"
    rf"|(?P<ends>(?:今|本|当)?年(?:年)?[底末])|(?P<month_ends>本?月[底末])|(?P<day4>{_DAY}) ?[日号]"
)
# First and last day of 上旬, 中旬, 下旬; the last one's last is the month's.
_THIRDS: dict[str, tuple[int, int | None]] = {"上": (1, 10), "中": (11, 20), "下": (21, None)}
_PAST = timedelta(days=150)
_IN_HAN = str.maketrans("0123456789", "零一二三四五六七八九")


def read_day(
    text: str, *, near: date | None = None, after: date | None = None, last: bool = True
) -> date | None:
    """The day that `text` (a match of DATE or DAY_ONLY) means; None where it is none or has no year.

    Args:
        text: the words of the day alone.
        near: the document's day, for a day without a year.
        after: the day at the beginning of the range that ends with this one; it lends its year and month.
        last: a month without a day means its last day, otherwise its first.
    """
    found = _PARTS.fullmatch(text.strip())
    if not found:
        return None
    part = found.groupdict()
    base = after or near
    if part["year3"]:
        return _day(_year(part["year3"]), small(part["month3"]), small(part["day3"]))
    if part["year2"]:
        return _day(_year(part["year2"]), 12, 31)
    if part["ends"]:
        return _day(base.year, 12, 31) if base else None
    if part["month_ends"]:
        return _day(base.year, base.month, None) if base else None
    if part["day4"]:
        return _day(after.year, after.month, small(part["day4"])) if after else None
    month, day = small(part["month"]), small(part["day"]) if part["day"] else (None if last else 1)
    if part["last"]:
        day = None
    if part["third"]:
        day = _THIRDS[part["third"]][1 if last else 0]
    if part["year"]:
        return _day(_year(part["year"]), month, day)
    return _without_year(month, day, after, near)


def _without_year(month: int | None, day: int | None, after: date | None, near: date | None) -> date | None:
    if after:
        found = _day(after.year, month, day)
        return _day(after.year + 1, month, day) if found and found < after else found
    if near:
        found = _day(near.year, month, day)
        return _day(near.year + 1, month, day) if found and found + _PAST < near else found
    return None


def later(day: date, *, years: int = 0, months: int = 0, days: int = 0) -> date | None:
    """The day so much later; None past the year 9999. A day that a month lacks becomes its last."""
    place = day.month - 1 + months + 12 * years
    year, month = day.year + place // 12, place % 12 + 1
    moved = _day(year, month, min(day.day, monthrange(year, month)[1])) if year < date.max.year else None
    if moved is None or not days:
        return moved
    try:
        return moved + timedelta(days=days)
    except OverflowError:
        return None


def _year(text: str) -> int | None:
    return int(text) if text.isascii() else chinese(text.translate(_IN_HAN))


def _day(year: int | None, month: int | None, day: int | None) -> date | None:
    if year is None or month is None or not date.min.year <= year < date.max.year or not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    day = last if day is None else day
    return date(year, month, day) if 1 <= day <= last else None
