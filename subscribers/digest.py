"""Windows of digests, pure: 08:30 in Asia/Shanghai, every day or on Mondays.

A window includes its start and excludes its end, so that every moment belongs to exactly one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from config.clock import SHANGHAI

Gathered = Literal["daily", "weekly"]

AT = time(8, 30)
DAYS: dict[Gathered, int] = {"daily": 1, "weekly": 7}


@dataclass(frozen=True, slots=True)
class Window:
    """[``start``, ``end``), in UTC; what falls into it goes out at ``end``."""

    start: datetime
    end: datetime


def window_of(frequency: Gathered, moment: datetime) -> Window:
    """Return the window that ``moment`` belongs to; a moment that is a boundary begins its own.

    Args:
        frequency: ``weekly`` windows begin on Mondays.
        moment: aware.
    """
    local = moment.astimezone(SHANGHAI)
    first = local.date() if local.time() >= AT else local.date() - timedelta(days=1)
    if frequency == "weekly":
        first -= timedelta(days=first.weekday())
    start = datetime.combine(first, AT, SHANGHAI)
    # Shanghai has had no summer time since 1991: days are added on the wall clock and stay 24 hours long.
    return Window(start.astimezone(UTC), (start + timedelta(days=DAYS[frequency])).astimezone(UTC))


def next_boundary(frequency: Gathered, moment: datetime) -> datetime:
    """Return the first boundary strictly after ``moment``, in UTC."""
    return window_of(frequency, moment).end
