"""Which clock the house lives by: the real one, or a simulated one that every role and every start agree on."""

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select

from config.clock import Clock, SimulatedClock, aware
from config.database import Record
from config.database.record import upsert
from config.database.schema import installation
from config.logging import get_logger

log = get_logger(__name__)

KEPT_AS = "clock"


async def open_clock(record: Record, speed: float | None, start: datetime | None, real: Clock) -> Clock:
    """Return the domain clock, and keep in the record what the next start and the other roles need to go on with it.

    Once simulated, domain time stays ahead of real time by what it gained: it never jumps back, or what was sent would
    be due again. Without ``speed`` it then runs on at the speed of real time.

    Args:
        record: keeps it.
        speed: how many times as fast as real time; None: not simulated, or not faster any more.
        start: what it shows at the first start of a simulation; now by default.
        real: the operating system's clock.
    """
    async with record.write() as conn:
        row = await conn.scalar(
            select(installation.c.value).where(installation.c.name == KEPT_AS).with_for_update()
        )
        kept: dict[str, Any] | None = orjson.loads(row) if row else None
        if kept is None and speed is None:
            return real
        now = real.now()
        if kept is None or kept["speed"] != (speed or 1.0):
            domain = _simulated(kept, real).now() if kept else aware(start or now)
            kept = {"real": now.isoformat(), "domain": domain.isoformat(), "speed": speed or 1.0}
            stored = {"name": KEPT_AS, "value": orjson.dumps(kept).decode()}
            await conn.execute(upsert(conn, installation, ["value"]), [stored])
    clock = _simulated(kept, real)
    log.warning("clock.simulated", now=clock.now().isoformat(), speed=kept["speed"])
    return clock


def _simulated(kept: dict[str, Any], real: Clock) -> SimulatedClock:
    return SimulatedClock(
        real,
        real=datetime.fromisoformat(kept["real"]),
        domain=datetime.fromisoformat(kept["domain"]),
        speed=kept["speed"],
    )
