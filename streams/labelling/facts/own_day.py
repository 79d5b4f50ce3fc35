"""The day of the document itself: a period that starts with 印发之日 counts from it."""

import re
from datetime import date

from streams.labelling.facts.dates import DATE, YEAR, read_day
from streams.labelling.facts.places import places

_TAIL_CHARS = 120
_HEADER_CHARS = 700
_WINDOW = 24
_ENDS = re.compile(rf"(?P<day>{DATE})$")
_FOLLOWS = re.compile(r"日(?:[ \n]|$|印发|发布|\()")
_BODY_NAME = re.compile(r"[府局委厅室部会司院处署办组心行团校队)】]$")
_HANDED_DOWN = re.compile(r"(?:执行|落实|通知|实施|贯彻|遵照)。$")
_PUBLISHED = re.compile(
    r"(?:(?:发布|成文|印发|发文|公布)(?:日期|时间)|日期|时间)(?: ?[\]】:])? ?:? ?"
    rf"(?P<day>(?>{DATE}))(?! ?(?:至|到|-|~|起|上午|下午))"  # the first day of something is another one
    rf"|\((?P<signed>{YEAR}年[^()]{{4,9}})\) ?(?:\n| |$)"
)


def own_day(text: str, published: date | None) -> date | None:
    """The day of the signature at the end of the document or of its covering note; else of its publication.

    Args:
        text: the body with plain punctuation.
        published: what the publisher says; a day in the head of the page counts after it.
    """
    return _signature(text) or published or _header(text)


def _signature(text: str) -> date | None:
    for at in places(text, "日"):
        if not _FOLLOWS.match(text, at):
            continue
        found = _ENDS.search(text[max(0, at - _WINDOW) : at + 1])
        if not found or "年" not in found["day"]:
            continue
        before = text[max(0, at + 1 - len(found["day"]) - 80) : at + 1 - len(found["day"])]
        if _signed(before, after=len(text) - at - 1) and (day := read_day(found["day"])):
            return day
    return None


def _signed(before: str, after: int) -> bool:
    """Whether a day is a signature's: a body's name stands before it, or it stands alone at the very end."""
    blank = before.rstrip()
    if not blank:
        return False
    alone = "\n" in before[len(blank) :]
    return bool(_BODY_NAME.search(blank)) or (
        alone and (after <= _TAIL_CHARS or _HANDED_DOWN.search(blank) is not None)
    )


def _header(text: str) -> date | None:
    for found in _PUBLISHED.finditer(text, 0, _HEADER_CHARS):
        if day := read_day(found["day"] or found["signed"]):
            return day
    return None
