"""Whether a sum is that of a year: not 上半年营业收入, 1-6月产值, 月销售额, 三年累计研发投入."""

import re

from streams.labelling.facts.numerals import small

# The last such word before the sum tells its time: 按季度申报, 上年度营业收入 is a year's.
_TIMES = re.compile(
    r"(?P<short>半年|季度|月度|月份|[单当每按][月日季天]|[月日季天](?:均|平均)|(?<!12)(?<!十二)个月)|(?<!半)年"
)
# A time that ends at the words of the sum; 12月营业收入 may be counted up to then
_SHORT_BEFORE = re.compile(
    r"(?:(?<![\d个])月|季|(?<!\d)日|(?<!航)天)(?:度|累计|实现|增值税|应税|不含税|的){0,3}$"
)
_SHORT_BETWEEN = re.compile(r"半年|季度|[月日季天](?:度)?(?:均|平均)|[每按单][月日季天]|\([月日季天]")
_SHORT_BEHIND = re.compile(r" ?(?:/|每)(?:半年|[月日季天周])")
_HEADS = re.compile(r"(?:半年|季度|(?<!个)月份?|[近前续去][^,]{0,4}个月)(?:度|末|内|期间|以来|累计)?$")
_CLAUSE = re.compile(r"[,。;:\n(、且并]")
_MONTH = r"(?:\d{1,2}|[一二三四五六七八九十]{1,2})"
_DAY = r"(?:\d{1,2}[日号])?"
_MONTHS = re.compile(
    rf"(?:(?P<year>\d{{4}}) ?年)?(?P<from>{_MONTH})月?{_DAY} ?(?:-{{1,2}}|至|到|~) ?(?:(?P<next>\d{{4}}) ?年)?"
    rf"(?P<until>{_MONTH})(?:个月|月){_DAY}[^,。;\n\d]{{0,10}}$"
)
# 截至6月底: of this year so far
_UP_TO = re.compile(r"截[至止]到?(?:\d{4} ?年)?(?P<month>\d{1,2}) ?月[^。;\n\d]{0,14}$")
_SEVERAL_YEARS = re.compile(r"(?:[两二三四五]|(?<!\d)[2-5]) ?个?(?:完整)?(?:会计|自然|纳税)?年")
_TOGETHER = re.compile(r"累计|合计|总计|之和|总和")
_BACK = 28


def in_a_year(text: str, start: int, words: str, end: int) -> bool:
    """Whether a sum is that of one year, or has no time beside it.

    Args:
        text: the document's text with plain punctuation.
        start: where the words for the sum begin.
        words: these words and those behind them, up to the number or its comparison.
        end: where the number ends.
    """
    lead = text[max(0, start - _BACK) : start]
    if _SHORT_BETWEEN.search(words) or _SHORT_BEHIND.match(text, end) or _months_but_twelve(lead):
        return False
    *before, clause = _CLAUSE.split(lead)
    if not clause.strip() and before:  # 上半年,营业收入…
        return not _HEADS.search(before[-1])
    times = list(_TIMES.finditer(clause + words))
    if (times and times[-1]["short"]) or _SHORT_BEFORE.search(clause):
        return False
    return not (_SEVERAL_YEARS.search(clause) and _TOGETHER.search(clause + words))


def _months_but_twelve(lead: str) -> bool:
    """Whether the sum is of 1-6月 or 截至6月底, and not of 1-12月 or 2023年7月至2024年6月."""
    if up_to := _UP_TO.search(lead):
        return int(up_to["month"]) != 12
    found = _MONTHS.search(lead)
    if found is None:
        return False
    years = int(found["next"]) - int(found["year"]) if found["next"] and found["year"] else 0
    first, last = small(found["from"]), small(found["until"])
    return first is None or last is None or 12 * years + last - first + 1 != 12
