"""When a failed message is tried again: a table per channel, and the rule that reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from channels.errors import TemporaryError, ThrottledError, TransportError, UnknownOutcomeError

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Schedule:
    """The waits after the first, second … failure; after the last of them the channel gives up.

    ``spread`` is the share of a wait that jitter may add, so that a batch that failed together does not come back
    together. ``resends_unknown`` says whether the far side recognises a repetition by its id, so that a message of
    unknown outcome may go again.
    """

    waits: tuple[timedelta, ...]
    spread: float = 0.2
    resends_unknown: bool = True


SCHEDULES: Mapping[str, Schedule] = MappingProxyType(
    {
        # About two days, as mail servers themselves keep trying.
        "email": Schedule(
            (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR, 12 * HOUR, 18 * HOUR),
        ),
        # A text message loses its point within the working day; a lost answer is settled by its receipt.
        "sms": Schedule((MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR), resends_unknown=False),
        # The inbox is our own record: what fails here ends when the record is back.
        "space": Schedule(
            (5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY),
        ),
        # Ten tries within about three days, as Standard Webhooks recommends.
        "webhook": Schedule(
            (
                5 * SECOND,
                5 * MINUTE,
                30 * MINUTE,
                2 * HOUR,
                5 * HOUR,
                10 * HOUR,
                14 * HOUR,
                20 * HOUR,
                DAY,
            ),
        ),
    }
)


def next_attempt(
    channel: str, attempts: int, error: TransportError, now: datetime, jitter: float
) -> datetime | None:
    """Return when a message that just failed goes again.

    Args:
        channel: a key of ``SCHEDULES``.
        attempts: the counted attempts so far, with the one that just failed; at least 1. Throttled ones are not
            counted.
        error: why it failed.
        now: the moment of the failure, timezone-aware.
        jitter: a random number, 0 to 1.

    Returns:
        The moment of the next attempt; None where there is none: a permanent or content failure, the end of the
        table, or an SMS of unknown outcome, which waits for its receipt and is never resent blindly.

    Raises:
        KeyError: ``channel`` has no schedule.
        ValueError: ``attempts``, ``now`` or ``jitter`` is out of range.
    """
    if attempts < 1 or now.tzinfo is None or not 0 <= jitter <= 1:
        raise ValueError(f"attempts {attempts} >= 1, jitter {jitter} in 0..1 and an aware time are needed")
    schedule = SCHEDULES[channel]
    if isinstance(error, ThrottledError):
        wait = timedelta(seconds=error.retry_after_s)
    elif isinstance(error, TemporaryError) or (
        isinstance(error, UnknownOutcomeError) and schedule.resends_unknown
    ):
        if attempts > len(schedule.waits):
            return None
        wait = schedule.waits[attempts - 1]
        if isinstance(error, TemporaryError):
            wait = max(wait, timedelta(seconds=error.not_before_s))
    else:
        return None
    return now + wait * (1 + schedule.spread * jitter)
