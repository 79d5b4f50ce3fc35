"""The document's own 发文字号, told from those that it cites."""

import re

from streams.labelling.facts.document import Document
from streams.labelling.facts.model import Fact
from streams.labelling.facts.numbers import Number, find_numbers

_HEAD_CHARS = 900
_LABELLED = re.compile(
    r"(?:发文字号|文件编号|发布文号|发文文号|发文编号|文件号|文 {0,4}号|字号)(?: ?[\]】])? ?:? {0,4}$"
)
_DECREED = re.compile(r"(?:^|[\n(日 ]) ?(?:中华人民共和国)?$")
_STATE = "中华人民共和国"
_CITED = re.compile(
    r"(?:》|〉|>|根据|按照|依据|依照|参照|落实|执行|转发|印发的|对|以及|和|、|及|与|原|按|有效期|废止|修改)[(\[ ]{0,2}$"
)
_PROMULGATED = re.compile(r" {0,2}(?:公布|发布|颁布)(?![^。]{0,60}(?:修订|修正|修改|》))")
_MARK = re.compile(r"(?P<lead>[^《》\n]{0,6})《(?P<title>[^《》\n]{4,120})》 ?\($")
# 为落实《…》(…号) and 对《…》(…号)进行修订 speak of another text of the same name
_LED = re.compile(r"(?:落实|贯彻|根据|按照|依据|依照)$")
_REVISED = re.compile(r"\)[^,。;\n]{0,6}(?:修订|修改|修正|调整|废止)")
_BLANKS = re.compile(r"[\s《》<>〈〉“”\"]")
_ABOUT_ANOTHER = re.compile(r"解读|问答|图解|答记者问|有问必答")
_FEW = 12


def find_own_number(document: Document, given: str | None) -> Fact[str] | None:
    """The number that the publisher gave, that the title or the head of the document bears, or None."""
    if given and given.strip():
        return Fact("".join(given.split()), 0, 0, "", "number:given")
    for number in () if _ABOUT_ANOTHER.search(document.title) else find_numbers(document.title):
        if not _CITED.search(document.title[: number.start]) or document.title[number.start - 1] == "》":
            return Fact(number.value, 0, 0, "", "number:title")
    text = document.text
    for place, number in enumerate(find_numbers(text, 0, min(len(text), _HEAD_CHARS))):
        if place >= _FEW:
            break
        if rule := _own(document, number):
            return document.fact(number.value, number.start, number.end, rule)
    return None


def _own(document: Document, number: Number) -> str | None:
    text = document.text
    before = text[max(0, number.start - 160) : number.start]
    after = text[number.end : number.end + 80]
    if _LABELLED.search(before):
        return "number:labelled"
    if "令第" in number.value:
        decreed = _PROMULGATED.match(after) and _DECREED.search(before) and not before.endswith("》(")
        return "number:order" if decreed or _alone(before.removesuffix(_STATE), after) else None
    if marked := _MARK.search(before):
        another = _LED.search(marked["lead"]) or _REVISED.match(after)
        return "number:of the title" if not another and _same(marked["title"], document.title) else None
    if _CITED.search(before):
        return None
    return "number:head" if _alone(before, after) else None


def _alone(before: str, after: str) -> bool:
    """Whether the number stands on its own line, in brackets of its own, or between blanks after a title."""
    left = before.rstrip(" ")
    bracket = left.endswith(("(", "[", "〔"))
    if bracket:
        left = left[:-1].rstrip(" ")
        # 1. …的通知(财金〔2016〕85号); is one of a list
        return (
            after.startswith((")", "]", "〕"))
            and after[1:2] not in tuple("。;,、")
            and (
                left.endswith(
                    ("\n", "通知", "意见", "公告", "办法", "规定", "措施", "通报", "通告", "细则", "方案")
                )
                or not left
            )
        )
    starts = (
        not left
        or left.endswith("\n")
        or (left != before and left.endswith(_TITLE_ENDS))
        or left.endswith("】")
    )
    return starts and (not after or after[0] in " \n-各")


_TITLE_ENDS = (
    "通知",
    "文件",
    "意见",
    "公告",
    "办法",
    "规定",
    "措施",
    "通告",
    "细则",
    "方案",
    "决定",
    "函",
    "批复",
    "条例",
    "》",
    ")",
    "制度",
    "机关",
)


def _same(cited: str, title: str) -> bool:
    one, other = _BLANKS.sub("", cited), _BLANKS.sub("", title)
    return len(one) >= 8 and one == other
