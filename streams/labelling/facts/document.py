"""The document as the grammar reads it: plain punctuation, its own day, and the way back to the original words."""

import re
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from config.calendar import WorkingDays
from streams.labelling.facts.model import Fact
from streams.labelling.facts.own_day import own_day
from streams.labelling.normalise import Text, normalise

Value = TypeVar("Value")

# One character for one, so that offsets stay.
_PLAIN = (
    ("（", "("), ("）", ")"), ("：", ":"), ("，", ","), ("；", ";"), ("＝", "="), ("≧", "≥"),
    ("～", "~"), ("—", "-"), ("–", "-"), ("－", "-"), ("\t", " "), ("\r", "\n"), ("〈", "<"), ("〉", ">"),
)  # fmt: skip
_YEAR = re.compile(r"(?<!\d)20\d\d(?= ?年)")
_STOP = re.compile(r"[。;\n!！?？]")
_LAST_STOP = re.compile(r"(?s:.*)[。;\n!！?？]")
_REACH = 160  # characters that a sentence is followed to either side


@dataclass(frozen=True)
class Document:
    """A document prepared for reading facts.

    Attributes:
        text: the normalised body with plain punctuation, in which the rules count.
        normal: the way back to the original offsets.
        body: the original.
        title: the title, prepared alike.
        day: the document's own day: that of its signature, else of its publication, else None.
        published: the day it was published, where known.
        calendar: counts working days; None where the caller has none.
    """

    text: str
    normal: Text
    body: str
    title: str
    day: date | None
    published: date | None
    calendar: WorkingDays | None

    @classmethod
    def prepare(
        cls,
        *,
        title: str,
        body: str,
        published: date | None,
        calendar: WorkingDays | None,
        normal: Text | None = None,
    ) -> "Document":
        """Prepare a document; `normal` is the body as `normalise` answers it, where that is known already."""
        normal = normal or normalise(body)
        text = plain(normal.text)
        return cls(
            text,
            normal,
            body,
            plain(normalise(title[:1000]).text),
            own_day(text, published),
            published,
            calendar,
        )

    @property
    def near(self) -> date | None:
        """The day that lends its year to days without one: the document's, else New Year of its title's year."""
        if self.day is None and (years := set(_YEAR.findall(self.title))) and len(years) == 1:
            return date(int(years.pop()), 1, 1)
        return self.day

    def fact(self, value: Value, start: int, end: int, rule: str) -> Fact[Value]:
        """The fact proved by text[start:end]; blanks at its ends are left out."""
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        if start == end:
            return Fact(value, 0, 0, "", rule)
        first, last = self.normal.span(start, end)
        return Fact(value, first, last, self.body[first:last], rule)

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """Where the sentence around text[start:end] begins and ends, at most `_REACH` characters away."""
        low = max(0, start - _REACH)
        right = _STOP.search(self.text, end, end + _REACH)
        last = right.start() if right else min(len(self.text), end + _REACH)
        return sentence_start(self.text, low, start), last


def sentence_start(text: str, low: int, at: int) -> int:
    """Where the sentence that runs into text[at] begins, not before `low`."""
    stop = _LAST_STOP.match(text, low, at)
    return stop.end() if stop else low


def plain(text: str) -> str:
    """The text with one spelling of each punctuation mark; character for character."""
    for old, new in _PLAIN:
        text = text.replace(old, new)
    return text
