"""What follows a release, as a function of its dates."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.calendar import WorkingDays
from config.clock import SHANGHAI
from streams.explanations.rules import Interpreted
from streams.followups.rules import PAST_AT_RELEASE, DueItem, FollowUpRules, end_of, plan_of

CALENDAR, RULES = WorkingDays(), FollowUpRules()
RELEASED = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)  # Tuesday, ten in the morning in Shanghai
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


def plan(
    released: datetime = RELEASED,
    *,
    interpretation: Interpreted = "present",
    rules: FollowUpRules = RULES,
    **data: Any,
) -> dict[str, DueItem]:
    items = plan_of(data, released, interpretation=interpretation, calendar=CALENDAR, rules=rules)
    found = {item.occurrence: item for item in items}
    assert len(found) == len(items), "an occurrence is planned twice"
    return found


def nine(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), SHANGHAI) + timedelta(hours=9)


def test_reminders_stand_before_the_end_at_nine_and_step_over_the_national_day() -> None:
    found = plan(apply_window={"opens": "2026-09-01", "closes": "2026-10-09"})
    due = {name: item.due_at for name, item in found.items() if item.kind == "reminder"}
    assert due == {
        "reminder:15:2026-10-09": nine("2026-09-11"),  # Sunday the 20th is worked, the 25th is not
        "reminder:3:2026-10-09": nine("2026-09-29"),
        "reminder:1:2026-10-09": nine("2026-10-08"),
    }
    one = found["reminder:1:2026-10-09"]
    assert one.not_after == datetime(2026, 10, 9, 16, 0, tzinfo=UTC)  # the day is over in Shanghai
    assert (one.provisional, one.dropped) == (False, None)


def test_a_made_up_saturday_counts_before_a_window_that_closes_on_a_sunday() -> None:
    found = plan(apply_window={"closes": "2026-10-11"}, rules=FollowUpRules(reminders=(1,)))
    assert found["reminder:1:2026-10-11"].due_at == nine("2026-10-10")


def test_a_reminder_whose_time_has_passed_at_the_release_is_dropped_and_says_so() -> None:
    found = plan(apply_window={"closes": "2026-09-04"})
    dropped = {name: item.dropped for name, item in found.items() if item.kind == "reminder"}
    assert dropped == {
        "reminder:15:2026-09-04": PAST_AT_RELEASE,
        "reminder:3:2026-09-04": PAST_AT_RELEASE,  # due that morning at nine
        "reminder:1:2026-09-04": None,
    }


def test_a_validity_that_ends_before_the_window_ends_the_last_reminder_too() -> None:
    found = plan(apply_window={"closes": "2026-10-30"}, valid_until="2026-10-09")
    assert found["reminder:1:2026-10-30"].not_after == end_of(date(2026, 10, 9))


@pytest.mark.parametrize(("effective", "planned"), [("2026-08-31", 0), ("2026-09-01", 0), ("2026-09-02", 1)])
def test_the_day_it_takes_effect_is_told_only_when_it_is_still_to_come(effective: str, planned: int) -> None:
    found = plan(effective_date=effective)
    assert len([item for item in found.values() if item.kind == "effective"]) == planned
    if planned:
        assert found[f"effective:{effective}"].due_at == nine(effective)


def test_the_release_day_is_that_of_shanghai() -> None:
    late = datetime(2026, 9, 1, 17, 0, tzinfo=UTC)  # the 2nd, one in the morning
    assert "effective:2026-09-02" not in plan(late, effective_date="2026-09-02")


def test_its_end_is_told_the_day_after_and_never_gets_too_late() -> None:
    item = plan(valid_until="2026-12-31")["expiry:2026-12-31"]
    assert (item.due_at, item.not_after, item.provisional) == (nine("2027-01-01"), None, False)


def test_a_policy_that_had_ended_when_it_was_released_gets_no_notice_of_that() -> None:
    assert plan(valid_until="2026-08-01")["expiry:2026-08-01"].dropped == PAST_AT_RELEASE


def test_a_policy_for_ever_has_no_end_to_tell() -> None:
    found = plan(valid_until="9999-12-31", apply_window={"closes": "9999-12-31"}, effective_date="2026-09-02")
    assert not [item for item in found.values() if item.kind == "expiry"]
    assert found["effective:2026-09-02"].not_after is None


def test_an_interpretation_is_asked_for_only_where_it_is_missing() -> None:
    found = plan(interpretation="missing")
    assert found["interpretation_missing"].due_at == nine("2026-09-04")
    assert set(plan()) == {"tracking:1"}


def test_what_needs_no_interpretation_asks_its_agency_for_nothing() -> None:
    assert plan(interpretation="not_required") == {}


def test_it_is_time_to_explain_how_it_is_applied_after_sixty_working_days() -> None:
    item = plan()["tracking:1"]
    assert item.due_at == nine("2026-11-30")
    assert CALENDAR.until(date(2026, 9, 2), date(2026, 12, 1)) == 60


def test_the_rules_say_how_many_days() -> None:
    rules = FollowUpRules(reminders=(2,), interpretation_due=1, tracking_after=2)
    found = plan(interpretation="missing", rules=rules, apply_window={"closes": "2026-09-30"})
    assert {name: item.due_at for name, item in found.items()} == {
        "interpretation_missing": nine("2026-09-02"),
        "tracking:1": nine("2026-09-03"),
        "reminder:2:2026-09-30": nine("2026-09-28"),
    }


def test_what_is_counted_in_a_year_that_nobody_has_announced_is_provisional() -> None:
    found = plan(apply_window={"closes": "2027-01-06"}, effective_date="2027-03-01")
    assert {name: item.provisional for name, item in found.items() if item.kind != "tracking"} == {
        "reminder:15:2027-01-06": True,
        "reminder:3:2027-01-06": True,
        "reminder:1:2027-01-06": True,
        "effective:2027-03-01": False,  # a date, nothing was counted
    }


@pytest.mark.parametrize("closes", ["0001-01-01", "0001-01-20", "9999-12-30"])
def test_impossible_windows_make_a_plan_too(closes: str) -> None:
    assert len(plan(apply_window={"closes": closes}, valid_until=closes)) == 5


dates = st.none() | DAYS.map(str)


moments = st.integers(0, 545 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))


@given(moments, dates, dates, dates)
def test_every_plan_is_in_order_at_nine_on_days_that_fit(
    released: datetime, closes: str | None, effective: str | None, until: str | None
) -> None:
    data = {"apply_window": {"closes": closes}, "effective_date": effective, "valid_until": until}
    found = plan(released, interpretation="missing", **data)
    items = list(found.values())
    assert [item.due_at for item in items] == sorted(item.due_at for item in items)
    for item in items:
        local = item.due_at.astimezone(SHANGHAI)
        assert (local.hour, local.minute, local.second) == (9, 0, 0)
        assert (item.due_at > released) is (item.dropped is None) or item.kind == "effective"
        assert item.occurrence.partition(":")[0] == item.kind
        if item.kind == "reminder":
            assert closes is not None
            days = int(item.occurrence.split(":")[1])
            assert CALENDAR.is_working(local.date())
            assert CALENDAR.until(local.date(), date.fromisoformat(closes)) == days
            following = {15: 3, 3: 1, 1: None}[days]
            last = end_of(min(date.fromisoformat(day) for day in (closes, until) if day))
            assert item.not_after == (found[f"reminder:{following}:{closes}"].due_at if following else last)
    assert ("reminder:1:" + str(closes) in found) is (closes is not None)


@given(DAYS, DAYS)
def test_a_window_moved_keeps_nothing_of_the_old_one(first: date, second: date) -> None:
    before = plan(apply_window={"closes": str(first)})
    after = plan(apply_window={"closes": str(second)})
    same = {name for name in before if name in after and before[name].kind == "reminder"}
    assert bool(same) is (first == second)
