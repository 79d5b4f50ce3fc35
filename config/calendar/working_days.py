"""Which days are working days, and counting by them; pure.

Source of the years 2004 to 2026: the State Council's yearly notices as the library ``chinesecalendar`` has them. A year
that neither the library nor the office's own file knows is counted by weekends alone, and every answer that touched it
says that it is provisional.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

import chinese_calendar

SATURDAY = 5
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Counted:
    """A day that was counted to; ``provisional`` when a year on the way has not been announced yet."""

    day: date
    provisional: bool


@dataclass(frozen=True)
class YearOverride:
    """What an office knows of a year: it adds to the library's days, and wins against them.

    ``announced`` says that this is the State Council's whole arrangement of a year that the library does not know.
    """

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    announced: bool = False


@dataclass(frozen=True)
class WorkingDays:
    """The calendar; by default the library's alone."""

    overrides: Mapping[int, YearOverride] = field(default_factory=lambda: MappingProxyType({}))

    def known(self, year: int) -> bool:
        """Whether the year's holidays and make-up days have been announced."""
        own = self.overrides.get(year)
        return (own is not None and own.announced) or _announced(year) is not None

    def is_working(self, day: date) -> bool:
        """Whether people work on ``day``; in a year not known it is a guess by weekends, see `known`."""
        own = self.overrides.get(day.year)
        if own is not None and day in own.workdays:
            return True
        if own is not None and day in own.holidays:
            return False
        announced = _announced(day.year)
        return day in announced if announced is not None else day.weekday() < SATURDAY

    def add(self, day: date, n: int) -> Counted:
        """Return the ``n``-th working day after ``day``, which itself does not count.

        Args:
            day: any day.
            n: at least 1.
        """
        return self._nth(_after(day), day, n)

    def before(self, day: date, n: int) -> Counted:
        """Return the ``n``-th working day before ``day``, which itself does not count."""
        return self._nth(_before(day), day, n)

    def until(self, day: date, end: date) -> int:
        """Return how many working days there are from ``day`` up to, not including, ``end``: 0 where none are left.

        It is what `before` counted: ``until(before(end, n).day, end) == n``.
        """
        return sum(self.is_working(day + DAY * ahead) for ahead in range((end - day).days))

    def _nth(self, days: Iterator[date], start: date, n: int) -> Counted:
        if n < 1:
            raise ValueError(f"count at least one working day, not {n}")
        reached, left, provisional = start, n, False
        for reached in days:  # ends where dates end, in the years 1 and 9999
            provisional = provisional or not self.known(reached.year)
            left -= self.is_working(reached)
            if not left:
                break
        return Counted(reached, provisional)


def _after(day: date) -> Iterator[date]:
    while day < date.max:
        day += DAY
        yield day


def _before(day: date) -> Iterator[date]:
    while day > date.min:
        day -= DAY
        yield day


@lru_cache(maxsize=128)
def _announced(year: int) -> frozenset[date] | None:
    """Return the library's working days of a year, None where it does not know the year."""
    first = date(year, 1, 1)
    days = [first + DAY * number for number in range(365)]
    if (last := date(year, 12, 31)) != days[-1]:
        days.append(last)
    try:
        return frozenset(day for day in days if chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None
