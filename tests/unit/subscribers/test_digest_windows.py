"""Windows of digests: 08:30 in Shanghai, start included, end excluded, no moment in two and none in none."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.clock import SHANGHAI
from subscribers.digest import DAYS, Gathered, next_boundary, window_of

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(), timedelta(days=36_500)).map(lambda since: EPOCH + since)
FREQUENCIES = st.sampled_from(sorted(DAYS))


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@given(FREQUENCIES, MOMENTS)
def test_every_moment_lies_in_its_own_window(frequency: Gathered, moment: datetime) -> None:
    window = window_of(frequency, moment)
    assert window.start <= moment < window.end
    assert window.end - window.start == timedelta(days=DAYS[frequency])


@given(FREQUENCIES, MOMENTS)
def test_windows_follow_each_other_without_gap_or_overlap(frequency: Gathered, moment: datetime) -> None:
    window = window_of(frequency, moment)
    assert window_of(frequency, window.start) == window
    assert window_of(frequency, window.end - timedelta(microseconds=1)) == window
    assert window_of(frequency, window.end).start == window.end
    assert window_of(frequency, window.start - timedelta(microseconds=1)).end == window.start


@given(FREQUENCIES, MOMENTS)
def test_a_boundary_is_half_past_eight_and_a_weekly_one_a_monday(
    frequency: Gathered, moment: datetime
) -> None:
    end = next_boundary(frequency, moment).astimezone(SHANGHAI)
    assert (end.hour, end.minute, end.second, end.microsecond) == (8, 30, 0, 0)
    assert frequency == "daily" or end.weekday() == 0


@given(MOMENTS)
def test_a_weekly_boundary_is_a_daily_one_too(moment: datetime) -> None:
    weekly = next_boundary("weekly", moment)
    assert next_boundary("daily", weekly - timedelta(seconds=1)) == weekly


@pytest.mark.parametrize(
    ("frequency", "moment", "end"),
    [
        ("daily", "2026-03-03T08:29:59", "2026-03-03T08:30:00"),
        ("daily", "2026-03-03T08:30:00", "2026-03-04T08:30:00"),
        ("daily", "2026-12-31T09:00:00", "2027-01-01T08:30:00"),
        ("weekly", "2026-03-02T08:29:59", "2026-03-02T08:30:00"),  # a Monday
        ("weekly", "2026-03-02T08:30:00", "2026-03-09T08:30:00"),
        ("weekly", "2026-03-08T23:59:59", "2026-03-09T08:30:00"),
        ("weekly", "2026-03-09T00:00:00", "2026-03-09T08:30:00"),
    ],
)
def test_what_comes_at_the_boundary_belongs_to_the_next_window(
    frequency: Gathered, moment: str, end: str
) -> None:
    assert next_boundary(frequency, shanghai(moment)) == shanghai(end)


def test_a_year_has_as_many_days_as_windows() -> None:
    boundary, seen = shanghai("2026-01-01T08:30:00"), []
    while boundary < shanghai("2027-01-01T08:30:00"):
        seen.append(boundary)
        boundary = next_boundary("daily", boundary)
    assert len(seen) == 365
    assert {later - earlier for earlier, later in pairwise(seen)} == {timedelta(days=1)}
