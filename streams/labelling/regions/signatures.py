"""Whose document a text is: the body in front of a date signs it, the one that opens a line at its head speaks."""

import re
from collections.abc import Callable, Sequence

from streams.labelling.regions.places import OFFICE, YEAR, Named

ORGAN = (
    r"(?:人民政府|政府|办公厅|办公室|委员会|管委会|指挥部|领导小组|人民代表大会|总局|总署|[厅局部署]"
    r"|(?<!常)委(?!托|员|派)|中心|银行|分行|支行|总工会|联合会|协会)"
)
_SIGNED_CHARS = 80
_MOST_DATES = 40
_YEAR_CHARS, _YEAR = 4, r"(?:20\d\d|19\d\d|二[〇○0零]..)"
# Looked for by its 年, which is found at once.
_DATE = re.compile(rf"年(?:(?<={_YEAR}年)|(?<={_YEAR} 年)) ?[\d一二三四五六七八九十]{{1,3}} ?月")
_NOT_SIGNED = re.compile(r"[，。；：、,;:》）〕\])]|\d")
_HEAD_CHARS, _LINE_CHARS = 300, 80
_LINE = re.compile(rf"^\s*{YEAR}", re.MULTILINE)
# Not one that is addressed (某区人民政府:) or listed with others (某区、某区人民政府).
_SPEAKS = re.compile(rf"{OFFICE}(?!\s*[:：、,，和及与])")
_ENDS = re.compile(rf"{ORGAN}\s*$")


def signed_places(body: str, find: Callable[[str], Sequence[Named]]) -> list[Named]:
    """Places in the name of the body that stands in front of a date, as a signature does.

    Args:
        body: its normalised text.
        find: the places named in a text.
    """
    for date in list(_DATE.finditer(body))[-_MOST_DATES:]:
        at = date.start() - (body[date.start() - 1] == " ") - _YEAR_CHARS
        if not body[at - 1 : at].isspace():  # most dates stand in the middle of a sentence
            continue
        left = max(0, at - _SIGNED_CHARS)
        line = body[left:at]
        stops = [stop.end() for stop in _NOT_SIGNED.finditer(line)]
        start = stops[-1] if stops else 0
        line = line[start:]
        if len(line.strip()) < 4 or not _ENDS.search(line):
            continue
        if found := find(line):
            return [Named(n.name, n.start + left + start, n.codes, n.everyday) for n in found]
    return []


def speaking_places(body: str, find: Callable[[str], Sequence[Named]]) -> list[Named]:
    """The place whose own body opens a line at the head, after those that it lies in; [] if two places speak.

    Args:
        body: its normalised text.
        find: the places named in a text.
    """
    speaking: list[list[Named]] = []
    head = body[:_HEAD_CHARS]
    for opening in _LINE.finditer(head):
        at = opening.end()
        line = body[at : at + _LINE_CHARS].split("\n", 1)[0]
        names: list[Named] = []
        for named in find(line):
            if named.start != (names[-1].end if names else 0):
                break
            names.append(named)
        if names and _SPEAKS.match(line, names[-1].end):
            speaking.append([Named(n.name, n.start + at, n.codes, n.everyday) for n in names])
    alike = {names[-1].codes for names in speaking}
    return speaking[0] if len(alike) == 1 else []
