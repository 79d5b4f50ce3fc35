"""What an outcome of a channel means for a ledger row, pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from channels.channel import Outcome
from channels.errors import (
    BarredError,
    ContentError,
    ParkedError,
    PermanentError,
    ThrottledError,
    TransportError,
    UnknownOutcomeError,
)
from channels.message import Progress, Receipt
from channels.retry import Schedules, next_attempt
from config.clock import Clock
from streams.campaigns.record import NEVER, STOPPED

PARKED = "parked: "  # how the reason of a row begins that waits for a far side that is down
REASON_CHARS = 500
REFERENCE_CHARS = 128


def storable(text: str, chars: int = REASON_CHARS) -> str:
    """Return a text of the far side as either record takes it: short, without U+0000 and lone surrogates.

    A row that cannot be settled would be sent again when its lease ends, and again.
    """
    return text.encode("utf-8", "replace").decode().replace("\0", "")[:chars]


def settled(
    row: Mapping[str, Any],
    outcome: Outcome,
    clock: Clock,
    jitter: float,
    schedules: Schedules | None = None,
) -> dict[str, Any]:
    """Return the row's new values; what may have arrived keeps ``sent_at``, though it goes again.

    Args:
        row: of the claim; ``attempts`` counts the one that just ended, ``sent_at`` is that of one of unknown outcome.
        outcome: of the channel.
        clock: when it ended is its now; a retry's wait is real time.
        jitter: 0 to 1.
        schedules: when it goes again; by default the shipped tables.
    """
    now = clock.now()
    base: dict[str, Any] = {
        "delivery_id": row["delivery_id"],
        "attempts": row["attempts"],
        "due_at": now,
        "reason": None,
        "gateway_ref": None,
        "sent_at": None,
        "delivered_at": None,
        "ended_at": None,
    }
    if isinstance(outcome, Receipt):
        arrived = now if outcome.progress is Progress.DELIVERED else None
        reference = storable(outcome.reference, REFERENCE_CHARS) if outcome.reference else None
        state = {
            "state": str(outcome.progress),
            "sent_at": now,
            "delivered_at": arrived,
            "gateway_ref": reference,
        }
        return base | state
    reason = storable(PARKED * isinstance(outcome, ParkedError) + outcome.reason)
    if isinstance(outcome, ContentError):
        stopped = {"state": "held", "reason": STOPPED, "due_at": NEVER, "attempts": row["attempts"] - 1}
        return base | stopped | {"sent_at": row.get("sent_at")}
    if isinstance(outcome, ThrottledError):
        base["attempts"] = row["attempts"] - 1
    again = next_attempt(row["channel"], row["attempts"], outcome, now, jitter, schedules)
    if again is not None:
        may_have_gone = now if isinstance(outcome, UnknownOutcomeError) else row.get("sent_at")
        due_at = now + clock.span(again - now)
        return base | {"state": "planned", "reason": reason, "due_at": due_at, "sent_at": may_have_gone}
    if isinstance(outcome, UnknownOutcomeError) and row["channel"] == "sms":
        return base | {"state": "unknown", "reason": reason, "sent_at": now}
    return base | {"state": "failed", "reason": _why(outcome), "ended_at": now}


def _why(outcome: TransportError) -> str:
    if isinstance(outcome, BarredError):
        return "opted_out"
    dead = isinstance(outcome, PermanentError) and outcome.dead
    return "gone" if dead else storable(outcome.reason)


def suppressed_as(outcome: PermanentError) -> str:
    """Return the word with which a dead address is put on the list; the far side's own stand beside it."""
    return "opted_out" if isinstance(outcome, BarredError) else "gone"


def not_sent(
    row: Mapping[str, Any], state: str, reason: str, now: datetime, until: datetime | None = None
) -> dict[str, Any]:
    """Return the values of a row that was claimed but may not go (now): final, or held ``until`` later.

    What may have arrived at an earlier try, whose outcome nobody knows, keeps its ``sent_at``.
    """
    return {
        "delivery_id": row["delivery_id"],
        "state": state,
        "reason": reason,
        "attempts": row["attempts"] - 1,
        "due_at": until or now,
        "gateway_ref": None,
        "sent_at": row.get("sent_at"),
        "delivered_at": None,
        "ended_at": None if until else now,
    }
