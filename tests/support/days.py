"""What day is read in a document of a usual title that was published on a usual day."""

from datetime import date

from config.calendar import WorkingDays
from streams.labelling.facts import read_facts

PUBLISHED = date(2026, 1, 20)


def day_of(body: str, fact: str, title: str = "关于某事的通知") -> str | None:
    """Return the day of a fact such as ``valid_until`` as YYYY-MM-DD, None where none is read."""
    facts = read_facts(title=title, body=body, publish_date=PUBLISHED, calendar=WorkingDays())
    found = getattr(facts, fact)
    return None if found is None else str(found.value)
