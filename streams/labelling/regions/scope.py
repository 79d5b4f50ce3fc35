"""Districts that a text lists as the area in which it applies: 市城区(含岳阳楼区、云溪区), 鼓楼区、台江区等两区."""

import re
from collections.abc import Callable, Sequence

from streams.labelling.regions.places import Named

_OPENING_CHARS = 1200
# Said in so many words, at the head or in the last article.
_SCOPE = re.compile(r"范围(?<=[适实执][用施行]范围)(?:是指|包括|包含|含|指|即|为|是|[:：]|我市|本市|在)*")
_AREA = re.compile(
    r"(?:(?:中心|主)?城区|市区|市辖区)(?:范围)?[(（,，]?(?:是指|包括|包含|含|指|即|为|是|[:：])+(?:我市|本市|在)?"
)
_WHERE = re.compile(r"在(?:[^\s、,，。；;]{2,5}市)?")
_WHERE_CHARS = 120
_LISTED = re.compile(r"等?(?:[一二三四五六七八九两\d]{1,2}个?)(?:城|行政|主城)?区")
_COMMA = r"(?:[、,，和及与]{1,2}|以及)"
# Zones stand among them, and lie in them.
_ZONE = r"[^\s、,，。；;()（）]{0,12}(?:经开区|高新区|开发区|新区|新港区|新城|管理区|示范区)"
_BETWEEN = re.compile(rf"{_COMMA}(?:{_ZONE}{_COMMA})*")
_LIST_CHARS = 90


def districts(body: str, find: Callable[[str], Sequence[Named]]) -> list[Named]:
    """The districts that a text lists as its scope, [] unless there are two at least.

    Args:
        body: its normalised text.
        find: the districts of the city in question that a text names.
    """
    scopes = [scope.end() for scope in _SCOPE.finditer(body)]
    areas = [area.end() for area in _AREA.finditer(body, 0, _OPENING_CHARS)]
    for at in (*scopes, *areas):
        found = _leading(body[at : at + _LIST_CHARS], at, find)
        if len(found) > 1:
            return found
    for scope in scopes:  # 适用范围 as a heading, and below it who lives or buys in these districts
        for where in _WHERE.finditer(body, scope, scope + _WHERE_CHARS):
            found = _leading(body[where.end() : where.end() + _LIST_CHARS], where.end(), find)
            if len(found) > 2:
                return found
    for listed in _LISTED.finditer(body, 0, _OPENING_CHARS):
        left = max(0, listed.start() - _LIST_CHARS)
        found = _trailing(body[left : listed.start()], left, find)
        if len(found) > 1:
            return found
    return []


def _leading(text: str, offset: int, find: Callable[[str], Sequence[Named]]) -> list[Named]:
    """The names at the start that follow each other with nothing but commas between them."""
    run: list[Named] = []
    at = 0
    for named in find(text):
        if not (_BETWEEN.fullmatch(text, at, named.start) or (not run and named.start == at)):
            break
        run.append(named._replace(start=named.start + offset))
        at = named.end
    return run


def _trailing(text: str, offset: int, find: Callable[[str], Sequence[Named]]) -> list[Named]:
    """The names at the end that follow each other with nothing but commas between them."""
    run: list[Named] = []
    at = len(text)
    for named in reversed(find(text)):
        if not (_BETWEEN.fullmatch(text, named.end, at) or (not run and named.end == at)):
            break
        run.insert(0, named._replace(start=named.start + offset))
        at = named.start
    return run
