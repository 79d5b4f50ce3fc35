"""What a worker knows of far sides, as alerts: one that is down for long, an account that is refused.

Several workers see the same far side, and not always the same of it: a gateway may let one of them in and not another.
So each renews an alert for as long as it finds its cause itself, and an alert ends when nobody has renewed it for a
moment and somebody has seen the far side working since.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

from channels.guards.far_side import FarSide
from config.clock import Clock, ago
from config.logging import get_logger
from streams.alerts import last_found, raise_alert, resolve
from streams.desk import Desk

log = get_logger(__name__)

LOOK_EVERY_S = 15.0
RENEWED = timedelta(seconds=3 * LOOK_EVERY_S)  # who still finds a cause has said so within this time
# What a worker found is its word for so long. What an account's refusal holds back is tried again every ten minutes:
# who was not refused for three times as long sends nothing there, and others know better.
WORD_S = 1800.0


async def watch_far_sides(desk: Desk, down_for: timedelta) -> None:
    """Look at them until cancelled; a record that is away is asked again."""
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        try:
            await tell_far_sides(desk, down_for)
        except Exception as exc:  # noqa: BLE001 - whatever it is, the next look finds the same
            log.warning("far_sides.not_told", why=f"{type(exc).__name__}: {exc}"[:300])


async def tell_far_sides(desk: Desk, down_for: timedelta) -> None:
    """Bring the alerts of this process's far sides up to date."""
    sides = desk.far_sides.all()
    if not sides:
        return
    async with desk.record.read() as conn:
        outs, accounts = await last_found(conn, "far_side"), await last_found(conn, "account")
    down = [one for one in sides if _down(one, timedelta() if one.name in outs else down_for)]
    refused = [one for one in sides if one.account is not None and _lately(one, one.refused_at)]
    back = [
        one.name for one in sides if one.out_since is None and _since(one, one.worked_at, outs, desk.clock)
    ]
    mended = [
        one.name for one in sides if one.account is None and _since(one, one.took_at, accounts, desk.clock)
    ]
    if not (down or refused or back or mended):
        return
    now, before = desk.clock.now(), ago(desk.clock, RENEWED)
    async with desk.record.write() as conn:
        for one in down:
            why = one.reason if one.line.down_since is None else one.line.reason
            await raise_alert(conn, "far_side", one.name, f"{one.name} is down: {why}", now, {"reason": why})
        for one in refused:
            detail = f"{one.name} refuses our account: {one.reason}"
            await raise_alert(conn, "account", one.name, detail, now, {"reason": one.reason})
        await resolve(conn, "far_side", back, now, before)
        await resolve(conn, "account", mended, now, before)


def _down(one: FarSide, down_for: timedelta) -> bool:
    if one.out_since is None or not _lately(one, one.found_out_at):
        return False
    return one.now() - one.out_since >= down_for.total_seconds()


def _lately(one: FarSide, at: float | None) -> bool:
    return at is not None and one.now() - at <= WORD_S


def _since(one: FarSide, seen_at: float | None, told: Mapping[str, datetime], clock: Clock) -> bool:
    """Whether this process saw it working after its alert was last found; False where there is no alert."""
    if seen_at is None or one.name not in told:
        return False
    return ago(clock, timedelta(seconds=one.now() - seen_at)) > told[one.name]
