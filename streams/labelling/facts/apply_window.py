"""When applications are taken: 申报时间为…至…, 请于3月1日前报送, 自发布之日起10个工作日内提交."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from streams.labelling.facts.apply_words import (
    ACTOR_FIRST,
    APPLY,
    ASKED,
    BEFORE,
    BRACKETED,
    CALL,
    CLOSES,
    CLOSES_ON,
    CLOSING_DAY,
    CONSULTATION,
    DAY,
    DURING,
    FORFEITS,
    FORWARDS,
    HEADED,
    HEADS,
    LABELLED,
    NOT,
    OF_FORMER,
    OPEN_UNTIL,
    REPORTS,
    SENT,
    SPEAKS,
    START,
    STATED_WITHIN,
    WHILE_VALID,
    WITHIN,
)
from streams.labelling.facts.dates import later, read_day
from streams.labelling.facts.document import Document
from streams.labelling.facts.model import Fact
from streams.labelling.facts.numerals import small
from streams.labelling.facts.places import places

_SIGNS_OF_DAYS = ("月", "之日起", "截止", "时间", "日期")
_IN_FIGURES = re.compile(r".{0,30}?\d{4} ?[-./]")  # a day without the word 月, behind 时间 or 日期
_ENDS = re.compile("结束|为止|关闭")
_ACTS = re.compile(APPLY)
# Until the examination, the training: 鉴定时间为11月12日至18日, 报名截止时间为…
_OF_WHAT_FOLLOWS = re.compile(r"(?:鉴定|考试|考核|培训|面试|体检|比赛|展览|活动)(?:日期|时间)[为:：]? ?$")
_ROUND = re.compile(r"第[一二三四五六]批|批次|[A-Da-d甲乙丙]类")
_OF_ANOTHER_KIND = re.compile(r"[^。;,\n]{0,3}(?:验收|结题|复议|复核|变更|注销|退款|延期)")


@dataclass(frozen=True)
class Window:
    """One window for applications; `rank` 2 where the applicant acts, 1 where somebody forwards, 0 for paper."""

    first: date | None
    last: date | None
    rank: int
    start: int
    end: int
    rule: str


def find_apply_window(
    document: Document, until: Fact[date] | None
) -> tuple[Fact[date] | None, Fact[date] | None]:
    """The first and the last day for applications; of several windows the earliest and the latest day.

    An office that forwards a call wants papers before the call itself closes: there the earlier day counts.
    """
    windows = [window for window in _windows(document) if not _stale(document, window)]
    if not windows and until and (found := WHILE_VALID.search(document.text)):
        return None, document.fact(until.value, *document.sentence(*found.span()), "apply:while valid")
    nearer = "转发" in document.title and not _rounds(document, windows)
    best = max((window.rank for window in windows), default=0)
    windows = [window for window in windows if window.rank == best or (nearer and window.rank)]
    first = min((w for w in windows if w.first), key=lambda w: w.first or date.max, default=None)
    closing = min if nearer else max
    last = closing((w for w in windows if w.last), key=lambda w: w.last or date.min, default=None)
    return (
        document.fact(first.first, first.start, first.end, first.rule) if first and first.first else None,
        document.fact(last.last, last.start, last.end, last.rule) if last and last.last else None,
    )


def _rounds(document: Document, windows: list[Window]) -> bool:
    """Whether there is a window for each of several rounds, or kinds of applicants."""
    named = any(_ROUND.search(document.text, window.start, window.end) for window in windows)
    return named or len({window.first for window in windows if window.first}) > 1


def _windows(document: Document) -> list[Window]:
    if CONSULTATION.search(document.title) and not CALL.search(document.title):
        return []
    found: list[Window] = []
    for left, right in _sentences(document):
        found += _stated(document, left, right)
        found += _dated(document, left, right)
    found += _headed(document)
    return [window for window in found if window.first or window.last]


def _sentences(document: Document) -> Iterator[tuple[int, int]]:
    """The sentences that have a day and a word of applications."""
    text = document.text
    seen = set()
    for word in _SIGNS_OF_DAYS:
        done = -1
        for at in places(text, word):
            if at < done or (word[-1] in "间期" and not _IN_FIGURES.match(text, at)):
                continue
            left, right = document.sentence(at, at + 1)
            done = right
            if (left, right) not in seen and SPEAKS.search(text, left, right):
                seen.add((left, right))
                yield left, right


def _headed(document: Document) -> Iterator[Window]:
    """Windows below a heading: 四、申报时间, and on the next line 3月1日至3月31日."""
    text = document.text
    for word in ("时间", "期限", "日期", "时限"):
        for at in places(text, word):
            match = HEADED.match(text, at + len(word), at + 90)
            if match and HEADS.search(text[max(0, at - 10) : at]):
                first = _first(document, match["from"]) if match["from"] else None
                last = read_day(match["until"] or match["only"], near=document.near, after=first)
                begin = match.start("from" if match["from"] else "only")
                yield Window(first, last, 2, begin, match.end(), "apply:headed")


def _stated(document: Document, left: int, right: int) -> Iterator[Window]:
    """Windows behind a label or a word: 申报时间为…, 截止…, 自发布之日起10日内申报."""
    text = document.text
    words = text[left:right]  # what a pattern cannot do without is looked for first: most sentences lack it
    closes = "截" in words
    for match in LABELLED.finditer(text, left, right) if closes or "期" in words or "时" in words else ():
        before = _clause(text, max(left, match.start() - 10), match.start())
        if not NOT.search(before) and not OF_FORMER.search(text[left : match.start()]):
            yield _labelled(document, match, left)
    for match in CLOSES_ON.finditer(text, left, right) if closes or _ENDS.search(words) else ():
        if "已" not in match[0] and not NOT.search(text[max(left, match.start() - 10) : match.start()]):
            first = _first(document, match["from"]) if match["from"] else None
            last = read_day(match["only"], near=document.near, after=first)
            yield Window(first, last, 2, left, right, "apply:closes")
    for match in CLOSES.finditer(text, left, right) if closes else ():
        spoken = SPEAKS.search(text, left, match.start()) or "逾期" in text[match.end() : match.end() + 12]
        if spoken and not NOT.search(text, left, match.start()):
            rank = 1 if FORWARDS.search(text, max(left, match.start() - 8), match.start()) else 2
            yield Window(None, read_day(match["only"], near=document.near), rank, left, right, "apply:closes")
    for match in OPEN_UNTIL.finditer(text, left, right) if "自" in words or "从" in words else ():
        if not NOT.search(text, max(left, match.start() - 10), match.start()):
            first = _first(document, match["from"])
            last = read_day(match["until"], near=document.near, after=first)
            yield Window(first, last, 2, left, right, "apply:from")
    for match in BRACKETED.finditer(text, left, right) if "(" in words else ():
        first = _first(document, match["from"]) if match["from"] else None
        last = read_day(match["until"] or match["only"], near=document.near, after=first)
        yield Window(first, last, 2, left, right, "apply:bracketed")
    for match in ASKED.finditer(text, left, right) if "前" in words else ():
        yield Window(None, read_day(match["only"], near=document.near), 2, left, right, "apply:before")
    if "之日起" in words:
        for pattern in (WITHIN, STATED_WITHIN):
            for match in pattern.finditer(text, left, right):
                if not NOT.search(match.groupdict().get("between") or ""):
                    last = _within(document, match["count"], match["unit"])
                    yield Window(document.day, last, 2, left, right, "apply:within")


def _dated(document: Document, left: int, right: int) -> Iterator[Window]:
    """Windows before a verb: 3月1日前报送, 3月1日至15日登录平台申报."""
    text = document.text
    for start in START.finditer(text, left, right):
        at = start.start()
        before = text[max(left, at - 12) : at]
        day = DAY.match(text, at, right)
        clause = _clause(text, max(left, at - 12), at)
        if day and (window := _around(document, at, day["next"], clause, left, right)):
            yield window
        elif (
            not before.endswith("对")  # of those whom a grant is for
            and not _OF_WHAT_FOLLOWS.search(before)
            and (match := DURING.match(text, at, right))
            and not NOT.search(match["between"] + "。" + before)
        ):
            first = _first(document, match["from"])
            last = read_day(match["until"], near=document.near, after=first)
            yield Window(first, last, 2, left, right, "apply:during")


def _around(document: Document, at: int, after: str, before: str, left: int, right: int) -> Window | None:
    """The window that a day at `at` closes, told by the characters `after` it."""
    text = document.text
    if (match := BEFORE.match(text, at, right)) and (window := _before(document, match, before, left, right)):
        return window
    if "," in after and (match := ACTOR_FIRST.match(text, at, right)):
        return _before(document, match, before, left, right)
    closes = FORFEITS if "前" in after else CLOSING_DAY
    if match := closes.match(text, at, right):
        return Window(None, read_day(match["only"], near=document.near), 2, left, right, "apply:closes")
    return None


def _before(document: Document, match: re.Match[str], before: str, left: int, right: int) -> Window | None:
    day = read_day(match["only"], near=document.near)
    if match.groupdict().get("cut") is not None:  # the text was cut off behind the day
        called = match.end() == len(document.text) and CALL.search(document.title)
        return Window(None, day, 1, left, match.end(), "apply:before") if called else None
    if NOT.search(match["between"]) or NOT.search(before):
        return None
    if _OF_ANOTHER_KIND.match(document.text, match.end()):
        return None
    rank = 2 if _ACTS.match(match["verb"]) else 1
    if rank == 1 and not CALL.search(document.title):
        sent = document.text[left : match.end() + 24]
        if not SENT.search(sent) or REPORTS.search(sent, max(0, match.start() - left)):
            return None  # a report that is due
    return Window(None, day, 0 if "纸质" in before else rank, left, right, "apply:before")


def _labelled(document: Document, match: re.Match[str], left: int) -> Window:
    _, right = document.sentence(match.start(), match.end())
    before = _clause(document.text, max(left, match.start() - 6), match.start())
    rank = 1 if FORWARDS.search(before + match["label"]) else 2
    if match["until"]:
        first = _first(document, match["from"])
        last = read_day(match["until"], near=document.near, after=first)
        return Window(first, last, rank, left, right, "apply:stated")
    day = read_day(match["only"], near=document.near, last=not match["beginning"])
    if match["beginning"]:
        return Window(day, None, rank, left, right, "apply:stated")
    return Window(None, day, rank, left, right, "apply:stated")


def _clause(text: str, low: int, at: int) -> str:
    """What stands between the last comma and `at`, from `low` at the earliest."""
    return text[low:at].rpartition(",")[2]


def _first(document: Document, words: str) -> date | None:
    return read_day(words, near=document.near, last=False) or document.day


def _within(document: Document, count: str, unit: str) -> date | None:
    number = small(count)
    if not number or not document.day:
        return None
    if unit == "工作日":
        return document.calendar.add(document.day, number).day if document.calendar else None
    return later(document.day, months=number) if unit == "月" else later(document.day, days=number)


def _stale(document: Document, window: Window) -> bool:
    """Whether the window closed before the document was there: it then tells of an earlier one."""
    return bool(document.day and window.last and window.last < document.day)
