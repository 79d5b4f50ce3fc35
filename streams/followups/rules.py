"""What follows a release, planned at once: reminders, the day it takes effect, its end, what its agency owes; pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from config.calendar import WorkingDays
from config.clock import SHANGHAI, aware
from streams.campaigns.occurrences import EFFECTIVE, EXPIRY, REMINDER, TRACKING
from streams.explanations.rules import Interpreted
from streams.followups.agency_tasks import INTERPRETATION_MISSING

AT = time(9, 0)  # Asia/Shanghai: offices are open, and nobody's night is disturbed
PAST_AT_RELEASE = "past_at_release"
TASKS = (INTERPRETATION_MISSING, TRACKING)  # asked of the agency; the other kinds are pushed to recipients


@dataclass(frozen=True)
class FollowUpRules:
    """When something follows, in working days.

    Attributes:
        reminders: before the application window closes.
        interpretation_due: after the release, until which an interpretation may be missing.
        tracking_after: after the release, when it is time to explain how it is applied (跟踪解读).
    """

    reminders: tuple[int, ...] = (15, 3, 1)
    interpretation_due: int = 3
    tracking_after: int = 60


@dataclass(frozen=True)
class DueItem:
    """One item of a plan.

    Attributes:
        kind: the first word of its occurrence.
        occurrence: one of a kind within the policy, see `streams.campaigns.occurrences`.
        due_at: when it is to happen.
        not_after: from then on it makes no sense any more; None: it always does.
        provisional: counted with working days of a year that has not been announced yet.
        dropped: why it will not happen at all.
    """

    kind: str
    occurrence: str
    due_at: datetime
    not_after: datetime | None
    provisional: bool
    dropped: str | None = None


def plan_of(
    data: Mapping[str, Any],
    released_at: datetime,
    *,
    interpretation: Interpreted,
    calendar: WorkingDays,
    rules: FollowUpRules,
) -> tuple[DueItem, ...]:
    """Return the plan of a released revision, by due time.

    A reminder whose time has passed at the release is in it as dropped: it would come together with the policy itself.

    Args:
        data: policy data, of which ``apply_window``, ``effective_date`` and ``valid_until`` count.
        released_at: when the revision began to be pushed.
        interpretation: whether readers have one, lack one (rule 7), or need none; then nothing is asked of the agency.
        calendar: of working days.
        rules: how many of them.
    """
    day = aware(released_at).astimezone(SHANGHAI).date()
    until = _day(data.get("valid_until"))
    items = [
        *_reminders(
            _day((data.get("apply_window") or {}).get("closes")), until, released_at, calendar, rules
        ),
        *_effective(_day(data.get("effective_date")), until, day),
        *_expiry(until, released_at),
        *_asked_of_agency(day, until, interpretation, calendar, rules),
    ]
    return tuple(sorted(items, key=lambda item: (item.due_at, item.occurrence)))


def _reminders(
    closes: date | None,
    until: date | None,
    released_at: datetime,
    calendar: WorkingDays,
    rules: FollowUpRules,
) -> Iterator[DueItem]:
    if closes is None:
        return
    not_after = end_of(closes if until is None else min(closes, until))
    for days in sorted(rules.reminders):
        counted = calendar.before(closes, days)
        due_at = _at(counted.day)
        yield DueItem(
            kind=REMINDER,
            occurrence=f"{REMINDER}:{days}:{closes}",
            due_at=due_at,
            not_after=not_after,
            provisional=counted.provisional,
            dropped=PAST_AT_RELEASE if due_at <= released_at else None,
        )
        not_after = due_at  # an earlier one that is late does not go together with this one


def _effective(effective: date | None, until: date | None, released_on: date) -> Iterator[DueItem]:
    if effective is not None and effective > released_on:
        yield DueItem(EFFECTIVE, f"{EFFECTIVE}:{effective}", _at(effective), end_of(until), provisional=False)


def _expiry(until: date | None, released_at: datetime) -> Iterator[DueItem]:
    if until is None or until == date.max:  # 9999-12-31 is said for "for ever"
        return
    due_at = _at(until + timedelta(days=1))
    dropped = PAST_AT_RELEASE if due_at <= released_at else None
    yield DueItem(EXPIRY, f"{EXPIRY}:{until}", due_at, None, provisional=False, dropped=dropped)


def _asked_of_agency(
    released_on: date,
    until: date | None,
    interpretation: Interpreted,
    calendar: WorkingDays,
    rules: FollowUpRules,
) -> Iterator[DueItem]:
    asked = []
    if interpretation != "not_required":
        asked.append((TRACKING, f"{TRACKING}:1", rules.tracking_after))
    if interpretation == "missing":
        asked.append((INTERPRETATION_MISSING, INTERPRETATION_MISSING, rules.interpretation_due))
    for kind, occurrence, days in asked:
        counted = calendar.add(released_on, days)
        yield DueItem(kind, occurrence, _at(counted.day), end_of(until), counted.provisional)


def end_of(day: date | None) -> datetime | None:
    """Return the moment at which ``day`` is over in Shanghai; None for no day, and for the last one there is."""
    if day is None or day == date.max:
        return None
    return aware(datetime.combine(day + timedelta(days=1), time(), SHANGHAI))


def _at(day: date) -> datetime:
    return aware(datetime.combine(day, AT, SHANGHAI))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
