"""Times as the clouds write them: days and clocks of Shanghai; pure."""

from datetime import date, datetime, timedelta

from config.clock import SHANGHAI

# An answer that is given up after half a minute was asked for at most this long before; clocks differ a little, too.
CLOSE = timedelta(minutes=5)


def shanghai_day(moment: datetime) -> date:
    """Return the day in Shanghai."""
    return moment.astimezone(SHANGHAI).date()


def near(said: str, moment: datetime) -> bool:
    """Whether ``2026-07-01 09:00:00`` of Shanghai's clock is so close to ``moment`` that it may be the same sending."""
    try:
        there = datetime.fromisoformat(said.strip())
    except ValueError:
        return False
    if there.tzinfo is None:
        there = there.replace(tzinfo=SHANGHAI)
    return abs(there - moment) <= CLOSE
