"""What an endpoint's answer means. Pure.

As Standard Webhooks advises, every answer but 2xx is a failure and is tried again by the table: a wrong deployment
(404, a redirect) is often mended within its three days. Two are final: 410 says that the endpoint is gone, 413 that
this message is too large for it.
"""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from channels.channel import Outcome
from channels.errors import PermanentError, TemporaryError
from channels.message import Progress, Receipt

GONE, TOO_LARGE, TOO_MANY, UNAVAILABLE = 410, 413, 429, 503
LONGEST_S = 86_400.0  # whoever asks to be left alone for longer is asked again after a day


@dataclass(frozen=True)
class Answer:
    """What an endpoint said.

    Attributes:
        status: of HTTP.
        text: the beginning of the body.
        retry_after: the header.
        took_ms: from the beginning of the connection to the end of what was read.
    """

    status: int
    text: str
    retry_after: str | None
    took_ms: int


def outcome_of(answer: Answer, webhook_id: str, now: datetime) -> Outcome:
    """Return what became of a message.

    Args:
        answer: of the endpoint.
        webhook_id: what it was sent under.
        now: real time, for a Retry-After that is a date.
    """
    status = answer.status
    if 200 <= status < 300:
        return Receipt(Progress.DELIVERED, webhook_id)
    if status == GONE:
        return PermanentError("the endpoint answers 410: it is gone", dead=True)
    if status == TOO_LARGE:
        return PermanentError("the endpoint answers 413: the message is too large for it")
    if 300 <= status < 400:
        return TemporaryError(f"the endpoint answers {status}: redirects are not followed")
    wait = retry_after_s(answer.retry_after, now) if status in (TOO_MANY, UNAVAILABLE) else 0.0
    return TemporaryError(f"the endpoint answers {status}", not_before_s=wait)


def retry_after_s(header: str | None, now: datetime) -> float:
    """Return the seconds that a Retry-After asks for, 0 to a day; 0 where it says nothing that can be read."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_S)
    try:
        until = parsedate_to_datetime(text)
        wait = (until - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return min(max(wait, 0.0), LONGEST_S)
