"""Domain time over restarts and roles, once on SQLite and once on PostgreSQL."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from config.clock import Clock, ManualClock
from config.database.record import Record, open_record
from config.database.schema import deliveries, installation, policies
from config.settings import Settings
from service.timekeeping import ClockGoesBack, open_clock

REAL = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def real() -> ManualClock:
    return ManualClock(REAL)


async def test_without_a_speed_it_is_the_real_clock_and_nothing_is_kept(
    record: Record, real: ManualClock
) -> None:
    assert await open_clock(record, None, None, real) is real
    async with record.read() as conn:
        assert (await conn.execute(select(installation).filter_by(name="clock"))).first() is None


async def test_a_simulation_begins_where_it_is_told_or_now(record: Record, real: ManualClock) -> None:
    assert (await open_clock(record, 10_000.0, START, real)).now() == START


async def test_a_simulation_without_a_start_begins_now(record: Record, real: ManualClock) -> None:
    assert (await open_clock(record, 2.0, None, real)).now() == REAL


async def test_a_restart_goes_on_as_if_there_had_been_none(record: Record, real: ManualClock) -> None:
    before = await open_clock(record, 10_000.0, START, real)
    real.advance(timedelta(seconds=5))
    after = await open_clock(record, 10_000.0, START, real)
    assert before.now() == after.now() == START + timedelta(seconds=50_000)


async def test_time_never_runs_backwards_when_the_speed_changes_or_the_simulation_ends(
    record: Record, real: ManualClock
) -> None:
    seen = [START]
    for speed in (10_000.0, 10.0, 100_000.0, 1.0, None, 500.0, None, None):
        clock = await open_clock(record, speed, START, real)
        assert clock.now() >= seen[-1]
        began = clock.now()
        real.advance(timedelta(seconds=3))
        assert clock.now() == began + timedelta(seconds=3) * (speed or 1.0)
        seen.append(clock.now())
    assert seen == sorted(seen)
    # What it gained it keeps: real time lies in between.
    assert seen[-1] - START == timedelta(seconds=3) * (10_000 + 10 + 100_000 + 1 + 1 + 500 + 1 + 1)


async def test_roles_that_start_together_agree(record_url: str, record: Record) -> None:
    """Each has its own connection and a real clock of its own that is some seconds off."""
    others = [open_record(Settings(database=record_url).database_url) for _ in range(4)]
    clocks = [ManualClock(REAL + timedelta(seconds=3 * n)) for n in range(5)]
    opened: list[Clock] = await asyncio.gather(
        *(open_clock(r, 10_000.0, START, c) for r, c in zip([record, *others], clocks, strict=True))
    )
    for clock in clocks:
        clock.advance(REAL + HOUR - clock.now())
    assert len({clock.now() for clock in opened}) == 1
    for one in others:
        await one.close()


async def test_a_simulation_does_not_begin_in_the_past_of_its_record(
    record: Record, real: ManualClock
) -> None:
    async with record.write() as conn:
        row = {"agency_id": "sheet", "policy_id": "P-1", "revision": 1, "created_at": START + HOUR}
        await conn.execute(insert(policies), row)
    with pytest.raises(ClockGoesBack, match="ZHENGDA_CLOCK_START is 2026-01-01"):
        await open_clock(record, 10.0, START, real)
    assert await open_clock(record, None, None, real) is real  # the refusal left nothing behind
    assert (await open_clock(record, 10.0, START + 2 * HOUR, real)).now() == START + 2 * HOUR


async def test_leases_and_retries_of_another_speed_end_at_once_and_what_is_held_stays_held(
    record: Record, real: ManualClock
) -> None:
    fast = await open_clock(record, 10_000.0, START, real)
    later = fast.now() + fast.span(5 * timedelta(minutes=1))
    rows = [
        _row("claimed", state="claimed", lease_until=later),
        _row("retried", state="planned", reason="450 busy", due_at=later),
        _row("held", state="held", reason="quiet_hours", due_at=later),
        _row("future", state="planned", due_at=later),
        _row("sent", state="sent", reason="450 busy", due_at=later),
    ]
    async with record.write() as conn:
        for row in rows:
            await conn.execute(insert(deliveries), row)
    await open_clock(record, 10_000.0, START, real)
    assert await _times(record) == {row["delivery_id"]: (row["due_at"], row["lease_until"]) for row in rows}
    now = (await open_clock(record, None, None, real)).now()
    assert await _times(record) == {
        "claimed": (START, now),
        "retried": (now, None),
        "held": (later, None),
        "future": (later, None),
        "sent": (later, None),
    }


def _row(delivery_id: str, **values: Any) -> dict[str, Any]:
    return {
        "delivery_id": delivery_id,
        "campaign_id": "c",
        "shard": 0,
        "subscriber_id": "S-1",
        "channel": "email",
        "contact_id": "x",
        "reasons": [],
        "attempts": 1,
        "reason": None,
        "due_at": START,
        "lease_until": None,
        "planned_at": START,
    } | values


async def _times(record: Record) -> dict[str, Any]:
    async with record.read() as conn:
        rows = await conn.execute(select(deliveries))
        return {row.delivery_id: (row.due_at, row.lease_until) for row in rows}
