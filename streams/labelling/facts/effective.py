"""From when the document applies: 自2024年3月1日起施行, 自印发之日起施行, 执行时间为…至…."""

import re
from dataclasses import dataclass
from datetime import date

from streams.labelling.facts.dates import CLOCK, DATE, NOTE, later, read_day
from streams.labelling.facts.document import Document
from streams.labelling.facts.numerals import COUNT, small
from streams.labelling.facts.places import places
from streams.labelling.facts.subjects import headed_by_period, speaks_of_document, speaks_of_part

ISSUED = (
    r"(?:(?<=[自从])[^,。\n自从;(]{1,8})?(?:正式)?"
    r"(?:印发|发布|公布|发文|下发|颁布|公告|出台|签发|通知|公开发布|发出|颁发|文件印发|政策发布|通过)"
)
# 自8月1日起暂不执行 ends what was, 停止执行 too
_VERB = re.compile(r"[^。;\n()]{0,16}?(?<!不)(?<!不再)(?<!停止)(?:施行|实施|执行|生效|实行|试行|启用|适用)")
_ON_DAY = re.compile(rf"(?P<day>{DATE}) ?{NOTE}{CLOCK}$")
_ON_ISSUE = re.compile(
    rf"(?:自|从|于)?{ISSUED}(?:(?P<next>(?:之|的)?次日)|之日|之|日|当日|当天)?(?:\([^()\n]{{0,20}}\))?$"
)
_AT_ONCE = re.compile(r"即日$")
_AFTER_ISSUE = re.compile(
    rf"(?:自|从)?{ISSUED}(?:之日|日)?起?(?:满|后第|后)?(?P<count>{COUNT}) ?(?P<unit>个月|月|日|天)(?:后)?(?:之日)?$"
)
_AFTER_ISSUE_LATER = re.compile(
    rf"(?:,)?(?P<full>满|经过)?(?P<count>{COUNT}) ?(?P<unit>个月|月|日|天)(?(full)后?|后)"
    r"(?:开始|正式)?(?:施行|实施|执行|生效)"
)
_STATED = re.compile(rf"(?:施行|实施|生效|执行)(?:日期|时间)? ?[\]】]? ?[:: ] ?(?P<day>{DATE})")
_POLICY = re.compile(r"(?:^|[、.)\s])(?:本|该|上述|各项)?(?:政策|措施)$")
# 政策实施时间自2024年3月1日起
_TERMED = re.compile(
    rf"(?:施行|实施|生效|执行)(?:日期|时间)(?:[为是:自从]| ){{1,3}}(?P<day>{DATE}) ?{NOTE}{CLOCK} ?(?:起|开始)"
)
_LAW_HEAD = re.compile(rf"(?:^|\n) ?(?P<day>{DATE}) ?(?:起)? ?(?:施行|实施)")
_TITLE = re.compile(rf"(?P<day>{DATE}) ?(?:起|开始)(?:正式)?(?:施行|实施|执行|生效)")
_HEAD_CHARS = 700
_SINCE = re.compile(
    rf"(?:(?:^|[\s。;,:、]|决定|现)(?:自|从)|(?:^|[\n。!！]) ?)(?P<day>{DATE}) ?{NOTE}{CLOCK}$"
)
_LENGTH = re.compile(r"[^。;\n]{0,3}(?:至|到|满|超过|\d|[一二三四五六七八九十]{1,3}[个年月日])")
_OPENING_CHARS = 400
_TAIL_CHARS = 200
_WINDOW = 48
_SHORT = 24
# 2024年3月1日施行, without 起
_BARE = ("日施行", "日实施", "日执行", "日生效", "日开始", "日正式")
# What can stand before 起: a day, a bracket after it, or 印发 and the like.
_BEFORE_SINCE = frozenset(")日号月底末初天时分之发布文告后台过知出度0123456789 ")
_VERBS = ("施行", "实施", "执行", "生效", "实行", "试行")


@dataclass(frozen=True)
class Start:
    """A place that says from when something applies.

    Attributes:
        day: that day.
        start: where the evidence begins in the document's text.
        end: where it ends.
        sure: how surely it speaks of the whole document, 0 to 3.
        rule: which form of words it was.
    """

    day: date
    start: int
    end: int
    sure: int
    rule: str


def find_starts(document: Document) -> list[Start]:
    """All places of the body that say from when something applies, in order."""
    found = [start for at in places(document.text, "起") if (start := _at(document, at, 1))]
    for word in _BARE:
        found += [start for at in places(document.text, word) if (start := _at(document, at + 1, 0))]
    for word in ("时间", "日期"):
        found += [start for at in places(document.text, word) if (start := _termed(document, at))]
    found += _headed(document)
    return found


