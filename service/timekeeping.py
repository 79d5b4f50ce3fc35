"""Which clock the house lives by: the real one, or a simulated one that every role and every start agree on."""

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.clock import Clock, SimulatedClock, aware
from config.database import Record
from config.database.record import insert_new
from config.database.schema import OPEN_ROWS, campaigns, deliveries, installation, policies, subscribers
from config.logging import get_logger

log = get_logger(__name__)

KEPT_AS = "clock"


class ClockGoesBack(Exception):
    """ZHENGDA_CLOCK_START lies before what this record has seen already.

    Time never runs backwards: what was sent would be due again. Leave ZHENGDA_CLOCK_START away, set a later one, or
    simulate with an empty ZHENGDA_DATA. Nothing was changed.
    """


async def open_clock(record: Record, speed: float | None, start: datetime | None, real: Clock) -> Clock:
    """Return the domain clock, and keep in the record what the next start and the other roles need to go on with it.

    Once simulated, domain time stays ahead of real time by what it gained: it never jumps back, or what was sent would
    be due again. Without ``speed`` it then runs on at the speed of real time.

    Args:
        record: keeps it.
        speed: how many times as fast as real time; None: not simulated, or not faster any more. The same for all roles.
        start: what it shows at the first start of a simulation; now by default.
        real: the operating system's clock.

    Raises:
        ClockGoesBack: a simulation would begin in the past of this record.
    """
    async with record.write() as conn:
        if speed is not None:
            # Roles that start together find one beginning: the first row stands, whoever comes second waits for it.
            begun = _at(real.now(), aware(start or real.now()), speed)
            done = await conn.execute(insert_new(conn, installation), begun)
            if done.rowcount and start is not None:
                await _insist_on_going_on(conn, aware(start))
        mine = installation.c.name == KEPT_AS
        row = await conn.scalar(select(installation.c.value).where(mine).with_for_update())
        if row is None:
            return real
        clock = _simulated(orjson.loads(row), real)
        if orjson.loads(row)["speed"] != (speed or 1.0):
            now = clock.now()
            kept = _at(real.now(), now, speed or 1.0)
            await conn.execute(update(installation).where(mine).values(value=kept["value"]))
            await _end_real_pauses(conn, now)
            clock = _simulated(orjson.loads(kept["value"]), real)
    log.warning("clock.simulated", now=clock.now().isoformat(), speed=speed or 1.0)
    return clock


async def _insist_on_going_on(conn: AsyncConnection, start: datetime) -> None:
    columns = (policies.c.created_at, campaigns.c.created_at, subscribers.c.created_at)
    seen = [moment for column in columns if (moment := await conn.scalar(select(func.max(column))))]
    if seen and start < max(seen):
        raise ClockGoesBack(
            f"ZHENGDA_CLOCK_START is {start.isoformat()}, and this record has seen {max(seen).isoformat()}: leave it "
            "away, set a later one, or use an empty ZHENGDA_DATA"
        )


async def _end_real_pauses(conn: AsyncConnection, now: datetime) -> None:
    """Let what waits for real time go at once: a minute's wait was written as a week at another speed."""
    d = deliveries.c
    await conn.execute(
        update(deliveries).where(OPEN_ROWS, d.state == "claimed", d.lease_until > now).values(lease_until=now)
    )
    again = (OPEN_ROWS, d.state == "planned", d.reason.is_not(None), d.due_at > now)
    await conn.execute(update(deliveries).where(*again).values(due_at=now))


def _at(real: datetime, domain: datetime, speed: float) -> dict[str, str]:
    kept = {"real": real.isoformat(), "domain": domain.isoformat(), "speed": speed}
    return {"name": KEPT_AS, "value": orjson.dumps(kept).decode()}


def _simulated(kept: dict[str, Any], real: Clock) -> SimulatedClock:
    return SimulatedClock(
        real,
        real=datetime.fromisoformat(kept["real"]),
        domain=datetime.fromisoformat(kept["domain"]),
        speed=kept["speed"],
    )
