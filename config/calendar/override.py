"""An office's own calendar file: years that the library does not know yet, and days that were changed later.

The file is TOML, a table per year::

    [2027]
    announced = true                    # the State Council's notice is out and this is all of it
    holidays = [2027-01-01, 2027-02-05]
    workdays = [2027-01-31]             # make-up days: Saturdays and Sundays that are worked

A year without ``announced = true`` stays provisional. In a year that the library knows the days named here win.
"""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import tomli

from config.calendar.working_days import WorkingDays, YearOverride

KEYS = ("holidays", "workdays", "announced")


class CalendarError(Exception):
    """The calendar file that ZHENGDA_CALENDAR names cannot be used.

    The message names the file, the line or the key, and what would be right. Mend it, or unset ZHENGDA_CALENDAR, and
    start again; nothing was started.
    """


def load_calendar(file: Path | None) -> WorkingDays:
    """Return the calendar, with the office's own file where there is one.

    Raises:
        CalendarError: the file is missing or wrong.
    """
    if file is None:
        return WorkingDays()
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8 text"
        raise CalendarError(f"ZHENGDA_CALENDAR: {file} cannot be read: {why}") from exc
    try:
        tables = tomli.loads(text)
    except tomli.TOMLDecodeError as exc:
        raise CalendarError(
            f"{file}: not TOML: {exc}; a year looks like: [2027] / announced = true / holidays = [2027-01-01]"
        ) from exc
    return WorkingDays(MappingProxyType(dict(_year(file, name, table) for name, table in tables.items())))


def _year(file: Path, name: str, table: Any) -> tuple[int, YearOverride]:
    if not (len(name) == 4 and name.isascii() and name.isdigit() and int(name)) or not isinstance(
        table, Mapping
    ):
        raise CalendarError(f"{file}: {name}: expected a table per year, e.g. [2027]")
    for key in table:
        if key not in KEYS:
            raise CalendarError(f"{file}: [{name}] {key}: unknown key, use {', '.join(KEYS)}")
    announced = table.get("announced", False)
    if not isinstance(announced, bool):
        raise CalendarError(f"{file}: [{name}] announced: write true or false, not {announced!r}")
    year = int(name)
    holidays, workdays = (_days(file, year, key, table.get(key, [])) for key in ("holidays", "workdays"))
    if both := sorted(holidays & workdays):
        raise CalendarError(f"{file}: [{name}]: {both[0]} is a holiday and a workday, take one of them out")
    return year, YearOverride(holidays, workdays, announced)


def _days(file: Path, year: int, key: str, given: Any) -> frozenset[date]:
    where = f"{file}: [{year}] {key}"
    if not isinstance(given, list):
        raise CalendarError(f"{where}: write a list of days, e.g. [{year}-01-01]")
    days = set()
    for number, one in enumerate(given, 1):
        day = _day(one)
        if day is None:
            raise CalendarError(f"{where}: entry {number} is {one!r}; write a day as {year}-01-01")
        if day.year != year:
            raise CalendarError(
                f"{where}: entry {number}, {day}, is not in {year}: put it under [{day.year}]"
            )
        days.add(day)
    return frozenset(days)


def _day(given: Any) -> date | None:
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    try:
        return date.fromisoformat(given) if isinstance(given, str) and len(given) == 10 else None
    except ValueError:
        return None
