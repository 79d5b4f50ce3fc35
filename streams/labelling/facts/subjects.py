"""Whether a clause speaks of the whole document: 本办法自…, 以上措施…, or only of one of its measures."""

import re

_KINDS = (
    "办法|规定|细则|通知|措施|意见|方案|条例|公告|通告|政策|规则|规程|决定|计划|规范|指南|标准|文件|实施办法|实施意见"
    "|若干措施|指引|令|法|章程|暂行规定|目录|清单|制度|条款|内容|新政|基准|目录|要点"
)
# 本办法, 上述政策措施, 以上措施, 《若干措施》, 本《通知》; not 本条, 该项
OWN = re.compile(
    r"新(?:政策|标准|规定|办法)|其[他它余](?:条款|措施|政策|内容)|调整后的?[一-鿿]{0,6}(?:标准|政策|额度|规定|比例)|"
    rf"(?:本|该|此(?![前外后类])|上述|(?<![%\d元人年月])以上|前述|此次|本次)(?![项款]|条(?!例))(?:[^,。;:()\n《》<>第]{{0,10}})(?:{_KINDS}|调整)"
    rf"|《(?:本|若干|实施|暂行|管理|政策|补充){{0,2}}(?:办法|规定|细则|通知|措施|意见|方案|条例|公告|通告|政策)》"
)
_OTHER = re.compile(
    r"其中|第[一二三四五六七八九十\d、和及至,]{1,12}[条款项]|[该本此](?:[项款]|条(?!例))"
    r"|》(?:\([^()\n]{0,60}\))?(?:以及|和)?[^,。\n]{0,6}$"
)
_RESOLVED = re.compile(r"(?:决定|定于|将|将于|现决定)$")
_NUMBERING = re.compile(
    r"^[\s#*]*(?:第[一二三四五六七八九十百零\d]{1,5}条|[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十\d]{1,3}\)"
    r"|\d{1,2}[.、)])?"
)
_EMPTY = re.compile(r"[\s:,自从于在]*$")


_HEADING = re.compile(r"(?:^|\n)[^\n。,]{0,14}(?:时间|期限|有效期|时限)[^\n。,]{0,4}:?\s{0,6}$")


_ASKING = re.compile("申|报名|征集|受理|公示|活动")


def headed_by_period(text: str, at: int) -> bool:
    """Whether the line before `at` is a heading such as 六、政策实施时间, and not 一、报名时间."""
    return bool(_HEADING.search(text[max(0, at - 40) : at])) and not _ASKING.search(
        text[max(0, at - 14) : at]
    )


def speaks_of_document(lead: str) -> int:
    """How surely the words before a date speak of the whole document: 3 surely, 0 not at all.

    Args:
        lead: from the beginning of the sentence up to the date or the word that the date belongs to.
    """
    lead = _NUMBERING.sub("", lead)
    found = list(OWN.finditer(lead))
    own = found[-1] if found else None
    rest = lead[own.end() :] if own else lead
    if _OTHER.search(rest):
        return 0
    if rest.rfind("(") > rest.rfind(")"):
        return 0
    if own:
        return 3 if len(rest) <= 24 or "解释" in rest else 1
    if _EMPTY.match(lead) or "解释" in lead or _RESOLVED.search(lead):
        return 2
    return 1 if len(lead) <= 12 else 0


def speaks_of_part(lead: str) -> bool:
    """Whether the words before a date name a part of the document, or another document."""
    return speaks_of_document(lead) == 0 and bool(
        _OTHER.search(lead[-40:]) or lead.rfind("(") > lead.rfind(")")
    )
