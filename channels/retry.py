"""When a failed message is tried again: a table per channel, as data, and the rule that reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from channels.errors import (
    PacedError,
    TemporaryError,
    ThrottledError,
    TransportError,
    UnknownOutcomeError,
)
from config.channels import RETRIES
from config.durations import duration
from config.office_file import OfficeFileError, office_tables, read_each, shipped_tables

KEYS = {"waits", "spread", "resends_unknown"}
NEVER_BLINDLY = "sms"
LONGEST_ASKED_S = (
    86_400.0  # whoever asks to be left alone for longer, or for ever, is asked again after a day
)
EXAMPLE = '[email] / waits = ["1m", "1h"]'


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


Schedules = Mapping[str, Schedule]


@cache
def shipped_schedules() -> Schedules:
    """Return the tables of ``config/retries.toml``."""
    return MappingProxyType(_schedules(shipped_tables("retries.toml"), "retries.toml"))


def load_schedules(office: Path | None = None) -> Schedules:
    """Return the shipped tables, with those of the office's own file in place of theirs.

    Raises:
        OfficeFileError: that file is missing or wrong.
    """
    shipped = shipped_schedules()
    if office is None:
        return shipped
    tables = office_tables(office, "ZHENGDA_RETRIES", EXAMPLE)
    own = _schedules(tables, str(office), known=tuple(shipped))
    return MappingProxyType({**shipped, **own})


def next_attempt(
    channel: str,
    attempts: int,
    error: TransportError,
    now: datetime,
    jitter: float,
    schedules: Schedules | None = None,
) -> datetime | None:
    """Return when a message that just failed goes again.

    Args:
        channel: one of the table of channels, which names its retry table, or the name of a retry table.
        attempts: the counted attempts so far, with the one that just failed; at least 1. Throttled ones are not
            counted.
        error: why it failed.
        now: the moment of the failure, timezone-aware.
        jitter: a random number, 0 to 1; nothing is added to the turn of a `PacedError`.
        schedules: the tables; by default the shipped ones.

    Returns:
        The moment of the next attempt; None where there is none: a permanent or content failure, the end of the
        table, or an SMS of unknown outcome, which waits for its receipt and is never resent blindly.

    Raises:
        KeyError: ``channel`` has no table.
        ValueError: ``attempts``, ``now`` or ``jitter`` is out of range.
    """
    if attempts < 1 or now.tzinfo is None or not 0 <= jitter <= 1:
        raise ValueError(f"attempts {attempts} >= 1, jitter {jitter} in 0..1 and an aware time are needed")
    schedule = (schedules or shipped_schedules())[RETRIES.get(channel, channel)]
    if isinstance(error, PacedError):
        return now + timedelta(seconds=min(error.retry_after_s, LONGEST_ASKED_S))
    if isinstance(error, ThrottledError):
        wait = timedelta(seconds=min(error.retry_after_s, LONGEST_ASKED_S))
    elif isinstance(error, TemporaryError) or (
        isinstance(error, UnknownOutcomeError) and schedule.resends_unknown
    ):
        if attempts > len(schedule.waits):
            return None
        wait = schedule.waits[attempts - 1]
        if isinstance(error, TemporaryError):
            wait = max(wait, timedelta(seconds=min(error.not_before_s, LONGEST_ASKED_S)))
    else:
        return None
    return now + wait * (1 + schedule.spread * jitter)


def _schedules(tables: Mapping[str, Any], file: str, known: Sequence[str] = ()) -> dict[str, Schedule]:
    def read(name: str, table: Any) -> Schedule:
        place = f"{file}: [{name}]"
        schedule = _schedule(table, place)
        if known and name not in known:
            raise OfficeFileError(f"{place} is no table of ours, use one of {', '.join(known)}")
        return schedule

    return read_each(tables, read)


def _schedule(table: Any, place: str) -> Schedule:
    if not isinstance(table, Mapping) or not {"waits"} <= table.keys() <= KEYS:
        raise OfficeFileError(
            f"{place}: a table has waits, and may have spread and resends_unknown, nothing else"
        )
    waits, spread, resends = table["waits"], table.get("spread", 0.2), table.get("resends_unknown", True)
    if not isinstance(waits, list) or not waits:
        raise OfficeFileError(f'{place}: waits are a list, e.g. ["1m", "5m", "1h"]')
    if isinstance(spread, bool) or not isinstance(spread, int | float) or not 0 <= spread <= 1:
        raise OfficeFileError(f"{place}: spread is a number from 0 to 1, e.g. 0.2")
    if not isinstance(resends, bool):
        raise OfficeFileError(f"{place}: resends_unknown is true or false")
    if place.endswith(f"[{NEVER_BLINDLY}]") and table.get("resends_unknown") is not False:
        raise OfficeFileError(f"{place}: resends_unknown must stay false: a text sent twice arrives twice")
    return Schedule(tuple(_wait(wait, place) for wait in waits), float(spread), resends)


def _wait(text: Any, place: str) -> timedelta:
    wait = duration(text)
    if wait is None:
        raise OfficeFileError(f"{place}: {text!r} is no wait; write 30s, 5m, 4h or 2d, at most 30d")
    return wait
