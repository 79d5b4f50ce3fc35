"""Which text a report under a strange id can only be about, pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class LostText:
    """A text to one number over one gateway whose answer was lost.

    Attributes:
        delivery_id: of its row.
        expected: how many reports come about it; None where that is not known.
        found: how many of their ids are known by now.
        sent_at: when its row was settled; what it went as was written before that.
    """

    delivery_id: str
    expected: int | None
    found: int
    sent_at: datetime

    @property
    def complete(self) -> bool:
        """Whether every report about it is known."""
        return self.expected is not None and self.found >= self.expected


@dataclass(frozen=True)
class Stranger:
    """A report of that gateway about that number, under an id that nobody here knows; ``at`` is when it came."""

    message_id: str
    at: datetime


def belonging(
    texts: Sequence[LostText], strangers: Iterable[Stranger], early: timedelta, late: timedelta
) -> list[tuple[LostText, str]]:
    """Return which ids are surely those of which text; what may be about two of them is left alone.

    More ids than a text has parts are about something else as well, and none of them counts. A text that was given
    up is still one that a report may be about.

    Args:
        texts: to one number over one gateway.
        strangers: of the same; an id may come several times.
        early: how long before its row was settled a report may come.
        late: how long after it.
    """
    open_texts = [one for one in texts if not one.complete]
    claims: defaultdict[str, set[str]] = defaultdict(set)
    for report in strangers:
        maybe = [one for one in open_texts if -early <= report.at - one.sent_at <= late]
        claims[report.message_id].update(one.delivery_id for one in maybe)
    sure: list[tuple[LostText, str]] = []
    for text in open_texts:
        about = sorted(message_id for message_id, whose in claims.items() if text.delivery_id in whose)
        alone = all(len(claims[message_id]) == 1 for message_id in about)
        if text.expected is not None and alone and len(about) <= text.expected - text.found:
            sure += [(text, message_id) for message_id in about]
    return sure
