"""On which day an applicant has to be founded: 2020年1月1日以后成立, 成立时间不晚于2023年12月31日."""

import re
from collections.abc import Iterator
from datetime import date

from streams.labelling.facts.dates import DATE, NOTE, read_day
from streams.labelling.facts.document import Document
from streams.labelling.facts.model import Condition, Fact, Operator
from streams.labelling.facts.places import places

# The last signs of 成立, 设立 and 注册: one sign is found much sooner than a word.
_SIGNS = ("立", "册")
_WORDS = frozenset(("成立", "设立", "注册"))
_FOUNDED = r"(?:工商)?(?:登记)?(?:注册成立|注册登记|注册设立|注册|成立|设立)(?:登记)?"
_DAYS = rf"(?:(?P<from>{DATE}) ?{NOTE} ?起? ?(?:至|到|-{{1,2}}|~) ?)?(?P<day>{DATE}) ?(?P<note>{NOTE})"
_SIDE = r"(?P<side>(?:之|以)?[前后]|以来|起|期间|之间|间|内)?"
_WHERE = r"(?:在[^,。;:\n\d]{1,14}?(?:市|区|县|省|州|旗|内|本地))?,?(?:新|已|依法|合法|正式|首次|完成工商|工商){0,3}"
_WHO = r"(?:企业|单位|机构|公司|主体|法人|合作社|工商户|组织)"
# 2023年12月31日前成立工作专班 is a task: what is founded then stands behind.
_DONE = rf"(?=[,。;、:)\n]|$|(?:满|并|且|的[^,。;\n、]{{0,16}}?{_WHO}))"
_BEFORE = re.compile(rf"(?:[自于在从] ?)?{_DAYS} ?{_SIDE}{_WHERE}{_FOUNDED}{_DONE}")
_BEHIND = re.compile(
    rf"{_FOUNDED}(?:时间|日期|之日)?(?:应当?|须|需|必须|要|均|为|是|在|于|自|从){{0,4}} ?"
    rf"(?P<than>不?[早晚迟]于)? ?{_DAYS} ?{_SIDE}"
)
# What else is registered or set up.
_OTHERS = re.compile(r"车|辆|牌|商标|专利|账[户号]|会员|用户|项目|基金|药品|产品|专班|小组|平台|婚|学籍|户籍")
_THAN: dict[str, Operator] = {
    **dict.fromkeys(("不晚于", "不迟于"), "<="),
    **dict.fromkeys(("晚于", "迟于"), ">"),
    "不早于": ">=",
    "早于": "<",
}
_STRICT: dict[Operator, Operator] = {"<=": "<", ">=": ">"}
_YEAR = re.compile(r"(?:19|20)\d\d ?[年./-]|[二一][九〇○零]")
_BACK, _AHEAD = 72, 48


def find_founding(document: Document) -> tuple[Fact[Condition], ...]:
    """The days before or after which an applicant has to be founded; two facts with one quote for a range of days."""
    found: dict[int, tuple[Fact[Condition], ...]] = {}
    text = document.text
    for sign in _SIGNS:
        for at in places(text, sign):
            low = max(0, at - _BACK)
            if text[at - 1 : at + 1] not in _WORDS or not _YEAR.search(text, low, at + _AHEAD):
                continue
            for match in _matches(text, low, at):
                found.setdefault(match.start(), _facts(document, match))
    return tuple(fact for start in sorted(found) for fact in found[start])


def _matches(text: str, low: int, at: int) -> Iterator[re.Match[str]]:
    for pattern in (_BEFORE, _BEHIND):
        for match in pattern.finditer(text, low, at + _AHEAD):
            if match.start() <= at < match.end():
                yield match


def _facts(document: Document, match: re.Match[str]) -> tuple[Fact[Condition], ...]:
    clause = re.split(r"[。;\n]", document.text[max(0, match.start() - 30) : match.start()])[-1]
    if _OTHERS.search(clause) or _OTHERS.search(match[0]) or _OTHERS.match(document.text, match.end()):
        return ()
    return tuple(
        document.fact(
            Condition("established", op, day.year * 10_000 + day.month * 100 + day.day, "day"),
            match.start(),
            match.end(),
            "condition:established",
        )
        for op, day in _limits(document, match)
    )


def _limits(document: Document, match: re.Match[str]) -> Iterator[tuple[Operator, date]]:
    part = match.groupdict()
    side, than = part["side"] or "", part.get("than")
    if part["from"] and not than and not side.endswith(("前", "后")):
        first, last = read_day(part["from"], last=False), read_day(part["day"])
        if first and last and first <= last:
            yield ">=", first
            yield "<=", last
        return
    op = _operator(side, than)
    if op is None or part["from"]:
        return
    day = read_day(part["day"], last=op in ("<=", ">"))
    if day is None or (op in ("<=", "<") and document.day and day > document.day):
        return  # by a day to come: a plan, or no limit at all
    yield _STRICT.get(op, op) if "不含" in part["note"] else op, day


def _operator(side: str, than: str | None) -> Operator | None:
    if than:
        return _THAN[than]
    if side.endswith("前"):
        return "<="
    return ">=" if side.endswith(("后", "来", "起")) else None
