"""Whether a number in a policy's text is asked of every enterprise that applies: pure reading of the words around it.

Most numbers are not: they are about one of many measures, about new staff, about a month, about households. Taken for a
condition of the whole policy they would silence it. So a number counts only where it stands in a list of conditions
(申报条件, 应当同时具备下列条件), is about the enterprise itself, and no other such list is silent about the same.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from streams.labelling.facts.document import plain

_WHO = r"(?:申报|申请|参赛|参评|评选|评审|认定|推荐|入库|入选|报名|遴选|征集|准入)"
_LEAD = re.compile(
    rf"(?:{_WHO}(?:企业|单位|主体|项目|人|者)?的?(?:基本|资格)?(?P<noun>条件|资格|对象)"
    r"|(?:应当?|须|需|必须|要|均|同时)(?:同时)?(?:具备|符合|满足)[^。;,\n]{0,14}?(?P<must>条件|要求)"
    r"|(?:具备|符合|满足)[^。;,\n]{0,10}?(?P<one>之一|任一|任意|中的?一[项条个]))"
)
_NUMBERED = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）]|\d{1,2}[.、])[^。;,:\n]{0,8}$"
)
_OPENS = re.compile(r"[^。;,\n]{0,16}?[:\n]")
_ANY_ONE = re.compile(r"[^。\n]{0,12}?(?:之一|任一|任意|其中|中的?一[项条个])")
_SAYS_MORE = re.compile(r"[。;,\d①-⑳(]")
_HEADING = re.compile(
    r"(?:^|(?<=[\n。;:)]))\s{0,4}(?:[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十百零]{1,5}[条章节])"
)
_ITEM = re.compile(r"[。;\n]|[(（][一二三四五六七八九十\d]{1,3}[)）]|[①-⑳]|(?<!\d)\d{1,2}[.、](?!\d)")
_OTHERWISE = re.compile(
    r"或|之一|任一|除外|优先|放宽|不受|加分|择优|新增|新招|招用|招聘|吸纳|带动|培训|服务(?:企业|对象)|合计|之和"
    r"|若|如[果为系]|对于|凡|鼓励|原则上|一般|建议|可(?!持续)"
)
# Two kinds of applicants are not two ways to meet a number.
_WHO_ELSE = re.compile(
    r"(?:企业|单位|机构|法人|组织)或者?[^,。;\n\d]{0,12}?(?:合作社|单位|机构|组织|工商户|企业)"
)
_OF_THOSE = re.compile(r"其中|的[^,。;\n]{0,10}?(?:企业|单位|机构|公司|主体|法人)[,:]")
_NOT_OF_A_YEAR = re.compile(r"累计|季|月|两年|二年|三年|近\S{1,2}年")
_PLACE = (
    r"在[^,。;:\n]{1,14}?(?:市|区|县|省|州|旗|境内|地区|范围内|行政区域内|行政区划内|本地|大陆)(?:内|境内)?"
)
_SELF = re.compile(
    rf"\s{{0,3}}(?:{_WHO}?的?(?:其|该|本)?(?:企业|单位|主体|机构|公司)?(?:{_WHO}(?:时|之日|认定时)?)?"
    rf"(?:应当?|须|需|必须|要|为|是|已|其|{_PLACE}|依法|合法|上一?(?:年度?|会计年度)|20\d\d年度?|年度?|年末|全年|去年"
    r"|现有|拥有|具有|有|在册|在职|全职|专职|固定|正式|企业|的){0,6})"
)
_GAP = re.compile(
    r"(?:注册|登记|成立|设立|工商|开业|经营|运营|时间|日期|年限|期限|之日|起|并|且|实际|正常|连续|已|应当?|须|需|必须|在"
    r"|达到?|为|是|自|于|不?[早晚迟]于|,|:| )+$"
)
# 2020年1月1日以后在本市注册成立: a day instead of an age, and it stands first
_DAY = re.compile(r"[自于在从]? ?(?:(?:19|20)\d\d|二)[^,。;\n]{0,60}(?:成立|注册|设立)(?:登记)?$")
_CLAUSE = re.compile(r"[,。;:、\n()（）①-⑳.]")
_OF_SOME = re.compile(
    r"[^。;,\n]{0,4}?的(?![^,。;\n、]{0,16}?(?:企业|单位|机构|公司|主体|法人)(?:[。;\n]|$))"
)
_NUMBER_SIGN = re.compile(r"[\d一二两三四五六七八九十半]|满|不[少低足满超高]|超|达|至少|未|[<>≤≥]")


@dataclass(frozen=True)
class Place:
    """A number in the text: its field as `streams.labelling.facts` calls it, and where its words stand."""

    field: str
    start: int
    end: int


@dataclass(frozen=True)
class _List:
    """A list of conditions: its heading's words, where it ends, the kind of heading, and whether any one will do."""

    start: int
    words_end: int
    end: int
    noun: str
    any_one: bool


