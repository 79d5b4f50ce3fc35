"""The deadline as calendars get it, read back by a library that others read theirs with."""

import email
import email.policy
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Component

from channels.email.calendar import deadline
from channels.email.mime import mail
from channels.message import Content, Occasion
from tests.servers.messages import AT, CONTENT, content, message
from tests.support.mails import content_for, message_for

SENDER = "政达政策推送 <push@policy.example.gov.cn>"
NAMED = ("政达政策推送", "push@policy.example.gov.cn")
TODAY = date(2026, 7, 1)
TELLING = (Occasion.POLICY, Occasion.AMENDMENT, Occasion.REMINDER, Occasion.RELAY)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80)


def event_of(file: bytes) -> Component:
    (event,) = Calendar.from_ical(file.decode("utf-8")).walk("VEVENT")
    return event


def made(whole: Content, day: date = TODAY) -> Component:
    file = deadline(whole, NAMED, day)
    assert file is not None
    return event_of(file)


def attached(raw: bytes) -> list[tuple[str | None, str]]:
    parts = email.message_from_bytes(raw, policy=email.policy.default).walk()
    return [
        (part.get_filename(), part["content-disposition"].content_disposition)
        for part in parts
        if part.get_content_type() == "text/calendar"
    ]


def test_the_day_on_which_the_window_closes_is_an_event_of_the_whole_day() -> None:
    event = made(CONTENT)
    assert event.decoded("dtstart") == date(2026, 9, 30)
    assert event.decoded("dtend") == date(2026, 10, 1)
    assert event["summary"] == f"申报截止：{CONTENT.title}"
    assert "https://apply.example.cn/?matter=1&step=2" in event["description"]
    assert event["url"] == CONTENT.url
    assert event["transp"] == "TRANSPARENT"


def test_it_reminds_at_nine_in_the_morning_three_days_before() -> None:
    (alarm,) = made(CONTENT).walk("VALARM")
    begins = datetime(2026, 9, 30, tzinfo=UTC)
    assert begins + alarm.decoded("trigger") == datetime(2026, 9, 27, 9, tzinfo=UTC)
    assert alarm["action"] == "DISPLAY"


def test_it_is_published_by_the_sender_and_asks_for_no_answer() -> None:
    file = deadline(CONTENT, NAMED, TODAY)
    assert file is not None
    calendar = Calendar.from_ical(file.decode("utf-8"))
    assert calendar["method"] == "PUBLISH"
    assert event_of(file)["organizer"] == "mailto:push@policy.example.gov.cn"
    assert event_of(file)["organizer"].params["CN"] == "政达政策推送"
    assert "attendee" not in event_of(file)


def test_a_deadline_that_moved_is_the_same_event_in_a_later_version() -> None:
    moved = content(
        revision=2, apply_closes=date(2026, 10, 15), occasion=Occasion.AMENDMENT, content_id="c-2"
    )
    first, second = made(CONTENT), made(moved)
    assert first["uid"] == second["uid"] != made(content(policy_id="p-2"))["uid"]
    assert second["sequence"] > first["sequence"]


def test_it_is_written_before_it_goes_and_not_later() -> None:
    assert made(CONTENT).decoded("dtstamp") == datetime(2026, 6, 30, 16, tzinfo=UTC) <= AT


@pytest.mark.parametrize("occasion", list(Occasion))
def test_only_what_speaks_of_an_open_window_carries_it(occasion: Occasion) -> None:
    files = attached(mail(message_for(occasion), "user1@example.cn", SENDER))
    assert files == ([("申报截止.ics", "attachment")] if occasion in TELLING else [])
    assert (deadline(content_for(occasion), NAMED, TODAY) is not None) == (occasion in TELLING)


def test_a_window_that_does_not_close_or_has_closed_is_no_deadline() -> None:
    assert deadline(content(apply_closes=None), NAMED, TODAY) is None
    assert deadline(CONTENT, NAMED, date(2026, 9, 30)) is not None
    assert deadline(CONTENT, NAMED, date(2026, 10, 1)) is None
    late = message(at=AT + timedelta(days=100))
    assert attached(mail(late, "user1@example.cn", SENDER)) == []


@given(title=TEXT, issuer=TEXT, policy_id=TEXT)
@settings(max_examples=100, deadline=None)
def test_nothing_in_a_title_makes_a_line_of_its_own(title: str, issuer: str, policy_id: str) -> None:
    evil = f"{title}\r\nATTENDEE:mailto:x@example.cn\nEND:VEVENT"
    file = deadline(content(title=evil, issuer=issuer, policy_id=policy_id), NAMED, TODAY)
    assert file is not None
    event = event_of(file)
    assert sorted(event) == sorted(made(CONTENT))
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))


def test_it_stays_small() -> None:
    with_file = len(mail(message(), "user1@example.cn", SENDER))
    without = len(mail(message(content=content(apply_closes=None)), "user1@example.cn", SENDER))
    assert with_file - without < 2000
