"""When applications are taken: 申报时间为…至…, 请于3月1日前报送, 自发布之日起10个工作日内提交."""

import re
from dataclasses import dataclass
from datetime import date

from streams.labelling.facts.dates import CLOCK, DATE, DAY_ONLY, NOTE, later, read_day
from streams.labelling.facts.document import Document
from streams.labelling.facts.effective import ISSUED
from streams.labelling.facts.model import Fact
from streams.labelling.facts.numerals import COUNT, small
from streams.labelling.facts.places import places

# What applicants do, and what those do who forward what applicants sent: the former's days win.
_APPLY = r"(?:申报(?!的)|申请(?!的|人|分期|延期|缓|预售|首次|商品|调)|申领(?!的)|报名|填报|参赛|自荐|提交申请|兑付)"
_SEND = (
    r"(?:提交|报送|报至|送至|发至|发送|上报|推荐|寄送|寄至|递交|送达|上传|邮寄|送交|交至|报我|报市|报省|报区"
    r"|发到|送到|报到)"
)
_LABEL = (
    r"(?:(?:线上|网上|集中|材料|项目|补贴|奖励|购房|系统|平台|书面)?(?:申报|申请|申领|报名|受理|登记|填报|征集|提交|报送|推荐|领取|兑现|申请受理|补贴申领|参赛|预约)"
    r"(?:书|材料|工作|系统|平台|受理|审核|登记)?(?:的)?(?:起止|截止|开放|受理|集中|办理)?(?:时间|期限|日期|期间|期|截止|截止日)"
    r"|(?:(?<=[\\s、,)。;:(])|(?<=^))截止(?:时间|日期|日)|受理(?:时间|期限))"
)
_FILL = r"(?:[为是于在从自至到:, 】\]]|截止|截至|原则上|即日起|统一|延长|延期|顺延|日期|时间){0,5}"
_TO = r" ?(?:至|到|-{1,2}|~|起至|,至|起,至) ?"
_RANGE = (
    rf"(?P<from>{DATE}|即日|{ISSUED}之日) ?{NOTE}{CLOCK} ?(?:起|开始)?{_TO}"
    rf"(?P<until>{DATE}|{DAY_ONLY}) ?{NOTE}{CLOCK}"
)
_LABELLED = re.compile(
    rf"{_LABEL}{_FILL}(?:{_RANGE}|(?P<only>{DATE}) ?{NOTE}{CLOCK}(?P<beginning>起(?!至)|开始)?)"
)
_BY = r"(?:将|把|在|向|到|由|按|经|凭|通过|登录|登陆|携带|以|采取|自行|自主|联合|统一|及时|线上|网上|现场|对)"
_BEFORE = re.compile(
    rf"(?P<only>{DATE}) ?{NOTE}{CLOCK} ?{NOTE}(?:以前|之前|前|截止|止|内|\(含\)前)"
    rf"(?:(?P<cut>.{{0,2}}$)|(?P<between>(?:,? ?{_BY}[^。;,\n]{{0,70}}?)?)(?P<verb>{_APPLY}|{_SEND}))"
)
_ONE = r"[^。;,、\n对凡购的]"  # of the one who acts: a purchase, or what is granted, is no application
_ACTS = (
    rf"(?:[, ]{{0,2}}(?:可以|可|须|应|请|由)?"
    rf"(?:{_BY}|{_ONE}{{0,12}}(?:申请人|购房人|家长|申报人|企业|单位))[^。;,\n]{{0,40}}?"
    rf"|(?:可以|可|须|应|请)[^。;,\n]{{0,12}}?|,{_ONE}{{0,14}}在[^。;,\n]{{0,30}}?)?"
)
_DURING = re.compile(rf"{_RANGE}(?:期间|内|止)?(?P<between>{_ACTS})(?P<verb>{_APPLY}|受理|征集|提交)")
_CLOSES = re.compile(rf"(?:截止|截至|截止至|截止到)(?:时间|日期)?[于为在至到:]{{0,2}} ?(?P<only>{DATE})")
_WITHIN = re.compile(
    rf"自?{ISSUED}之日起 ?(?P<count>{COUNT}) ?个?(?P<unit>工作日|日|天|月)(?:之)?内[^。;\n]{{0,40}}?"
    rf"(?:{_APPLY}|{_SEND})"
)
_WHILE_VALID = re.compile(
    r"(?:政策|文件|办法|措施|细则|方案|本)[^。;,\n]{0,4}(?:有效期|期限|执行期)(?:限)?内[^。;,\n]{0,16}?(?:申请|申报|提出)"
)
_NOT = re.compile(
    r"(?:公示|异议|意见|建议|审核|评审|公布|缴纳|缴清|网签|购买|签订|备案|出生|发放|拨付|截至|竣工|开工|注册|取得|成立|毕业|入职|现场踏勘|复核|初审|查询|"
    r"初赛|决赛|汇总|答辩|评选|摇号|派位|每年|每月|次年|执行|实施|施行|本通知|结算|有效期|调查|纳税|报税|汇算|年报|年检)"
)
_MOST = 2000
_CALL = re.compile(r"申报|申领|申请|征集|报名|推荐|遴选|认定|揭榜")
_CONSULTATION = re.compile(r"公示|征求意见|公开征集意见|名单|结果")


