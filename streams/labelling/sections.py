"""In which section a sentence stands: whom the document concerns, what it gives, how to get it, who carries it out."""

import re
from collections.abc import Mapping, Sequence

from config.taxonomies import SECTIONS

_FIRST = r"(?<![^\s。；;].)"  # behind the first character: asked in front of it, it costs three times as much
HEADING_LINE = re.compile(
    rf"(?:(?P<part>第{_FIRST}[一二三四五六七八九十百]{{1,4}}[章节部])"
    rf"|(?P<article>第{_FIRST}[一二三四五六七八九十百零\d]{{1,5}}条)"
    rf"|(?P<one>[一二三四五六七八九十]{_FIRST}[一二三四五六七八九十]{{0,2}}、)"
    rf"|(?P<two>[（(]{_FIRST}[一二三四五六七八九十]{{1,3}}[）)])"
    rf"|(?P<three>\d{_FIRST}\d?[.．、])|(?P<annex>附{_FIRST}件 ?\d{{0,2}}[:： ]?))[^。；;\n]{{2,40}}"
)
_LEVELS = {"annex": 0, "part": 1, "article": 2, "one": 2, "two": 3, "three": 4}
_PURPOSE_CHARS = 1500
# 为全市老人购买保险 says for whom, 为促进就业 what for.
_FOR_WHOM = r"(?!你|什么|[^，,。\n]{1,14}(?:购买|投保|提供|发放|缴纳|给予|办理|减免))"
_PURPOSE = re.compile(
    r"(?:^|(?<=[\s。：:]))(?:第一条 ?)?(?:为|根据|按照|依据|贯彻|为了)" + _FOR_WHOM + r"[^。\n]{8,400}?"
    r"(?:制定|提出|如下|现就|现将|现对|决定|。|\n)",
    re.MULTILINE,
)


class SectionFinder:
    """Paints sections by the words of their headings; immutable once built."""

    def __init__(self, headings: Mapping[str, Sequence[str]]) -> None:
        groups = [
            f"(?P<{section}>{'|'.join(re.escape(word) for word in headings[section])})"
            for section in SECTIONS
            if headings.get(section)
        ]
        self._words = re.compile("|".join(groups)) if groups else None
        self._numbers = {section: number for number, section in enumerate(SECTIONS, 1)}

    def paint(self, body: str, headings: Sequence[re.Match[str]]) -> bytearray:
        """For each character of the body 0, or the 1-based number of its section in SECTIONS.

        A heading that names no section continues the one above it; one of the same or a higher level ends it.
        """
        painted = bytearray(len(body))
        for match in _PURPOSE.finditer(body, 0, _PURPOSE_CHARS):
            _fill(painted, match.start(), match.end(), self._numbers["purpose"])
        above: list[tuple[int, int]] = []
        ends = [*(following.start() for following in headings[1:]), len(body)]
        for heading, end in zip(headings, ends, strict=False):
            level = _LEVELS[heading.lastgroup or "three"]
            while above and above[-1][0] >= level:
                above.pop()
            own = self._section(heading[0]) or (above[-1][1] if above else 0)
            above.append((level, own))
            if own:
                _fill(painted, heading.start(), end, own)
        return painted

    def _section(self, heading: str) -> int:
        found = self._words.search(heading) if self._words else None
        return self._numbers[found.lastgroup] if found and found.lastgroup else 0


def _fill(painted: bytearray, start: int, end: int, number: int) -> None:
    painted[start:end] = bytes([number]) * (end - start)
