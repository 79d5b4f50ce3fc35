"""Alerts that are over are kept for three months, to see what came how often, and forgotten then."""

from datetime import timedelta

from sqlalchemy import delete, select

from config.clock import ago
from config.database.schema import alerts
from streams.desk import Desk

a = alerts.c

KEPT_FOR = timedelta(days=90)


async def forget_ended(desk: Desk) -> int:
    """Sweep: alerts that ended more than three months ago go; one that is open stays, however old."""
    before = ago(desk.clock, KEPT_FOR)
    old = (a.raised_at < before, a.resolved_at < before)  # the first of them has an index
    async with desk.record.read() as conn:
        if await conn.scalar(select(a.alert_id).where(*old).limit(1)) is None:
            return 0  # nearly always: the record's one writer is not asked
    async with desk.record.write() as conn:
        return (await conn.execute(delete(alerts).where(*old))).rowcount
