"""Districts that a text lists as the area in which it applies: 市城区(含岳阳楼区、云溪区), 鼓楼区、台江区等两区."""

import re
from collections.abc import Callable, Sequence

from streams.labelling.regions.places import Named

_OPENING_CHARS = 1200
# 适用范围, 实施范围, 执行范围: at the head, or in the last article.
_SCOPE = re.compile(r"范围(?<=[适实执][用施行]范围)(?:是指|包括|包含|含|指|即|为|是|[:：]|我市|本市|在)*")
_APPLIES = re.compile(r"适用于(?<!不适用于)(?:我市|本市|在)?")
_AREA = re.compile(
    r"(?:(?:中心|主)?城区|市区|市辖区)(?:范围)?[(（,，]?(?:是指|包括|包含|含|指|即|为|是|[:：])+(?:我市|本市|在)?"
)
_WHERE = re.compile(r"在(?:[^\s、,，。；;]{2,5}市)?")
_WHERE_CHARS = 120
_LISTED = re.compile(r"等?(?:[一二三四五六七八九两\d]{1,2}个?)(?:城|行政|主城)?区")
_AND = r"(?:[、,，和及与]{1,2}|以及)"
# Zones stand among the districts that they lie in.
_ZONE = r"[^\s、,，。；;()（）]{0,12}(?:经开区|高新区|开发区|新区|新港区|新城|管理区|示范区)"
_BETWEEN = re.compile(rf"{_AND}(?:{_ZONE}{_AND})*")
_LIST_CHARS = 90


def districts(body: str, find: Callable[[str], Sequence[Named]]) -> list[Named]:
    """The districts that a text lists as its scope, [] unless there are two at least.

    Args:
        body: its normalised text.
        find: the districts of the city in question that a text names.
    """
    scopes = [scope.end() for scope in _SCOPE.finditer(body)]
    applies = [applies.end() for applies in _APPLIES.finditer(body)]
    areas = [area.end() for area in _AREA.finditer(body, 0, _OPENING_CHARS)]
    for at in (*scopes, *applies, *areas):
        if len(found := listed_from(body, at, find)) > 1:
            return found
    for scope in scopes:  # 适用范围 as a heading, and below it who lives or buys in these districts
        for where in _WHERE.finditer(body, scope, scope + _WHERE_CHARS):
            if len(found := listed_from(body, where.end(), find)) > 2:  # two may be where the counters are
                return found
    for listed in _LISTED.finditer(body, 0, _OPENING_CHARS):
        if len(found := _trailing(body, listed.start(), find)) > 1:
            return found
    return []


def listed_from(body: str, start: int, find: Callable[[str], Sequence[Named]]) -> list[Named]:
    """The names from `start` on that follow each other with nothing but commas and zones between them.

    Args:
        body: a folded text.
        start: where the first name begins.
        find: the districts of the city in question that a text names.
    """
    text = body[start : start + _LIST_CHARS]
    run: list[Named] = []
    at = 0
    for named in find(text):
        if not (_BETWEEN.fullmatch(text, at, named.start) or (not run and named.start == at)):
            break
        run.append(named._replace(start=named.start + start))
        at = named.end
    return run


def _trailing(body: str, end: int, find: Callable[[str], Sequence[Named]]) -> list[Named]:
    """The names up to `end` that follow each other with nothing but commas and zones between them."""
    left = max(0, end - _LIST_CHARS)
    text = body[left:end]
    run: list[Named] = []
    at = len(text)
    for named in reversed(find(text)):
        if not (_BETWEEN.fullmatch(text, named.end, at) or (not run and named.end == at)):
            break
        run.insert(0, named._replace(start=named.start + left))
        at = named.start
    return run
