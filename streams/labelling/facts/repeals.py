"""Documents that this one repeals as a whole: 《…》（京政发〔2020〕5号）同时废止."""

import re

from streams.labelling.facts.document import Document
from streams.labelling.facts.model import Fact
from streams.labelling.facts.numbers import find_numbers
from streams.labelling.facts.places import places

_WORDS = ("废止", "停止执行", "同时失效", "不再执行", "停止实施", "停止使用")
_ACT = re.compile(
    r"(?:同时|即行|予以|相应|一并|自行|随之|自[^。\n,]{1,20}起|均|全部|也|已"
    r"|之日起|等[^。\n,]{0,8}|》|\)|号|通知|文件|起) ?$"
)
_NOT = re.compile(
    r"(?:修改|清理|制定|修订|解释|调整|或者?|及|和|、|视[^。\n]{0,20}|不得|不予|未|到期)[^。\n,]{0,4}$"
)
_TITLE = re.compile(r"《(?P<title>[^《》\n]{3,160})》")
_PART = re.compile(
    r"第[一二三四五六七八九十\d、和及至,]{1,12}(?:条|款|项|点|部分|章)|附件|有关(?:内容|规定|条款)|条款"
    r"|中涉及|中的|中关于|相关(?:规定|内容|条款)|不(?:相?符|一致)|抵触"
)
# 原商品归类决定(公告2010年第15号发布)同时失效: what it issued is repealed, not all of it
_ISSUED_BY = re.compile(r" ?(?:发布|公布|印发|颁布)\)")
_NEW = re.compile(r"(?:发布|公布|印发|制定|批准)$")  # 现发布《新办法》,《旧办法》同时废止
_GROUNDS = re.compile(r"(?:根据|按照|依据|与|与本)$")
_CITED_FOR = re.compile(r"执行|为准|施行|实施|生效")
_SINCE = re.compile(r"^[\s)]*自[^,。;\n]{1,20}起")  # 《…》自本办法施行之日起废止
_DECIDED = re.compile(r"(?:决定|现|一并|同时|将)$")  # 现决定废止《…》
_END = re.compile(r"[,。;\n]")
_LISTED = re.compile(r"(?:下列|以下)[^。;\n:]{0,16}(?:文件|规定|办法|通知)[^。;\n:]{0,12}$")
_LIST_CHARS = 3000
_SENTENCE_CHARS = 1200
_MOST = 40


def find_repeals(document: Document) -> tuple[Fact[str], ...]:
    """The repealed documents in the order of the text: 字号, or titles where no number stands beside."""
    found: dict[str, Fact[str]] = {}
    for word in _WORDS:
        for place, at in enumerate(places(document.text, word)):
            if place >= _MOST:
                break
            for fact in _repealed(document, at, at + len(word)):
                found.setdefault(fact.value, fact)
    return tuple(sorted(found.values(), key=lambda fact: fact.start))


def _repealed(document: Document, at: int, end: int) -> list[Fact[str]]:
    text = document.text
    if text[end : end + 1] == "《" and _DECIDED.search(text, max(0, at - 4), at):
        stop = _END.search(text, end, end + _SENTENCE_CHARS)
        return _listed(document, end, stop.start() if stop else end)
    if text[end : end + 1] in ("前", "后"):  # 废止前已受理的
        return []
    if not _ACT.search(text, max(0, at - 24), at) or _NOT.search(text[max(0, at - 28) : at]):
        return []
    if text[end : end + 1] == ":" and _LISTED.search(text[max(0, at - 40) : at]):
        return _listed(document, end, min(len(text), end + _LIST_CHARS))
    low = max(0, at - _SENTENCE_CHARS)
    begin = max(low, *(text.rfind(stop, low, at) + 1 for stop in "。;\n"))
    return _listed(document, begin, at)


def _listed(document: Document, begin: int, at: int) -> list[Fact[str]]:
    """The documents named in text[begin:at] that are repealed as a whole."""
    text = document.text
    clause = text[begin:at]
    titles = list(_TITLE.finditer(clause))
    numbers = list(find_numbers(text, begin, at))
    listed = []
    for title in titles:
        stop = begin + title.end()
        own = next((n for n in numbers if n.start - stop <= 3 and n.start >= stop), None)
        value = (
            own.value if own else document.fact("", begin + title.start(1), begin + title.end(1), "").quote
        )
        listed.append((begin + title.start(), own.end if own else stop, value))
    covered = [(one, two) for one, two, _ in listed]
    listed += [
        (number.start, number.end, number.value)
        for number in numbers
        if not any(one <= number.start < two for one, two in covered)
        and not (titles and "令第" in number.value)  # 令第5号公布的《…》: the title names it
    ]
    listed.sort()
    return [
        document.fact(value, first, last, "repeals")
        for place, (first, last, value) in enumerate(listed)
        if not _kept(text, begin, at, listed, place)
    ]


def _kept(text: str, begin: int, at: int, listed: list[tuple[int, int, str]], place: int) -> bool:
    """Whether only a part of the listed document is repealed, or it is cited for something else."""
    last = listed[place][1]
    following = _SINCE.sub("", text[last : listed[place + 1][0] if place + 1 < len(listed) else at])
    if _PART.search(following) or _ISSUED_BY.match(text, last):
        return True
    before = text[max(begin, listed[place][0] - 4) : listed[place][0]]
    if place + 1 < len(listed) and _NEW.search(before):
        return True
    return bool(_CITED_FOR.search(following) or _GROUNDS.search(before))
