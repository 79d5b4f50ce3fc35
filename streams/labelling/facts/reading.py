"""From a document to its facts."""

from datetime import date

from config.calendar import WorkingDays
from streams.labelling.facts.amounts import find_amounts
from streams.labelling.facts.apply_window import find_apply_window
from streams.labelling.facts.conditions import find_conditions
from streams.labelling.facts.doc_number import find_own_number
from streams.labelling.facts.document import Document
from streams.labelling.facts.model import Facts
from streams.labelling.facts.period import find_period
from streams.labelling.facts.repeals import find_repeals


def read_facts(
    *,
    title: str,
    body: str,
    publish_date: date | None = None,
    doc_number: str | None = None,
    calendar: WorkingDays | None = None,
) -> Facts:
    """What a document says of itself, each fact with the words that prove it. No text makes it raise.

    Args:
        title: title of the document.
        body: its text; offsets of the facts count in it, in characters.
        publish_date: the day it was published, where the publisher says so; it stands in for the day of a
            missing signature, and lends its year to days without one.
        doc_number: the 发文字号, where the publisher says so: it wins against the text.
        calendar: counts 工作日; without it a period of working days has no end.
    """
    document = Document.prepare(title=title, body=body, published=publish_date, calendar=calendar)
    return facts_of(document, doc_number)


def facts_of(document: Document, doc_number: str | None = None) -> Facts:
    """The facts of a prepared document: for a caller that has normalised the body already."""
    number = find_own_number(document, doc_number)
    effective, until = find_period(document)
    first, last = find_apply_window(document, until)
    return Facts(
        doc_number=number,
        effective_date=effective,
        valid_until=until,
        apply_from=first,
        apply_until=last,
        repeals=tuple(one for one in find_repeals(document) if not number or one.value != number.value),
        amounts=find_amounts(document),
        conditions=find_conditions(document),
    )
