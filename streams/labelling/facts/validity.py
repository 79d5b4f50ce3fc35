"""Until when the document is valid: 有效期3年, 执行至2025年12月31日, 有效期自…至…."""

import re
from dataclasses import dataclass
from datetime import date
from itertools import islice

from streams.labelling.facts.dates import CLOCK, DATE, DAY_ONLY, NOTE, YEAR, later, read_day
from streams.labelling.facts.document import Document
from streams.labelling.facts.effective import ISSUED, Start
from streams.labelling.facts.numerals import COUNT, small
from streams.labelling.facts.places import places
from streams.labelling.facts.subjects import headed_by_period, speaks_of_document

_TERM = (
    r"(?:有效(?:期限|期|时间)|(?:执行|实施|施行|试行|暂行|适用)(?:起止)?(?:期限|时间|时限|日期|期)|期限|时效)"
)
_FROM = rf"(?:自|从)?(?P<from>{DATE}|即日|{ISSUED}(?:之日|之|日)?) ?{NOTE}{CLOCK} ?起?,?"
_UNTIL = rf"(?P<until>{DATE}|{DAY_ONLY})"
_COUNT = rf"(?P<count>{COUNT}) ?(?:个)?(?P<unit>周年|年|月)"
_ANY_COUNT = rf"{COUNT} ?(?:个)?(?:周年|年|月)"
_FILL = (
    r"(?:(?:统一|暂定|暂|均|延长|延续|顺延|截止|截至|日期|时间|为|是|到|至|届满日?|[:, \n]|自|从|一律|原则上|试行期?"
    r"|调整){0,5})"
)
_TO = r" ?(?:至|到|-{1,2}|~) ?"
_WORD = re.compile("有效|执行|实施|施行|试行|暂行|适用|期限|时效|暂定|实行|延续|延长|起至|为期")
_ANCHOR = re.compile(
    rf"{_TERM}|(?:施行|实施|执行|试行|暂行|有效|暂定|实行|延续|延长|为期),?(?=(?:暂定)?(?:{_ANY_COUNT}|至|到))|起至"
)
_EXPIRED = re.compile(rf"(?P<until>{DATE}) ?(?:起|后|止|之?前|以前|到期后?)?(?:自行|自动|同时|即行)?$")
_EXPIRES = (("失效", 0), ("前有效", 1), ("日废止", 1), ("日到期", 1), ("日止", 1))
_RANGE = re.compile(
    rf"{_FILL}(?:{_FROM}(?:[^,。;\n]{{0,4}}(?:施行|实施|执行|试行),?)?(?:有效期)?){_TO}{_UNTIL}"
)
_DATE = re.compile(rf"{_FILL}{_UNTIL}")
_FROM_COUNT = re.compile(rf"{_FILL}{_FROM}(?:算|计算|开始|施行|执行|实施)?的?,?(?:为|有效期)?{_COUNT}")
_YEARS = re.compile(rf"{_FILL}{_COUNT}(?!内|以[内上下来]|前|后|多|期)")
_TERM_RANGE = re.compile(rf"{_FILL}{_ANY_COUNT}[,( ]{{0,2}}(?:(?:{_TERM})?{_FILL}{_FROM})?{_TO}{_UNTIL}")
_WHOLE_YEARS = re.compile(rf"{_FILL}(?P<from>{YEAR}) ?年?{_TO}(?P<until>{YEAR}) ?年(?:度|[底末])?(?! ?\d)")
_SPAN = re.compile(rf"{_FROM}{_TO}{_UNTIL}")
_NOT_THE_DOCUMENTS = re.compile(
    r"(?:证书?|资质|资格|称号|券|指标|许可|卡|保函|保单|合同|报告|信用|评级|备案|认定|名单|贷款|还款|协议|担保|借款|租赁|公示"
    r"|合约|居住|票|优惠价|征缴|申报|申请|缴纳|缴存|宽限|工程|项目|报名)(?:等级|文件)?(?:的|最长|最短)?$"
)
_TAIL_CHARS = 300
_SHORT = 24
_SURE = 2
_NEAR = 40
_MOST = 2000


_PROLONGED = re.compile(r"延[长续].{0,60}(?:期限|有效期|执行|政策)")


@dataclass(frozen=True)
class End:
    """A place that says until when something applies.

    Attributes:
        day: the last day; None where it is a period that starts with the document's entry into force.
        begins: the first day, where the place names it.
        count: the length of such a period, in months.
        start: where the evidence begins in the document's text.
        end: where it ends.
        sure: how surely it speaks of the whole document, 0 to 3.
        rule: which form of words it was.
    """

    day: date | None
    begins: date | None
    count: int
    start: int
    end: int
    sure: int
    rule: str


