"""An audience is counted as the sending will judge it, one by one."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from config.taxonomies import load_taxonomy
from streams.matching.people.columns import CHANNEL_BITS, FREQUENCIES, NO_TIME, PERSON, mask_of
from streams.preview.breakdown import part_of
from streams.preview.crowds import Crowd
from streams.preview.tally import tally, total
from subscribers.model import Preferences
from subscribers.standing import Standing
from subscribers.verdict import Go, Hold, judge

SIZES = ("large", "medium", "small", "micro")
CHANNELS = ("email", "sms", "space")
minutes = st.integers(0, 24 * 60 - 1)
moments = st.integers(0, 10 * 24 * 60).map(lambda n: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=n))


@st.composite
def quiet_hours(draw: st.DrawFn) -> tuple[int, int] | None:
    start, end = draw(minutes), draw(minutes)
    return None if start == end else (start, end)


people = st.lists(st.tuples(quiet_hours(), st.sampled_from(FREQUENCIES)), max_size=12)


def crowd(rows: list[dict[str, Any]]) -> Crowd:
    figures = np.zeros(len(rows), PERSON)
    figures["quiet_from"] = figures["quiet_to"] = NO_TIME
    for at, row in enumerate(rows):
        for name, value in row.items():
            if name not in ("channels", "blocked"):
                figures[name][at] = value
    channels, blocked = (
        np.array([mask_of(row.get(name, ())) for row in rows], np.uint8) for name in ("channels", "blocked")
    )
    return Crowd(figures, channels, blocked, ())


def counted(rows: list[dict[str, Any]], now: datetime, **more: Any) -> dict[str, Any]:
    return tally(crowd(rows), SIZES, now=now, **({"waits": ("daily", "weekly")} | more))


def standing(quiet: tuple[int, int] | None, frequency: str) -> Standing:
    hours = None
    if quiet is not None:
        hours = {"from": time(*divmod(quiet[0], 60)), "to": time(*divmod(quiet[1], 60))}
    return Standing(
        name="",
        address="",
        status="active",
        consented=True,
        opted_out=False,
        suppressed=None,
        profile_matching=True,
        preferences=Preferences.model_validate({"quiet_hours": hours, "frequency": frequency}),
        subscriptions=frozenset({"s"}),
    )


@given(people, moments)
def test_what_waits_is_what_the_sending_would_hold(
    who: list[tuple[tuple[int, int] | None, str]], now: datetime
) -> None:
    rows = [
        {
            "channels": CHANNELS,
            "frequency": FREQUENCIES.index(frequency),
            "quiet_from": quiet[0] if quiet else NO_TIME,
            "quiet_to": quiet[1] if quiet else NO_TIME,
        }
        for quiet, frequency in who
    ]
    expected: dict[str, dict[str, int]] = {}
    for quiet, frequency in who:
        for channel in CHANNELS:
            verdict = judge(standing(quiet, frequency), channel=channel, reasons_subscriptions=["s"], now=now)
            assert isinstance(verdict, Go | Hold)
            if isinstance(verdict, Hold):
                of = expected.setdefault(verdict.reason, {})
                of[channel] = of.get(channel, 0) + 1
    assert counted(rows, now)["held_back"] == expected


def test_a_silent_channel_has_one_reason() -> None:
    now = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    email = CHANNEL_BITS["email"]
    rows = [
        {"blocked": ["email"], "opted_out": email, "no_consent": email},
        {"blocked": ["email"], "no_consent": email},
        {"channels": ["email"], "suppressed": email},
        {"blocked": ["email"]},
        {"channels": ["email"]},
    ]
    found = counted(rows, now)
    assert found["by_channel"] == {"email": 1}
    assert found["held_back"] == {
        reason: {"email": 1} for reason in ("opted_out", "no_consent", "suppressed", "no_contact")
    }


def test_shards_add_up() -> None:
    now = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    waits = {"credit_codes": 2, "memberships": 0}
    rows = [{"channels": ["email"], "region": 310118, "industries": 0b101, "size": 3}]
    first = counted(rows, now, unconfirmed=waits)
    other = counted([{"channels": ["email", "space"], "region": 310118}, {}], now, unconfirmed=waits)
    assert total([first, other]) == {
        "matched": 3,
        "by_channel": {"email": 2, "space": 1},
        "by_region": {"310118": 2, "": 1},
        "by_industry": {"A": 1, "C": 1, "": 2},
        "by_size": {"small": 1, "": 2},
        "unconfirmed": {"credit_codes": 4, "memberships": 0},
        "held_back": {},
    }


def test_a_region_is_parted_one_level_below_it() -> None:
    known = load_taxonomy()
    assert part_of("440305", "440000", known) == "440300"
    assert part_of("440305", "440300", known) == "440305"
    assert part_of("440305", "440305", known) == "440305"
    assert part_of("440305", "310000", known) == "440000"
    assert part_of("440000", "440000", known) == "440000"
    assert part_of("440305", "100000", known) == "440000"
    assert part_of("100000", "100000", known) == "100000"
    assert part_of("", "100000", known) == ""
