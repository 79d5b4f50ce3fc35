"""Brings a text into the spelling of the lexicon, and remembers where each of its characters stood.

Folding (full-width letters → half-width, half-width marks → full-width, traditional → simplified, lower case, odd
blanks) replaces one character by one.
Repairing takes out what does not belong to the words: invisible characters, the blanks of 高 新 技 术 企 业 and of
高新&nbsp;技术企业, and the readings that a broken conversion leaves behind, as in 政務(wù)公開.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache, lru_cache

from opencc import OpenCC

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code - 0xFEE0).isalnum()}
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_LOWER_FULL = {code: code - 0xFEE0 + 32 for code in range(0xFF21, 0xFF3B)}
_ODD = {
    0x00A0: " ",
    0x3000: " ",
    0x2002: " ",
    0x2003: " ",
    **dict.fromkeys((*range(0x2004, 0x2008), 0x2009, 0x200A, 0x202F, 0x205F), " "),
    0xFF1C: "<",
    0xFF1E: ">",
    0xFF05: "%",
    **{ord(half): chr(ord(half) + 0xFEE0) for half in "(),:;"},  # as Chinese is set
}
# Half a character, as a JSON escape may hold one: it cannot be looked for in UTF-8.
_HALVES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
# Kangxi radicals look like the characters (⼯⼈), and PDF files write them instead.
_RADICALS = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
_HAN_FIRST, _HAN_LAST = 0x4E00, 0x9FFF

_HAN = "[一-鿿]"
_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜńňǹ"
_UNSEEN = "\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0f\ufeff\u00ad"
_INVISIBLE = f"[{_UNSEEN}]+"
_READING = rf"(?<={_HAN})[(（][a-z]{{0,5}}[{_TONED}][a-z{_TONED}]{{0,4}}[)）]"
# Three alone between other things, or four among other words: 给予高 新 技 术 企 业补贴.
_SPREAD_RUN = re.compile(rf"(?<!{_HAN}){_HAN}(?: {_HAN}){{2,}}(?!{_HAN})|{_HAN}(?: {_HAN}){{3,}}")
# Blanks and quotation marks as a web page writes them: 高新&nbsp;技术企业.
_ENTITY = "&(?:nbsp|ensp|emsp|thinsp|zwn?j|[lr][ds]quo|#160|#xa0)；"  # the marks are full-width by then
_CUT = re.compile(f"{_INVISIBLE}|{_READING}|{_ENTITY}")
# What either needs; looking for it first costs a tenth.
_CUT_HINT = re.compile(f"[&{_TONED}{_UNSEEN}]")
_SPREAD_HINT = re.compile(f" {_HAN} ")
_MANY_ODD = 60
_TAIL = re.compile(r"(?:[\s》〉>]|[（(](?![^（）()]{0,10}(?:征求意见|草案|送审))[^（）()]{0,20}[）)])+$")


@dataclass(frozen=True)
class Text:
    """A text in the lexicon's spelling.

    Attributes:
        text: the characters that are left.
        cuts: where in `text` something was taken out in front, ascending.
        shifts: how far the original is ahead from there on; as long as `cuts`.
    """

    text: str
    cuts: tuple[int, ...] = ()
    shifts: tuple[int, ...] = ()

    def original(self, at: int) -> int:
        """The offset in the original of the character at `at`."""
        place = bisect_right(self.cuts, at)
        return at + (self.shifts[place - 1] if place else 0)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's offsets of the non-empty stretch from `start` to `end`."""
        return self.original(start), self.original(end - 1) + 1


@cache
def _table() -> dict[int, int | str]:
    han = [chr(code) for code in range(_HAN_FIRST, _HAN_LAST + 1)]
    plain = OpenCC("t2s").convert("\n".join(han)).split("\n")
    simplified: dict[int, int | str] = {
        ord(old): new for old, new in zip(han, plain, strict=True) if old != new and len(new) == 1
    }
    # What it becomes is never itself to be replaced (薴 → 苧 → 苎), so the order of replacing does not matter.
    simplified = {code: simplified.get(ord(str(like)), like) for code, like in simplified.items()}
    radicals = {code: simplified.get(ord(like), like) for code, like in _RADICALS.items()}
    return {
        **simplified,
        **radicals,
        2: " ",
        3: " ",
        **_FULL_WIDTH,
        **_LOWER,
        **_LOWER_FULL,
        **_ODD,
        **_HALVES,
    }


@cache
def _plain() -> dict[str, str]:
    return {chr(code): like if isinstance(like, str) else chr(like) for code, like in _table().items()}


@cache
def _odd() -> re.Pattern[str]:
    return re.compile(f"[{re.escape(''.join(_plain()))}]")


def fold(text: str) -> str:
    """The text in plain spelling; of the same length, character for character."""
    plain = _plain()
    odd = set(_odd().findall(text))  # a sixth of what looking each character up costs
    if len(odd) > _MANY_ODD:  # a text in traditional characters
        return text.translate(_table())
    for character in odd:
        text = text.replace(character, plain[character])
    return text


@lru_cache(maxsize=4)  # labels and facts read the same text one after the other
def normalise(text: str) -> Text:
    """The text folded and repaired."""
    folded = fold(text)
    spans = sorted({*_cuts(folded)})
    if not spans:
        return Text(folded)
    pieces: list[str] = []
    cuts: list[int] = []
    shifts: list[int] = []
    at = length = 0
    for start, end in spans:
        pieces.append(folded[at:start])
        length += start - at
        at = end
        if cuts and cuts[-1] == length:
            shifts[-1] = at - length
        else:
            cuts.append(length)
            shifts.append(at - length)
    pieces.append(folded[at:])
    return Text("".join(pieces), tuple(cuts), tuple(shifts))


def bare_title(title: str) -> str:
    """The normalised title on one line, without a closing remark such as （试行）; that it is a draft stays."""
    return _TAIL.sub("", normalise(" ".join(title[:1000].split())).text)


def _cuts(folded: str) -> list[tuple[int, int]]:
    spans = [match.span() for match in _CUT.finditer(folded)] if _CUT_HINT.search(folded) else []
    if _SPREAD_HINT.search(folded):
        for run in _SPREAD_RUN.finditer(folded):
            spans += [(at, at + 1) for at in range(run.start() + 1, run.end(), 2)]
    return spans
