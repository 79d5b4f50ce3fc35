"""Cells as people type them."""

from datetime import date, datetime

import pytest

from config.clock import SHANGHAI
from subscribers.lists.cells import channels, day, moment, number, quiet_hours, read_cell, several, yes_no


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("87", 87),
        ("1,200", 1200),
        ("87人", 87),
        ("500万", 5_000_000),
        ("1.2亿元", 120_000_000),
        ("3 万", 30_000),
    ],
)
def test_numbers_with_their_units(text: str, value: int) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e5", "五百", "1万万", "99.99999万5", "²"])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        number(text)


@pytest.mark.parametrize(
    "text", ["2026-03-01", "2026/3/1", "2026.3.1", "2026年3月1日", "2026年03月01日", "20260301"]
)
def test_days_as_they_are_written(text: str) -> None:
    assert day(text) == date(2026, 3, 1)


@pytest.mark.parametrize("text", ["2026-13-01", "2026-02-30", "46082", "March", "2026-03", "26-3-1"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="day"):
        day(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01 09:30",
        "2026/3/1 9:30",
        "2026年3月1日 09:30:00",
        "2026-03-01T01:30:00Z",
        "2026-03-01T09:30:00+08:00",
    ],
)
def test_moments_are_in_shanghai_unless_they_say_otherwise(text: str) -> None:
    assert moment(text) == datetime(2026, 3, 1, 9, 30, tzinfo=SHANGHAI)


def test_a_day_is_a_moment_too() -> None:
    assert moment("2026.3.1") == datetime(2026, 3, 1, tzinfo=SHANGHAI)


def test_lists_are_parted_by_what_people_type() -> None:
    assert several("I65; C39；A01、F52\nK") == ["I65", "C39", "A01", "F52", "K"]


def test_channels_may_be_said_in_chinese_and_none_is_none() -> None:
    assert channels("空间；邮件;SMS") == ["space", "email", "sms"]
    assert channels("无") == channels("none") == []


@pytest.mark.parametrize(("text", "says"), [("是", True), ("TRUE", True), ("0", False), ("No", False)])
def test_yes_and_no(text: str, says: bool) -> None:
    assert yes_no(text) is says


@pytest.mark.parametrize("text", ["22:00-7:00", "22:00 ~ 07:00", "22:00至07:00", "22:00:00—07:00:00"])
def test_quiet_hours_as_they_are_written(text: str) -> None:
    assert quiet_hours(text) == {"from": "22:00", "to": "07:00"}


def test_free_text_may_look_like_a_shortened_number_and_codes_may_not() -> None:
    assert read_cell("consent_evidence", "1.5E+10") == "1.5E+10"
    with pytest.raises(ValueError, match="shortened"):
        read_cell("credit_code", "9.11101E+17")
