"""The document's entry into force and its last day, chosen among all places that speak of a period."""

import re
from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from streams.labelling.facts.dates import DATE, read_day
from streams.labelling.facts.document import Document
from streams.labelling.facts.effective import Start, find_since, find_starts, in_title
from streams.labelling.facts.model import Fact
from streams.labelling.facts.spans import common_span
from streams.labelling.facts.validity import End, ends_after, find_ends

Claim = TypeVar("Claim", Start, End)
_SURE = 2
_PORTAL = re.compile(rf"号 ?\n ?(?P<from>{DATE}) ?\n ?(?P<until>{DATE}) ?\n")
_HEAD_CHARS = 900


def find_period(document: Document) -> tuple[Fact[date] | None, Fact[date] | None]:
    """The first and the last day of the document's validity, each None where the text does not say it."""
    starts = find_starts(document)
    ends = find_ends(document, starts)
    end = _surest(ends)
    start = _surest(starts)
    effective = _effective(document, start, end)
    until = _until(document, end, effective)
    if effective is None and until is None and (span := common_span(document)):
        effective = document.fact(span.first, span.start, span.end, "effective:span")
        until = document.fact(span.last, span.start, span.end, "validity:span")
    if portal := _PORTAL.search(document.text, 0, _HEAD_CHARS):
        first, last = read_day(portal["from"]), read_day(portal["until"])
        if first and last and first < last:
            effective = document.fact(first, *portal.span("from"), "effective:head")
            # The page names its last day anew when the document is prolonged or repealed: the text's own wins.
            until = _until(document, end, effective) or document.fact(
                last, *portal.span("until"), "validity:head"
            )
    return effective, until


def _surest(found: Sequence[Claim]) -> Claim | None:
    sure = [one for one in found if one.sure >= _SURE]
    return max(sure, key=lambda one: one.sure) if sure else None


def _effective(document: Document, start: Start | None, end: End | None) -> Fact[date] | None:
    if end and end.begins and (start is None or end.sure > start.sure or end.rule == "validity:range"):
        return document.fact(end.begins, end.start, end.end, "effective:period")
    if start:
        return document.fact(start.day, start.start, start.end, start.rule)
    if since := find_since(document):
        return document.fact(since.day, since.start, since.end, since.rule)
    if day := in_title(document):
        return Fact(day, 0, 0, "", "effective:title")
    return None


def _until(document: Document, end: End | None, effective: Fact[date] | None) -> Fact[date] | None:
    if end is None:
        return None
    day = end.day
    if day is None:
        begins = end.begins or (effective.value if effective else document.day)
        day = ends_after(begins, end.count) if begins else None
    if day is None or (effective and day < effective.value):
        return None
    return document.fact(day, end.start, end.end, end.rule)