def asked_of_all(body: str, places: Iterable[Place]) -> list[Place]:
    """Return those numbers that every enterprise which applies must meet, in their order.

    Args:
        body: the policy's text, in which the offsets count.
        places: numbers in it, of whatever fields.
    """
    given = list(places)
    if not given:
        return []
    text = plain(body)
    lists = _lists(text)
    starts = [one.start for one in lists]
    held: defaultdict[tuple[int, str], list[Place]] = defaultdict(list)
    for place in given:
        at = bisect_right(starts, place.start) - 1
        inside = at >= 0 and not lists[at].any_one and place.start < lists[at].end
        if inside and _of_the_enterprise(text, place, lists[at].words_end):
            held[at, place.field].append(place)
    silent = _silent(lists, held)
    found = [
        place
        for (at, field), places in held.items()
        if (lists[at].noun, field) not in silent
        for place in places
    ]
    return sorted(found, key=lambda place: place.start)


def _silent(lists: Sequence[_List], held: Collection[tuple[int, str]]) -> set[tuple[str, str]]:
    """Of which fields not every list of a kind says something: whom one shuts out may come in by another."""
    fields = {field for _, field in held}
    return {
        (one.noun, field)
        for at, one in enumerate(lists)
        if not one.any_one
        for field in fields
        if (at, field) not in held
    }


def _lists(text: str) -> list[_List]:
    leads = [found for found in _LEAD.finditer(text) if _opens_a_list(text, found)]
    headings = [found.end() for found in _HEADING.finditer(text)]
    lists: list[_List] = []
    for n, lead in enumerate(leads):
        after = bisect_right(headings, lead.end())
        heading = headings[after] if after < len(headings) else len(text)
        following = leads[n + 1].start() if n + 1 < len(leads) else len(text)
        any_one = lead["one"] is not None or _ANY_ONE.match(text, lead.end()) is not None
        if following < heading and not any_one and not _SAYS_MORE.search(text, lead.end(), following):
            continue  # 三、申报条件 / 申报企业应同时满足以下条件: are one list with two headings
        noun = lead["noun"] or "条件"
        lists.append(_List(lead.start(), lead.end(), min(heading, following), noun, any_one))
    return lists


def _opens_a_list(text: str, lead: re.Match[str]) -> bool:
    numbered = _NUMBERED.search(text, max(0, lead.start() - 14), lead.start()) is not None
    return numbered or _OPENS.match(text, lead.end()) is not None


def _of_the_enterprise(text: str, place: Place, begin: int) -> bool:
    """Whether the number is the enterprise's own and stands for itself, not in an alternative or an exception."""
    low = max(begin, place.start - 120)
    item = max((found.end() for found in _ITEM.finditer(text, low, place.start)), default=low)
    stop = _ITEM.search(text, place.end, place.end + 60)
    whole = _WHO_ELSE.sub("", text[item : stop.start() if stop else place.end + 60])
    before = text[item : place.start]
    if _OTHERWISE.search(whole) or _OF_THOSE.search(before):
        return False
    if place.field == "revenue" and _NOT_OF_A_YEAR.search(before + text[place.start : place.end]):
        return False
    clause = max((found.end() for found in _CLAUSE.finditer(text, low, place.start)), default=low)
    if (clause == low and low > begin) or not _SELF.fullmatch(text, clause, place.start):
        return False
    if _OF_SOME.match(text, place.end):
        return False
    return place.field != "established" or _of_founding(text[place.start : place.end])


def _of_founding(words: str) -> bool:
    if _DAY.match(words):
        return True
    number = _NUMBER_SIGN.search(words)
    return number is not None and "岁" not in words and _GAP.match(words, 0, number.start()) is not None