@dataclass(frozen=True)
class Window:
    """One window for applications; `rank` 2 where the applicant acts, 1 where somebody forwards."""

    first: date | None
    last: date | None
    rank: int
    start: int
    end: int
    rule: str


def find_apply_window(
    document: Document, until: Fact[date] | None
) -> tuple[Fact[date] | None, Fact[date] | None]:
    """The first and the last day for applications; of several windows the earliest and the latest day."""
    windows = [window for window in _windows(document) if not _stale(document, window)]
    if not windows and until and (found := _WHILE_VALID.search(document.text)):
        return None, document.fact(until.value, *document.sentence(*found.span()), "apply:while valid")
    best = max((window.rank for window in windows), default=0)
    windows = [window for window in windows if window.rank == best]
    first = min((w for w in windows if w.first), key=lambda w: w.first or date.max, default=None)
    last = max((w for w in windows if w.last), key=lambda w: w.last or date.min, default=None)
    return (
        document.fact(first.first, first.start, first.end, first.rule) if first and first.first else None,
        document.fact(last.last, last.start, last.end, last.rule) if last and last.last else None,
    )


def _windows(document: Document) -> list[Window]:
    if _CONSULTATION.search(document.title) and not re.search(r"申报|申请|征集|报名", document.title):
        return []
    text = document.text
    found = []
    done = -1
    for word in ("月", "之日起"):
        for at in places(text, word):
            if word == "月" and (at <= done):
                continue
            left, right = document.sentence(at, at + 1)
            for window in _in_sentence(document, left, right):
                found.append(window)
            done = right
    return found


def _in_sentence(document: Document, left: int, right: int) -> list[Window]:
    text = document.text
    found = []
    for match in _LABELLED.finditer(text, left, right):
        found.append(_labelled(document, match, left))
    for match in _BEFORE.finditer(text, left, right):
        if match["cut"] is not None:
            if match.end() == len(text) and _CALL.search(document.title):
                day = read_day(match["only"], near=document.day)
                found.append(Window(None, day, 1, left, match.end(), "apply:before"))
        elif not _NOT.search(match["between"]) and not _NOT.search(
            text[max(left, match.start() - 12) : match.start()]
        ):
            day = read_day(match["only"], near=document.day)
            rank = 2 if re.match(_APPLY, match["verb"]) else 1
            found.append(Window(None, day, rank, left, right, "apply:before"))
    for match in _DURING.finditer(text, left, right):
        if not _NOT.search(match["between"]) and not _NOT.search(
            text[max(left, match.start() - 12) : match.start()]
        ):
            first = _first(document, match["from"])
            found.append(
                Window(
                    first,
                    read_day(match["until"], near=document.day, after=first),
                    2,
                    left,
                    right,
                    "apply:during",
                )
            )
    for match in _CLOSES.finditer(text, left, right):
        if re.search(rf"{_APPLY}|{_SEND}", text[left : match.start()]) and not _NOT.search(
            text[left : match.start()]
        ):
            found.append(
                Window(None, read_day(match["only"], near=document.day), 2, left, right, "apply:closes")
            )
    for match in _WITHIN.finditer(text, left, right):
        if not _NOT.search(match[0]):
            found.append(
                Window(
                    document.day,
                    _within(document, match["count"], match["unit"]),
                    2,
                    left,
                    right,
                    "apply:within",
                )
            )
    return [window for window in found if window.first or window.last]


def _labelled(document: Document, match: re.Match[str], left: int) -> Window:
    _, right = document.sentence(match.start(), match.end())
    before = document.text[max(left, match.start() - 10) : match.start()]
    if _NOT.search(before):
        return Window(None, None, 0, 0, 0, "")
    if match["until"]:
        first = _first(document, match["from"])
        last = read_day(match["until"], near=document.day, after=first)
        return Window(first, last, 2, left, right, "apply:stated")
    day = read_day(match["only"], near=document.day, last=not match["beginning"])
    if match["beginning"]:
        return Window(day, None, 2, left, right, "apply:stated")
    return Window(None, day, 2, left, right, "apply:stated")


def _first(document: Document, words: str) -> date | None:
    return read_day(words, near=document.day, last=False) or document.day


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
