"""Districts that a text lists as the area in which it applies: 市城区(含岳阳楼区、云溪区), 鼓楼区、台江区等两区."""

import re
from collections.abc import Callable, Sequence

from streams.labelling.regions.places import Named

_SCOPE_CHARS = 1200
_AREA = re.compile(
    r"(?:适用范围|(?:中心|主)?城区|市区|市辖区)(?:范围)?[(（,，]?(?:是指|包括|包含|含|指|即|为|是|[:：])+(?:我市|本市|在)?"
)
_LISTED = re.compile(r"等?(?:[一二三四五六七八九两\d]{1,2}个?)(?:城|行政|主城)?区")
_BETWEEN = re.compile(r"[、,，和及与]{1,2}|以及")
_LIST_CHARS = 90
# An area that the list goes on with and that is no district: a zone may span several.
_ZONE = re.compile(
    r"(?:[、,，和及与]|以及)[^、,，。；和及与()（）]{0,10}"
    r"(?:经开区|高新区|开发区|新区|新港区|新城|管理区|示范区)"
)


def districts(body: str, find: Callable[[str], Sequence[Named]]) -> list[Named]:
    """The districts that a text lists as its scope, [] unless there are two at least, or if it lists zones with them.

    Args:
        body: its normalised text.
        find: the districts of the city in question that a text names.
    """
    opening = body[:_SCOPE_CHARS]
    for area in _AREA.finditer(opening):
        found = _leading(opening[area.end() : area.end() + _LIST_CHARS], area.end(), find)
        if len(found) > 1:
            return found
    for listed in _LISTED.finditer(opening):
        left = max(0, listed.start() - _LIST_CHARS)
        found = _trailing(opening[left : listed.start()], left, find)
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
    return [] if _ZONE.match(text, at) else run


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
