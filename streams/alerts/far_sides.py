"""What a worker knows of far sides, as alerts: one that is down for long, an account that is refused."""

import asyncio
from datetime import timedelta

from channels.guards.far_side import FarSide
from config.logging import get_logger
from streams.alerts import open_subjects, raise_alert, resolve
from streams.desk import Desk

log = get_logger(__name__)

LOOK_EVERY_S = 15.0
PROVEN_S = (
    120.0  # who got an answer within this time may say that a far side is back; who sent nothing may not
)


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
    down = {one.name: one for one in sides if _down(one, down_for)}
    refused = {one.name: one for one in sides if one.account is not None}
    async with desk.record.read() as conn:
        told = {kind: await open_subjects(conn, kind) for kind in ("far_side", "account")}
    back = {one.name for one in sides if one.up and _proven(one)} & told["far_side"]
    mended = {one.name for one in sides if one.account is None and _proven(one)} & told["account"]
    if not (down or refused or back or mended):
        return
    now = desk.clock.now()
    async with desk.record.write() as conn:
        for name, one in down.items():
            await raise_alert(conn, "far_side", name, f"{name} is down: {one.reason}", now)
        for name, one in refused.items():
            await raise_alert(conn, "account", name, f"{name} refuses our account: {one.reason}", now)
        await resolve(conn, "far_side", back, now)
        await resolve(conn, "account", mended, now)


def _down(one: FarSide, down_for: timedelta) -> bool:
    return one.down_since is not None and one.now() - one.down_since >= down_for.total_seconds()


def _proven(one: FarSide) -> bool:
    return one.answered is not None and one.now() - one.answered <= PROVEN_S
