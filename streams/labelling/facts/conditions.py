"""What an applicant has to meet, as numbers: 营业收入≥2000万元, 职工≤300人, 成立满1年, 研发费用占比≥5%."""

import re
from collections.abc import Iterator
from itertools import islice

from streams.labelling.facts.bounds import COMPARISON, NUMBER, UNITS, counted, said, unit_of
from streams.labelling.facts.document import Document
from streams.labelling.facts.fields import named
from streams.labelling.facts.founding import find_founding
from streams.labelling.facts.model import Condition, Fact, Operator
from streams.labelling.facts.numerals import ARABIC, CHINESE, SCALE, number
from streams.labelling.facts.places import places
from streams.labelling.facts.whose import Limit, of_an_applicant

_COMPARED = re.compile(rf"(?P<op>{COMPARISON})[^,。;\n\d前不未数几]{{0,3}}?{NUMBER}")
_BOUNDED = re.compile(rf"{NUMBER}$")
# The other side of the limit: 2000万元以上、4亿元以下; 不低于2000万元、不超过4亿元
_ALSO = re.compile(
    rf" ?[、,]? ?(?:且|并且?|但|同时|至|到)?(?:(?P<op>{COMPARISON})[^,。;\n\d前不未数几]{{0,3}}?)?{NUMBER}"
)
# 2000万元至4亿元, 50-300人
_UNTIL = re.compile(rf" ?{NUMBER}")
_BARE = re.compile(
    rf"(?P<number>{ARABIC}|{CHINESE}) ?(?P<scale>{SCALE}) ?(?P<with>\((?P<without>不)?含\))?(?P<after>)$"
)
_RANGES = ("至", "-", "~")
_ENDS_OF_UNITS = frozenset("元%点人名年岁月项件个家米㎡2²度万亿币) 及")
_ENDS_OF_NUMBERS = _ENDS_OF_UNITS | frozenset("0123456789一二三四五六七八九十百千")
_SIGN = re.compile(rf"{COMPARISON}|以[上下内]|内(?<=[年月之]内)")
_WINDOW = 44
_PARTED = re.compile(r"(?s:.*)[,。;\n\d]")  # no field and no gap goes across one of these
_BACK = 26
_LIMIT = 300
_MOST_SIGNS = 20_000

Read = tuple[Condition, int, int]


def find_conditions(document: Document) -> tuple[Fact[Condition], ...]:
    """The numbers that an applicant has to meet, in the order of the text, the first 300 of them."""
    text = document.text
    found: dict[int, Read] = {}
    for sign in islice(_SIGN.finditer(text), _MOST_SIGNS):
        ahead = sign[0][0] in "以内"
        read = _ahead(text, sign.end()) if ahead else _behind(text, sign.start())
        if read and read[2] not in found and not _divides(text, read):
            found[read[2]] = read
            if other := _other_side(text, read):
                found.setdefault(other[2], other)
            if len(found) >= _LIMIT:
                break
    for read in _ranges(text):
        found.setdefault(read[2], read)
    facts = [document.fact(one, begin, end, f"condition:{one.field}") for one, begin, end in found.values()]
    facts += find_founding(document)
    return tuple(sorted(facts, key=lambda fact: fact.start)[:_LIMIT])


def _behind(text: str, at: int) -> Read | None:
    """The condition whose comparison begins at `at`: 不低于2000万元."""
    match = _COMPARED.match(text, at)
    if match is None:
        return None
    return _read(text, match, said(match["op"], match["after"]), at, unit_of(match), match["scale"])


def _ahead(text: str, end: int) -> Read | None:
    """The condition whose comparison ends at `end`: 2000万元以上, 3年内."""
    if text[end - 3 : end - 2] not in _ENDS_OF_UNITS and text[end - 2 : end - 1] not in ("年", "月"):
        return None  # 以上人员, as most are
    match = _BOUNDED.search(text, max(0, end - _BACK), end)
    if match is None or match["after"] is None:
        return None
    return _read(text, match, said("", match["after"]), match.start(), unit_of(match), match["scale"])


def _other_side(text: str, read: Read) -> Read | None:
    """The other end of a limit, where it follows at once; its words begin with the first's."""
    one, begin, end = read
    match = _ALSO.match(text, end)
    if match is None or not (match["op"] or match["after"]):
        return None
    return _end_of_range(one, begin, match, said(match["op"] or "", match["after"]))


def _divides(text: str, read: Read) -> bool:
    """Whether the words part all there are in two: 面积144平方米及以下、144平方米以上两类房源."""
    match = _ALSO.match(text, read[2])
    if match is None or not match["after"] or match["op"]:
        return False
    return number(match["number"], match["scale"] or "") == read[0].value


def _ranges(text: str) -> Iterator[Read]:
    """The two ends of 营业收入2000万元(含)至4亿元(不含) and of 从业人员50-300人."""
    for sign in _RANGES:
        for at in places(text, sign):
            if text[at - 1 : at] not in _ENDS_OF_NUMBERS or (high := _UNTIL.match(text, at + 1)) is None:
                continue
            window, end = max(0, at - _BACK), at - (text[at - 1] == " ")
            if low := _BOUNDED.search(text, window, end):
                unit, scale = unit_of(low), low["scale"]
            elif low := _BARE.search(text, window, end):
                unit, scale = unit_of(high), low["scale"] or high["scale"]
            if low is None or low["after"] or _is_of_the_calendar(low, high):
                continue
            least = _read(text, low, ">=", low.start(), unit, scale)
            if least and (most := _end_of_range(least[0], least[1], high, "<=")):
                yield least
                yield most


def _is_of_the_calendar(low: re.Match[str], high: re.Match[str]) -> bool:
    """2020年至2022年, 3月至5月 and 9-12月 are times, 3年至5年 and 3个月至6个月 are ages."""
    month = high["month"] is not None and "个" not in high[0]
    return month or (high["year"] is not None and len(low["number"]) > 3)


def _end_of_range(one: Condition, begin: int, match: re.Match[str], op: Operator) -> Read | None:
    value = number(match["number"], match["scale"] or "")
    if value is None or UNITS[unit_of(match)] != one.unit or op[0] == one.op[0]:
        return None
    if value == one.value or (value > one.value) != (op[0] == "<"):
        return None
    op, end = counted(op, match)
    return Condition(one.field, op, value, one.unit), begin, end


def _read(
    text: str, match: re.Match[str], op: Operator, start: int, unit: str, scale: str | None
) -> Read | None:
    """The condition on what is named before `start`, with the number that `match` read."""
    window = text[max(0, start - _WINDOW) : start]
    if parted := _PARTED.match(window):
        window = window[parted.end() :]
    value = number(match["number"], scale or "")
    if value is None:
        return None
    for one in named(window, unit, value):
        side, end = counted(op, match)
        begin = start - len(window) + one.start
        limit = Limit(one.field, one.words, one.gap, side, begin, end, match["after"] or "")
        if of_an_applicant(text, limit):
            return Condition(one.field, side, value, UNITS[unit]), begin, end
    return None
