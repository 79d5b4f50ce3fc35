"""Which stretch of a body is opening, heading or plain text, and which speaks of something else.

What speaks of something else gives no label: titles of other documents, the list of addressees, the bodies told
to carry it out, page navigation, and whatever the text excludes (不适用于…, 除…外, 不含…).
"""

import re

MASKED, BODY, HEADING, HEAD = range(4)
SEGMENT_NAMES = {BODY: "body", HEADING: "heading", HEAD: "head"}

_HEAD_CHARS = 400
_NAVIGATION_CHARS = 800
_ADDRESSEE_CHARS = 1500

_HOME = "首页"  # no page's navigation is without it, and looking for it is cheap
_NAVIGATION = re.compile(r"(?:[^\s|/，。；：、]{2,8}[ |/]{1,4}){6,}")
_ADDRESSEES = re.compile(r"(?:^|(?<=\s))各[^。；：:\n]{1,300}[：:]", re.MULTILINE)
_HEADING = re.compile(
    r"(?:^|(?<=[\s。；]))(?:第[一二三四五六七八九十百]{1,4}[条章]|[一二三四五六七八九十]{1,3}、"
    r"|[（(][一二三四五六七八九十]{1,3}[）)]|\d{1,2}[.．、])[^。；\n]{2,40}",
    re.MULTILINE,
)
_ELSEWHERE = (
    re.compile(r"《[^《》\n]{1,200}》|〈[^〈〉\n]{1,200}〉|<[^<>\n]{1,200}>"),
    re.compile(r"(?:责任单位|责任部门|牵头单位|牵头部门|配合单位|落实单位|主管部门)[:：] ?[^\n。\s]{0,300}"),
    re.compile(r"[（(][^（）()\n]{1,120}(?:负责|牵头|配合|分工)[^（）()\n]{0,30}[）)]"),
)
_EXCLUDED = (
    re.compile(
        r"(?:不适用|不包括|不包含|不含|不属于|不纳入|不享受|排除|不再(?:享受|给予|发放|执行))[^，。；,;：:\n）)]{0,40}"
    ),
    re.compile(
        r"不予(?:补贴|补助|奖励|资助|支持|认定|受理)|不(?:得|能|可)?重复(?:享受|申报|申请)[^，。；\n）)]{0,20}"
    ),
    re.compile(r"(?<![解扣免清消去拆剔])除(?!外|了|此|以|去|夕)[^，。；,;\n]{1,40}?(?:以外|之外|外)"),
)
_EXCLUDED_BEFORE = re.compile(r"除外|不在此列|不适用本|不得申报|不得申请|不能申报")
_CLAUSE_STOPS = "，。；：,;:\n（()） "
_CLAUSE_CHARS = 30


def lay_out(body: str) -> bytearray:
    """For each character of the normalised body: MASKED, BODY, HEADING or HEAD."""
    kinds = bytearray([BODY]) * len(body)
    for match in _HEADING.finditer(body):
        _paint(kinds, match, HEADING)
    opening = _skip_navigation(body)
    end = min(len(body), opening + _HEAD_CHARS)
    kinds[opening:end] = bytes([HEAD]) * (end - opening)
    kinds[:opening] = bytes(opening)
    for match in _ADDRESSEES.finditer(body, 0, _ADDRESSEE_CHARS):
        _paint(kinds, match, MASKED)
    for pattern in (*_ELSEWHERE, *_EXCLUDED):
        for match in pattern.finditer(body):
            _paint(kinds, match, MASKED)
    for match in _EXCLUDED_BEFORE.finditer(body):
        start = _clause_start(body, match.start())
        kinds[start : match.end()] = bytes(match.end() - start)
    return kinds


def _clause_start(body: str, at: int) -> int:
    left = max(0, at - _CLAUSE_CHARS)
    return max(left, *(body.rfind(stop, left, at) + 1 for stop in _CLAUSE_STOPS))


def _paint(kinds: bytearray, match: re.Match[str], kind: int) -> None:
    kinds[match.start() : match.end()] = bytes([kind]) * (match.end() - match.start())


def _skip_navigation(body: str) -> int:
    last = 0
    if _HOME not in body[:_NAVIGATION_CHARS]:
        return last
    for match in _NAVIGATION.finditer(body, 0, _NAVIGATION_CHARS):
        last = match.end()
    return last
