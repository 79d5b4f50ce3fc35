"""Time as an argument: domain code never asks the operating system what time it is.

Domain time (deadlines, quiet hours, digests) may be simulated and then runs faster than real time. Leases, time-outs,
retries and rate limits stay on real time: a rule of theirs asks `Clock.span` how long its pause is in domain time.
"""

from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Anything that tells the time."""

    def now(self) -> datetime:
        """Return the current moment, timezone-aware, in UTC."""
        ...

    def span(self, real: timedelta) -> timedelta:
        """Return how far this clock moves while ``real`` passes."""
        ...


BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


def ago(clock: Clock, real: timedelta) -> datetime:
    """Return the moment that ``clock`` showed ``real`` ago.

    On a fast clock a week may be ten thousand years: the moment is then the first there is.
    """
    now, span = clock.now(), clock.span(real)
    return now - span if span < now - BEGINNING else BEGINNING


class SystemClock:
    """The operating system's clock."""

    def now(self) -> datetime:
        """Return the current moment in UTC."""
        return datetime.now(UTC)

    def span(self, real: timedelta) -> timedelta:
        """Return ``real``."""
        return real


class SimulatedClock:
    """A clock that was at ``domain`` when the real one was at ``real``, and runs ``speed`` times as fast.

    Args:
        real_clock: the operating system's.
        real: a moment of ``real_clock``.
        domain: what this clock showed then.
        speed: above 0.
    """

    def __init__(self, real_clock: Clock, *, real: datetime, domain: datetime, speed: float) -> None:
        self._real_clock = real_clock
        self._real = aware(real)
        self._domain = aware(domain)
        self._speed = speed

    def now(self) -> datetime:
        """Return the simulated moment in UTC; it stands still while the real clock is set back."""
        return self._domain + self.span(max(timedelta(), self._real_clock.now() - self._real))

    def span(self, real: timedelta) -> timedelta:
        """Return how far this clock moves while ``real`` passes."""
        return real * self._speed


class ManualClock:
    """A clock that stands still until it is moved; for tests and demonstrations."""

    def __init__(self, start: datetime) -> None:
        self._now = aware(start)

    def now(self) -> datetime:
        """Return the moment it was set to, in UTC."""
        return self._now

    def span(self, real: timedelta) -> timedelta:
        """Return ``real``: a test moves on what the rule asks for."""
        return real

    def advance(self, by: timedelta) -> None:
        """Move forward by ``by``."""
        self._now += by


def aware(moment: datetime) -> datetime:
    """Return ``moment`` in UTC.

    Raises:
        ValueError: ``moment`` is naive; a time without a zone cannot be compared with any other.
    """
    if moment.tzinfo is None:
        raise ValueError(f"naive time {moment.isoformat()}: give it a zone, e.g. +08:00")
    return moment.astimezone(UTC)
