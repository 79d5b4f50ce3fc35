"""Which stretch of a body is opening, heading or plain text, in which section, and what speaks of something else.

What speaks of something else gives no label: titles of other documents, the list of addressees, the bodies told
to carry it out, page navigation, and whatever the text excludes (不适用于…, 除…外, 不含…).
"""

import re
from dataclasses import dataclass

from streams.labelling.sections import HEADING_LINE, SectionFinder

BODY, HEADING, HEAD = range(3)
ELSEWHERE = 16  # and above: the stretch gives no label
CITED, ADDRESSED, CARRIED_OUT, EXCLUDED, NAVIGATION = range(ELSEWHERE, ELSEWHERE + 5)
PLACE_NAMES = ("body", "heading", "head")
ELSEWHERE_NAMES = {
    CITED: "title of another document",
    ADDRESSED: "addressee",
    CARRIED_OUT: "body told to carry it out",
    EXCLUDED: "excluded by the text",
    NAVIGATION: "page navigation",
}

_HEAD_CHARS = 400
_NAVIGATION_CHARS = 800
_ADDRESSEE_CHARS = 1500

_HOME = "首页"  # no page's navigation is without it, and looking for it is cheap
# The first words of the text itself end it: (征求意见稿) 第一章 总则 第一条.
_NAVIGATION = re.compile(r"(?:(?![(（]|第一)[^\s|/，。；：、]{2,8}[ |/]{1,4}){6,}")
# Looked for behind a line's end, which is a plain character and found at once; so the first line needs one in front.
_PAGE_LINE = re.compile(
    r"\n(?:【[^】\n]{2,6}】《|当前位置|您的位置|您现在的位置|关注 ?·|上一篇|下一篇|扫一扫|分享到|打印本页|版权所有"
    r"|网站地图|责任编辑|相关(?:链接|阅读|附件|稿件|解读|文档|新闻)[:：]|延伸阅读|字号[:：\[]|选择字体|浏览次数|来源[:：])[^\n]{0,300}(?![^\n])"
)
# What they may do, or must, is no name of theirs: 各区高新技术企业可享受补贴，具体要求如下：
_ADDRESSEES = re.compile(
    r"各(?<!\S各)(?:(?!可享|可申|均可|可以|应当|享受|给予|请|\d+[年月日万%元])[^。；：:\n]){1,300}[：:]"
)
_CITED = re.compile(r"《[^《》\n]{1,200}》|〈[^〈〉\n]{1,200}〉|<[^<>\n]{1,200}>")
_TOLD = r"(?:责任|牵头|配合|落实|主管)(?:单位|部门)[:：] ?"
# What all but the last of _CARRIED_OUT hold; each begins with a plain character, which is found at once.
_TOLD_HINTS = re.compile("位(?<=单位)[:：]"), re.compile("门(?<=部门)[:：]")
_CARRIED_OUT = (
    re.compile(rf"[（(〔\[]{_TOLD}[^\n。\s（）()〔〕\[\]]{{0,300}}"),  # ends with its bracket
    re.compile(rf"{_TOLD}(?:(?<=[（(〔\[].{{5}})|(?<=[（(〔\[].{{6}})|[^\n。\s]{{0,300}})"),
    re.compile(
        r"[（(〔\[][^（）()〔〕\[\]\n]{1,120}(?:负责|牵头|配合|分工)[^（）()〔〕\[\]\n]{0,30}[）)〕\]]"
    ),
)
# Each begins with the character that is looked for, and looks back behind it: that costs a tenth.
_EXCLUDED = (
    re.compile(r"不(?:适用|包括|包含|含|属于|纳入|享受|再(?:享受|给予|发放|执行))[^，。；,;：:\n）)]{0,40}"),
    re.compile(r"排除[^，。；,;：:\n）)]{0,40}"),
    re.compile(r"停止(?:享受|发放|拨付|给予)[^的后，。；,;：:\n）)]{0,40}"),
    re.compile(
        r"取消(?:(?!给予|发放|提高|增加|改为|设立|并)[^，。；,;：:\n）)]){0,30}(?:补贴|补助|资助|奖励|奖补)"
        r"(?![^，。；,;：:\n）)]{0,10}?(?:限|门槛|条件|户籍|范围|要求|审批|手续|次数|材料|证明))"
    ),
    re.compile(
        r"不(?:予(?:补贴|补助|奖励|资助|支持|认定|受理)|(?:得|能|可)?重复(?:享受|申报|申请)[^，。；\n）)]{0,20})"
    ),
    re.compile(r"除(?<![解扣免清消去拆剔]除)(?!外|了|此|以|去|夕)[^，。；,;\n]{1,40}?(?:以外|之外|外)"),
)
_EXCLUDED_BEFORE = (re.compile("除外"), re.compile("不(?:在此列|适用本|得申报|得申请|能申报)"))
_CLAUSE_STOPS = "，。；：,;:\n（()） "
_CLAUSE_CHARS = 30


@dataclass(frozen=True)
class Layout:
    """For each character of a normalised body: its place (or why it gives no label), and its section.

    Attributes:
        places: BODY, HEADING or HEAD, or one of ELSEWHERE_NAMES.
        sections: 0, or the 1-based number of its section in `config.taxonomies.SECTIONS`.
    """

    places: bytearray
    sections: bytearray


def lay_out(body: str, finder: SectionFinder) -> Layout:
    """The layout of a normalised body."""
    places = bytearray([BODY]) * len(body)
    headings = list(HEADING_LINE.finditer(body))
    for match in headings:
        _paint(places, match, HEADING)
    opening = _skip_navigation(body)
    end = min(len(body), opening + _HEAD_CHARS)
    places[opening:end] = bytes([HEAD]) * (end - opening)
    places[:opening] = bytes([NAVIGATION]) * opening
    for match in _PAGE_LINE.finditer(f"\n{body}"):
        line = match.start(), match.end() - 1
        places[slice(*line)] = bytes([NAVIGATION]) * (line[1] - line[0])
    for match in _ADDRESSEES.finditer(body, 0, _ADDRESSEE_CHARS):
        _paint(places, match, ADDRESSED)
    for match in _CITED.finditer(body):
        _paint(places, match, CITED)
    for pattern in _CARRIED_OUT if any(hint.search(body) for hint in _TOLD_HINTS) else _CARRIED_OUT[-1:]:
        for match in pattern.finditer(body):
            _paint(places, match, CARRIED_OUT)
    for pattern in _EXCLUDED:
        for match in pattern.finditer(body):
            _paint(places, match, EXCLUDED)
    for pattern in _EXCLUDED_BEFORE:
        for match in pattern.finditer(body):
            start = _clause_start(body, match.start())
            places[start : match.end()] = bytes([EXCLUDED]) * (match.end() - start)
    return Layout(places, finder.paint(body, headings))


def _clause_start(body: str, at: int) -> int:
    left = max(0, at - _CLAUSE_CHARS)
    return max(left, *(body.rfind(stop, left, at) + 1 for stop in _CLAUSE_STOPS))


def _paint(places: bytearray, match: re.Match[str], place: int) -> None:
    places[match.start() : match.end()] = bytes([place]) * (match.end() - match.start())


def _skip_navigation(body: str) -> int:
    last = 0
    if _HOME not in body[:_NAVIGATION_CHARS]:
        return last
    for match in _NAVIGATION.finditer(body, 0, _NAVIGATION_CHARS):
        last = match.end()
    return last
