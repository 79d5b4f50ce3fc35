from dataclasses import replace
from datetime import UTC, datetime

import pytest

from subscribers.model import Preferences, QuietHours
from subscribers.standing import Standing
from subscribers.verdict import GO, Hold, Stop, Verdict, judge, quiet_until

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
FINE = Standing(
    name="示范公司",
    status="active",
    address="a@example.com",
    consented=True,
    opted_out=False,
    suppressed=None,
    subscriptions=frozenset({"t1"}),
    profile_matching=True,
    preferences=Preferences(),
)
NIGHT = Preferences.model_validate({"quiet_hours": {"from": "22:00", "to": "07:30"}})


def said(
    standing: Standing | None, *reasons: str | None, channel: str = "email", now: datetime = NOON
) -> Verdict:
    return judge(standing, channel=channel, reasons_subscriptions=reasons, now=now)


def test_whoever_still_wants_it_gets_it() -> None:
    assert said(FINE, "t1") == GO
    assert said(FINE, "ended", None, "t1") == GO


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        (None, "gone"),
        (replace(FINE, status="left"), "left"),
        (replace(FINE, status="pending"), "not_active"),
        (replace(FINE, opted_out=True), "opted_out"),
        (replace(FINE, consented=False), "no_consent"),
        (replace(FINE, suppressed="5.1.1"), "contact_suppressed"),
        (replace(FINE, subscriptions=frozenset()), "subscription_ended"),
    ],
)
def test_each_obstacle_stops_it_with_its_own_reason(standing: Standing | None, reason: str) -> None:
    assert said(standing, "t1") == Stop("suppressed", reason)


def test_a_delivery_without_any_reason_is_stopped() -> None:
    assert said(FINE) == Stop("suppressed", "subscription_ended")


def test_the_profile_counts_while_it_is_on_and_only_where_it_may_go() -> None:
    assert said(FINE, None, channel="space") == GO
    assert said(FINE, None) == Stop("suppressed", "profile_matching_off")
    everywhere = replace(FINE, preferences=Preferences(profile_channels=("email", "space")))
    assert said(everywhere, None) == GO
    off = replace(everywhere, profile_matching=False)
    assert said(off, None, "ended") == Stop("suppressed", "profile_matching_off")
    assert said(off, None, "t1") == GO


@pytest.mark.parametrize(
    ("window", "local", "ends"),
    [
        (("22:00", "07:30"), "2026-03-02T21:59:59", None),
        (("22:00", "07:30"), "2026-03-02T22:00:00", "2026-03-03T07:30:00"),
        (("22:00", "07:30"), "2026-12-31T23:59:59", "2027-01-01T07:30:00"),
        (("22:00", "07:30"), "2026-03-03T00:00:00", "2026-03-03T07:30:00"),
        (("22:00", "07:30"), "2026-03-03T07:30:00", None),
        (("12:00", "14:00"), "2026-03-03T13:00:00", "2026-03-03T14:00:00"),
        (("12:00", "14:00"), "2026-03-03T14:00:00", None),
        (("12:00", "14:00"), "2026-03-03T11:59:59", None),
        (("00:00", "08:00"), "2026-03-03T00:00:00", "2026-03-03T08:00:00"),
        (("20:00", "00:00"), "2026-03-03T23:00:00", "2026-03-04T00:00:00"),
    ],
)
def test_quiet_hours_begin_inclusive_and_end_exclusive_in_shanghai(
    window: tuple[str, str], local: str, ends: str | None
) -> None:
    quiet = QuietHours.model_validate({"from": window[0], "to": window[1]})
    now = datetime.fromisoformat(f"{local}+08:00").astimezone(UTC)
    expected = None if ends is None else datetime.fromisoformat(f"{ends}+08:00")
    assert quiet_until(quiet, now) == expected


def test_at_night_mail_waits_for_the_morning_and_the_space_does_not() -> None:
    night = replace(FINE, preferences=NIGHT)
    eleven = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    assert said(night, "t1", now=eleven) == Hold(datetime(2026, 3, 2, 23, 30, tzinfo=UTC), "quiet_hours")
    assert said(night, "t1", channel="space", now=eleven) == GO


def test_what_is_over_is_stopped_at_night_too() -> None:
    gone = replace(FINE, preferences=NIGHT, opted_out=True)
    assert said(gone, "t1", now=datetime(2026, 3, 2, 15, 0, tzinfo=UTC)) == Stop("suppressed", "opted_out")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


DAILY = replace(FINE, preferences=Preferences(frequency="daily"))
WEEKLY = replace(FINE, preferences=Preferences(frequency="weekly"))


def test_who_wants_a_digest_waits_for_its_boundary() -> None:
    assert said(DAILY, "t1") == Hold(at("2026-03-03T08:30:00"), "digest")
    assert said(WEEKLY, "t1") == Hold(at("2026-03-09T08:30:00"), "digest")
    assert said(DAILY, "t1", now=at("2026-03-03T08:30:00")) == Hold(at("2026-03-04T08:30:00"), "digest")


def test_the_space_waits_for_no_digest() -> None:
    assert said(WEEKLY, "t1", channel="space") == GO


def test_what_cannot_wait_or_was_gathered_goes_at_once_but_not_into_quiet_hours() -> None:
    def told(standing: Standing, now: datetime) -> Verdict:
        return judge(standing, channel="email", reasons_subscriptions=["t1"], now=now, at_once=True)

    assert told(DAILY, NOON) == GO
    night = replace(FINE, preferences=NIGHT.model_copy(update={"frequency": "daily"}))
    assert told(night, at("2026-03-02T23:00:00")) == Hold(at("2026-03-03T07:30:00"), "quiet_hours")


def test_who_left_is_stopped_before_any_digest() -> None:
    assert said(replace(DAILY, opted_out=True), "t1") == Stop("suppressed", "opted_out")


@pytest.mark.parametrize(
    ("local", "until"),
    [
        ("2026-03-02T07:59:59", "2026-03-02T08:00:00"),
        ("2026-03-02T08:00:00", None),
        ("2026-03-02T20:59:59", None),
        ("2026-03-02T21:00:00", "2026-03-03T08:00:00"),
        ("2026-03-02T21:30:00", "2026-03-03T08:00:00"),
        ("2026-12-31T23:59:59", "2027-01-01T08:00:00"),
    ],
)
def test_a_text_message_waits_for_the_day(local: str, until: str | None) -> None:
    expected = GO if until is None else Hold(at(until), "sms_hours")
    assert said(FINE, "t1", channel="sms", now=at(local)) == expected
    assert said(FINE, "t1", now=at(local)) == GO


def test_of_night_and_quiet_hours_the_later_end_counts() -> None:
    late = Preferences.model_validate({"quiet_hours": {"from": "20:00", "to": "09:00"}})
    eleven = at("2026-03-02T23:00:00")
    assert said(replace(FINE, preferences=late), "t1", channel="sms", now=eleven) == Hold(
        at("2026-03-03T09:00:00"), "quiet_hours"
    )
    assert said(replace(FINE, preferences=NIGHT), "t1", channel="sms", now=eleven) == Hold(
        at("2026-03-03T08:00:00"), "sms_hours"
    )
