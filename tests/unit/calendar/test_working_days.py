"""Working days are the State Council's, make-up days included; what nobody has announced yet is never silent."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.calendar import CalendarError, Counted, WorkingDays, YearOverride, load_calendar

CALENDAR = WorkingDays()
DAYS = st.dates(date(2004, 2, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    "day", ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
)
def test_the_make_up_days_of_2026_are_working_weekends(day: str) -> None:
    made_up = date.fromisoformat(day)
    assert made_up.weekday() >= 5
    assert CALENDAR.is_working(made_up)


@pytest.mark.parametrize("day", ["2026-01-01", "2026-02-23", "2026-05-05", "2026-06-19", "2026-10-07"])
def test_a_holiday_on_a_weekday_is_no_working_day(day: str) -> None:
    off = date.fromisoformat(day)
    assert off.weekday() < 5
    assert not CALENDAR.is_working(off)


@pytest.mark.parametrize(
    ("start", "n", "reached"),
    [
        ("2026-02-13", 1, "2026-02-14"),  # Friday; the Saturday is made up
        ("2026-02-14", 1, "2026-02-24"),  # then nine days of Spring Festival
        ("2026-02-27", 1, "2026-02-28"),
        ("2026-09-18", 2, "2026-09-21"),  # Sunday the 20th is worked
        ("2026-09-30", 3, "2026-10-10"),  # 8, 9 and the made-up Saturday
        ("2026-12-31", 1, "2027-01-01"),  # nobody knows 2027 yet: by weekends
    ],
)
def test_counting_ahead_steps_over_holidays_and_on_made_up_days(start: str, n: int, reached: str) -> None:
    assert CALENDAR.add(date.fromisoformat(start), n).day == date.fromisoformat(reached)


@pytest.mark.parametrize(
    ("closes", "n", "reached"),
    [
        ("2026-10-09", 1, "2026-10-08"),
        ("2026-10-09", 2, "2026-09-30"),
        ("2026-10-11", 1, "2026-10-10"),  # closes on a Sunday; the Saturday before is worked
        ("2026-05-10", 3, "2026-05-07"),
    ],
)
def test_counting_back_does_the_same(closes: str, n: int, reached: str) -> None:
    assert CALENDAR.before(date.fromisoformat(closes), n) == Counted(date.fromisoformat(reached), False)


def test_only_an_answer_that_touched_an_unknown_year_is_provisional() -> None:
    assert CALENDAR.known(2004)
    assert CALENDAR.known(2026)
    assert not CALENDAR.known(2003)
    assert not CALENDAR.known(2027)
    assert CALENDAR.add(date(2026, 12, 30), 1) == Counted(date(2026, 12, 31), False)
    assert CALENDAR.add(date(2026, 12, 30), 2).provisional
    assert CALENDAR.before(date(2027, 1, 1), 1) == Counted(date(2026, 12, 31), False)
    assert CALENDAR.before(date(2027, 1, 4), 1).provisional


@given(DAYS, st.integers(1, 80))
def test_what_is_counted_to_is_a_working_day_and_the_days_between_are_as_many(day: date, n: int) -> None:
    ahead, back = CALENDAR.add(day, n).day, CALENDAR.before(day, n).day
    assert CALENDAR.is_working(ahead)
    assert CALENDAR.is_working(back)
    assert CALENDAR.until(back, day) == n
    assert CALENDAR.until(day + timedelta(days=1), ahead + timedelta(days=1)) == n


@given(st.dates(), st.integers(1, 300))
def test_counting_never_leaves_the_days_that_there_are(day: date, n: int) -> None:
    assert CALENDAR.before(day, n).day <= day <= CALENDAR.add(day, n).day


def test_nothing_is_left_when_the_end_has_passed() -> None:
    assert CALENDAR.until(date(2026, 3, 2), date(2026, 3, 1)) == 0


def test_counting_no_days_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        CALENDAR.add(date(2026, 3, 2), 0)


# -- the office's own file -------------------------------------------------------------------------------------------


def own(tmp_path: Path, text: str) -> WorkingDays:
    file = tmp_path / "calendar.toml"
    file.write_text(text, encoding="utf-8")
    return load_calendar(file)


def test_an_announced_year_of_the_file_is_known_and_counts(tmp_path: Path) -> None:
    calendar = own(tmp_path, '[2027]\nannounced = true\nholidays = [2027-01-01]\nworkdays = ["2027-01-03"]\n')
    assert calendar.known(2027)
    assert calendar.add(date(2026, 12, 31), 1) == Counted(date(2027, 1, 3), False)


def test_a_year_that_is_only_guessed_in_the_file_counts_and_stays_provisional(tmp_path: Path) -> None:
    calendar = own(tmp_path, "[2027]\nholidays = [2027-01-01]\n")
    assert not calendar.known(2027)
    assert calendar.add(date(2026, 12, 31), 1) == Counted(date(2027, 1, 4), True)


def test_a_day_changed_later_wins_against_the_library_and_the_rest_of_the_year_stands(tmp_path: Path) -> None:
    calendar = own(tmp_path, "[2026]\nholidays = [2026-03-02]\nworkdays = [2026-02-23]\n")
    assert not calendar.is_working(date(2026, 3, 2))
    assert calendar.is_working(date(2026, 2, 23))
    assert not calendar.is_working(date(2026, 2, 20))
    assert calendar.known(2026)


def test_no_file_is_the_library_alone() -> None:
    assert load_calendar(None) == WorkingDays()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[2027\n", "line 1"),
        ("announced = true\n", "announced: expected a table per year"),
        ("[27]\n", "27: expected a table per year"),
        ("2027 = 1\n", "2027: expected a table per year"),
        ("[2027]\nholyday = []\n", r"\[2027\] holyday: unknown key, use holidays, workdays, announced"),
        ("[2027]\nannounced = 1\n", r"\[2027\] announced: write true or false, not 1"),
        ("[2027]\nholidays = 2027-01-01\n", r"\[2027\] holidays: write a list of days"),
        ("[2027]\nholidays = [20270101]\n", r"holidays: entry 1 is 20270101; write a day as 2027-01-01"),
        ('[2027]\nworkdays = [2027-01-02, "soon"]\n', r"workdays: entry 2 is 'soon'"),
        ("[2027]\nholidays = [2027-01-01T00:00:00]\n", r"holidays: entry 1 is"),
        ("[2027]\nholidays = [2028-01-01]\n", r"2028-01-01, is not in 2027: put it under \[2028\]"),
        (
            "[2027]\nholidays = [2027-01-01]\nworkdays = [2027-01-01]\n",
            r"2027-01-01 is a holiday and a workday",
        ),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(CalendarError, match=says) as raised:
        own(tmp_path, text)
    assert "calendar.toml" in str(raised.value)


def test_a_missing_file_and_a_foreign_encoding_are_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(CalendarError, match=r"gone\.toml cannot be read: No such file"):
        load_calendar(tmp_path / "gone.toml")
    (tmp_path / "gb.toml").write_bytes("# 节假日\n".encode("gb18030"))
    with pytest.raises(CalendarError, match="not UTF-8"):
        load_calendar(tmp_path / "gb.toml")


def test_another_year_s_override_is_a_value_of_its_own() -> None:
    calendar = WorkingDays({2030: YearOverride(announced=True)})
    assert (calendar.known(2030), calendar.known(2029)) == (True, False)