def _termed(document: Document, at: int) -> Start | None:
    """The day behind 实施时间 or 执行日期."""
    match = _TERMED.match(document.text, max(0, at - 2), at + _WINDOW)
    day = read_day(match["day"], near=document.near, last=False) if match else None
    if match is None or day is None:
        return None
    left, right = document.sentence(match.start(), match.end())
    lead = document.text[left : match.start()]
    sure = 2 if _POLICY.search(lead) else speaks_of_document(lead)
    return Start(day, left, right, sure, "effective:term")


def _at(document: Document, at: int, skip: int) -> Start | None:
    text = document.text
    verb = _VERB.match(text, at + skip)
    if not verb:
        return None
    if text[verb.end() : verb.end() + 2] in ("的《", "以来", "后的"):
        return None  # another document's, or long ago
    if at == 0 or text[at - 1] not in _BEFORE_SINCE:
        return None
    window = text[max(0, at - _WINDOW) : at]
    read = _read(document, window, text[at + skip : verb.end()])
    if read is None:
        return None
    day, length, rule = read
    begin = at - length
    left, right = document.sentence(begin, verb.end())
    lead = text[left:begin].rstrip("自从于 ")
    between = text[at + skip : verb.end()]
    sure = speaks_of_document(lead)
    if rule != "day" and between.strip(",正式开始 ") in _VERBS and not speaks_of_part(lead):
        sure = max(sure, 2)  # 自印发之日起施行 is hardly ever said of less than the document
    if between in _VERBS and lead.endswith(",") and len(text) - verb.end() <= _TAIL_CHARS:
        sure = sure if speaks_of_part(lead) else max(sure, 2)
    if headed_by_period(text, left) and len(lead) <= _SHORT:
        sure = max(sure, 2)
    if "按" in between or ("至" in between and rule == "day" and sure < 3):
        sure = min(sure, 1)
    return Start(day, left, right, sure, f"effective:{rule}")


def _read(document: Document, window: str, following: str) -> tuple[date, int, str] | None:
    """The day before 起, how many characters it takes, and the form of words."""
    if found := _ON_DAY.search(window):
        day = read_day(found["day"], near=document.near, last=False)
        return (day, len(window) - found.start(), "day") if day else None
    own = document.day
    if own is None:
        return None
    if found := _AFTER_ISSUE.search(window):
        return _shifted(own, found["count"], found["unit"], len(window) - found.start())
    if found := _ON_ISSUE.search(window):
        length = len(window) - found.start()
        if after := _AFTER_ISSUE_LATER.match(following):
            return _shifted(own, after["count"], after["unit"], length)
        return (later(own, days=1) or own) if found["next"] else own, length, "issued"
    if found := _AT_ONCE.search(window):
        return own, len(window) - found.start(), "at once"
    return None


def _shifted(own: date, count: str, unit: str, length: int) -> tuple[date, int, str] | None:
    number = small(count)
    if not number:
        return None
    moved = later(own, months=number) if "月" in unit else later(own, days=number)
    return (moved, length, "after issue") if moved else None


def _headed(document: Document) -> list[Start]:
    """Days in the head of a page or law that are named as those of its entry into force."""
    found = []
    for pattern in (_STATED, _LAW_HEAD):
        for match in pattern.finditer(document.text, 0, _HEAD_CHARS):
            if day := read_day(match["day"], near=document.near, last=False):
                found.append(Start(day, match.start(), match.end(), 2, "effective:head"))
    return found


def find_since(document: Document) -> Start | None:
    """The day of a text that has no clause on its entry into force, but begins: 自2022年10月1日起，下调…."""
    found = []
    for at in places(document.text, "起"):
        match = _SINCE.search(document.text[max(0, at - _WINDOW) : at])
        if match and not _VERB.match(document.text, at + 1):
            day = read_day(match["day"], near=document.near, last=False)
            monthly = match["day"].endswith("月")  # what is paid by the month, not the document
            if day and not monthly and not _LENGTH.match(document.text, at + 1):
                left, right = document.sentence(at, at + 1)
                found.append(Start(day, left, right, 2, "effective:since"))
    if not found or found[0].start > _OPENING_CHARS or any(start.day != found[0].day for start in found):
        return None
    return found[0]


def in_title(document: Document) -> date | None:
    """The day of a title such as 多项医保新措1月1日起实施."""
    found = _TITLE.search(document.title)
    return read_day(found["day"], near=document.near, last=False) if found else None
