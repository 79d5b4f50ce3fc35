"""In which section a sentence stands: whom the document concerns, what it gives, how to get it, who carries it out."""

import re
from collections.abc import Mapping, Sequence

from daachorse import MATCH_KIND_LEFTMOST_FIRST, CharwiseDoubleArrayAhoCorasick

from config.taxonomies import SECTIONS
from streams.labelling.normalise import fold

# Every heading begins with one of these characters, at the start of a line or a sentence. Asked for in this order, a
# text without headings costs next to nothing.
_FIRST = r"[第一二三四五六七八九十（(0-9附](?<![^\s。；;].)"
_NUMERAL = "[一二三四五六七八九十]"
HEADING_LINE = re.compile(
    rf"{_FIRST}(?:(?<=第)(?:(?P<part>[一二三四五六七八九十百]{{1,4}}[章节部])"
    rf"|(?P<article>[一二三四五六七八九十百零\d]{{1,5}}条))|(?P<one>(?<={_NUMERAL}){_NUMERAL}{{0,2}}、)"
    rf"|(?P<two>(?<=[（(]){_NUMERAL}{{1,3}}[）)])|(?P<three>(?<=\d)\d?[.．、])"
    r"|(?P<annex>(?<=附)件 ?\d{0,2}[:： ]?))[^。；;\n]{2,40}"
)
_LEVELS = {"annex": 0, "part": 1, "article": 2, "one": 2, "two": 3, "three": 4}
_PURPOSE_CHARS = 1500
# 为全市老人购买保险 says for whom, 为促进就业 what for.
_FOR_WHOM = r"(?!你|什么|[^，,。\n]{1,14}(?:购买|投保|提供|发放|缴纳|给予|办理|减免))"
# Looked for by the character that it begins with, at the start of a line or a sentence.
_PURPOSE = re.compile(
    r"[为根按依贯第](?<![^\s。：:].)(?:(?<=第)一条 ?(?:为|根据|按照|依据|贯彻)"
    r"|(?<=为)|(?<=根)据|(?<=按)照|(?<=依)据|(?<=贯)彻)"
    + _FOR_WHOM
    + r"[^。\n]{8,400}?(?:制定|提出|如下|现就|现将|现对|决定|。|\n)"
)


class SectionFinder:
    """Paints sections by the words of their headings; immutable once built."""

    def __init__(self, headings: Mapping[str, Sequence[str]]) -> None:
        self._numbers = {section: number for number, section in enumerate(SECTIONS, 1)}
        opens: dict[str, int] = {}
        for section in SECTIONS:
            for word in map(fold, headings.get(section, ())):
                opens.setdefault(word, self._numbers[section])
        self._opened = tuple(opens.values())
        # Of words that begin at one place the first listed counts.
        self._words = (
            CharwiseDoubleArrayAhoCorasick(list(opens), match_kind=MATCH_KIND_LEFTMOST_FIRST)
            if opens
            else None
        )

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
        found = self._words.find(heading) if self._words else ()
        return self._opened[found[0][2]] if found else 0


def _fill(painted: bytearray, start: int, end: int, number: int) -> None:
    painted[start:end] = bytes([number]) * (end - start)