def find_ends(document: Document, starts: list[Start]) -> list[End]:
    """All places of the body that say until when something applies, in order."""
    found = []
    last = 0
    for word in islice(_WORD.finditer(document.text), _MOST):
        anchor = _ANCHOR.match(document.text, word.start())
        if anchor is None or anchor.start() < last:
            continue
        if end := _at(document, anchor.start(), anchor.end(), anchor[0], starts):
            found.append(end)
            last = end.end
    for expires, behind in _EXPIRES:
        for at in places(document.text, expires):
            begun = any(one.sure >= _SURE and one.start <= at <= one.end + _NEAR for one in starts)
            if (begun or expires != "日止") and (end := _expiry(document, at + behind)):
                found.append(end)
    return found


def _expiry(document: Document, at: int) -> End | None:
    """The day before 失效 or 有效: 本通知2025年12月31日失效."""
    window = max(0, at - _NEAR)
    match = _EXPIRED.search(document.text[window:at])
    day = read_day(match["until"], near=document.near) if match else None
    if match is None or day is None:
        return None
    left, right = document.sentence(window + match.start(), at)
    sure = speaks_of_document(document.text[left : window + match.start()].rstrip("至到于自"))
    return End(day, None, 0, left, right, sure, "validity:expires")


def _at(document: Document, start: int, stop: int, words: str, starts: list[Start]) -> End | None:
    text = document.text
    if words == "起至":
        return _span(document, start)
    read = _read(document, stop)
    if read is None:
        return None
    day, begins, count, end, rule = read
    left, right = document.sentence(start, end)
    lead = text[left:start]
    sure = speaks_of_document(lead)
    closing = len(text) - end <= _TAIL_CHARS
    if sure == 2 and not closing:
        sure = 1  # 有效期至… alone in the middle of a text is that of one measure
    if closing and lead[lead.rfind(",") + 1 :].strip() == "政策":
        sure = max(sure, 2)
    beside = [other.sure for other in starts if other.start <= start <= other.end + _NEAR]
    if max(beside, default=0) >= _SURE and "其中" not in lead[-30:]:
        sure = max(sure, *beside)
    if _PROLONGED.search(document.title) and "延" in text[start - 12 : end]:
        sure = 3
    if (len(lead) <= _SHORT and headed_by_period(text, left)) or (
        "\n" in text[stop : stop + 3] and not lead.strip(" 、一二三四五六七八九十政策()措施")
    ):
        sure = max(sure, 2)
    if _NOT_THE_DOCUMENTS.search(lead):
        sure = 0
    return End(day, begins, count, left, right, sure, f"validity:{rule}")


def _span(document: Document, at: int) -> End | None:
    window = max(0, at - 40)
    found = None
    for found in _SPAN.finditer(document.text, window, at + 40):
        if found.end() > at:
            break
    if not found or found.end() <= at:
        return None
    day, begins = _range(document, found["from"], found["until"])
    if not day:
        return None
    left, right = document.sentence(found.start(), found.end())
    lead = document.text[left : found.start()]
    following = document.text[found.end() : found.end() + 12]
    sure = (
        speaks_of_document(lead)
        if re.match(r"止?[^,。]{0,4}(?:施行|实施|执行|有效)|止?(?:。|$)", following)
        else 0
    )
    if len(lead) <= _SHORT and headed_by_period(document.text, left):
        sure = 3
    return End(day, begins, 0, left, right, sure, "validity:span")


def _read(document: Document, at: int) -> tuple[date | None, date | None, int, int, str] | None:
    """Last day, first day, months, end of the words, form of words."""
    text = document.text
    if (found := _RANGE.match(text, at, at + 120)) or (found := _TERM_RANGE.match(text, at, at + 120)):
        day, begins = _range(document, found["from"], found["until"])
        return (day, begins, 0, found.end(), "range") if day else None
    if found := _WHOLE_YEARS.match(text, at, at + 60):
        begins, day = (read_day(f"{found['from']}年1月1日"), read_day(f"{found['until']}年12月31日"))
        return (day, begins, 0, found.end(), "years") if day else None
    if found := _FROM_COUNT.match(text, at, at + 100):
        begins = _first(document, found["from"])
        months = _months(found["count"], found["unit"])
        return (None, begins, months, found.end(), "term") if months else None
    if found := _DATE.match(text, at, at + 60):
        day = read_day(found["until"], near=document.near)
        return (day, None, 0, found.end(), "until") if day else None
    if found := _YEARS.match(text, at, at + 60):
        months = _months(found["count"], found["unit"])
        return (None, None, months, found.end(), "term") if months else None
    return None


def _range(document: Document, first: str | None, last: str) -> tuple[date | None, date | None]:
    begins = _first(document, first) if first else None
    return read_day(last, near=document.near, after=begins), begins


def _first(document: Document, words: str) -> date | None:
    return read_day(words, near=document.near, last=False) or document.day


def _months(count: str, unit: str) -> int:
    number = small(count) or 0
    return number if unit == "月" else 12 * number


def ends_after(begins: date, months: int) -> date | None:
    """The last day of so many months: the day before the anniversary."""
    moved = later(begins, months=months)
    return later(moved, days=-1) if moved else None
