"""The period of a document that has no clause on its validity, but whose grants all run for one and the same period.

Tax notices begin 自2024年1月1日至2025年12月31日，对…; housing notices repeat 即日起至2022年12月31日 in each measure.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from streams.labelling.facts.dates import CLOCK, DATE, NOTE, read_day
from streams.labelling.facts.document import Document
from streams.labelling.facts.places import places

_SPAN = re.compile(rf"(?P<from>{DATE}|即日) ?{NOTE}{CLOCK} ?起? ?(?:至|到|-{{1,2}}|~) ?(?P<until>{DATE})")
_UNTIL_NEXT = re.compile(r" ?[\d二今本当年月十]")
_WINDOW = 30
_OPENING_CHARS = 200
_LEAST = timedelta(days=25)
# Such a document runs for a time of its own: that of the hearing, of the applications, of the meeting.
_ANOTHER_TIME = re.compile(
    r"征求.{0,4}意见|征集|公示|名单|结果|招聘|招生|报名|申报|申领|受理|认定|推荐|遴选|大赛|培训班|考试|参保|集中缴费|停水|停电|放假"
)
_THEN = re.compile(
    r"止?(?:期间)?[^。;\n]{0,24}?(?:征求|征集|公示|意见|报名|申报|受理|举办|举行|召开|开幕|放假|参保|施工|调查)"
)
_OTHERS = re.compile(
    r"(?:有效期|申报|申请|申领|报名|受理|公示|出生|登记|办理|提交|截止|截至|有异议|项目|建设|施工|规划|合同|协议|租赁|聘)[^。\n]{0,12}$"
    r"|(?:培训|考试|鉴定|考核|比赛|展览|活动)(?:日期|时间)[为:：]? ?$"
)


@dataclass(frozen=True)
class Span:
    """A first and a last day in the text."""

    first: date
    last: date
    start: int
    end: int


def common_span(document: Document) -> Span | None:
    """The period that most of the document's grants share; None where they have different ones or none."""
    if _ANOTHER_TIME.search(document.title):
        return None
    spans = _spans(document)
    if not spans:
        return None
    counts = Counter((span.first, span.last) for span in spans)
    (first, last), count = counts.most_common(1)[0]
    opening = spans[0]
    if len(counts) == 1 and (count > 1 or opening.start < _OPENING_CHARS):
        return opening
    if count * 2 > len(spans) and count > 1 and (first, last) == (opening.first, opening.last):
        return opening
    return None


def _spans(document: Document) -> list[Span]:
    found: list[Span] = []
    text = document.text
    for sign in ("至", "到"):
        for at in places(text, sign):
            if not _UNTIL_NEXT.match(text, at + 1):
                continue
            for match in _SPAN.finditer(text, max(0, at - _WINDOW), at + _WINDOW):
                if match.start() <= at < match.end() and (span := _span(document, match)):
                    found.append(span)
    return sorted(found, key=lambda span: span.start)


def _span(document: Document, match: re.Match[str]) -> Span | None:
    at_once = match["from"] == "即日"
    first = document.day if at_once else read_day(match["from"], near=document.near, last=False)
    last = read_day(match["until"], near=document.near, after=first)
    if first is None or last is None or last - first < _LEAST:
        return None
    before = document.text[max(0, match.start() - 24) : match.start()]
    return (
        None
        if _OTHERS.search(before) or _THEN.match(document.text, match.end())
        else Span(first, last, match.start(), match.end())
    )
