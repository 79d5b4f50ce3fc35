"""Sweeps: what is due or was lost is found again by a query. Several sweepers at once do no harm."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, TextClause, and_, func, or_, select, update

from config.clock import ago
from config.database.schema import OPEN_ROWS, SENT_ROWS, UNKNOWN_ROWS, campaign_shards, deliveries
from config.logging import get_logger
from streams.campaigns.record import STOPPED
from streams.desk import Desk
from streams.fanout.lanes import urgent_ones
from streams.fanout.rows import batches
from streams.steps.match import BATCH
from subscribers.registry import mark_announced, unannounced
from subscribers.verdict import DIGEST

log = get_logger(__name__)
d = deliveries.c

UNANNOUNCED_AFTER = timedelta(seconds=30)
AT_ONCE = 5_000


async def end_leases(desk: Desk) -> int:
    """Rows whose sender vanished: again with the same id, but an SMS may have arrived and waits for its receipt."""
    now = desk.clock.now()
    lost = (OPEN_ROWS, d.state == "claimed", d.lease_until < now)
    again = {"claim": None, "lease_until": None}
    if not await _there(desk, lost):
        return 0
    async with desk.record.write() as conn:
        # It may have gone before its sender vanished: who may have it hears what becomes of it, see `fanout.former`.
        gone = {"sent_at": func.coalesce(d.sent_at, now)}
        back = list(
            await conn.execute(
                update(deliveries)
                .where(*lost, d.channel != "sms")
                .values(state="planned", reason="lease_expired", due_at=now, handed_at=None, **again, **gone)
                .returning(d.delivery_id, d.digest_id)
            )
        )
        if digests := [row.digest_id for row in back if row.digest_id]:
            carried = (d.digest_id.in_(digests), d.state == "held")
            await conn.execute(update(deliveries).where(*carried).values(**gone))
        unsure = {"state": "unknown", "reason": "lease_expired", "sent_at": now}
        texts = await conn.execute(
            update(deliveries)
            .where(*lost, d.channel == "sms")
            .values(**unsure, **again)
            .returning(d.delivery_id, d.digest_id)
        )
        if digests := [row.digest_id for row in texts if row.digest_id]:
            carried = (d.digest_id.in_(digests), d.state == "held")
            await conn.execute(update(deliveries).where(*carried).values(**unsure))
    return len(back)


async def hand_over_due(desk: Desk) -> int:
    """Planned rows whose time has come (retries, resumed campaigns, digests) and held rows whose quiet hours are over.

    Rows held for a digest are left to `streams.digests.gathering.gather_digests`.
    """
    now = desk.clock.now()
    due = and_(
        d.due_at <= now,
        or_(d.handed_at.is_(None), d.handed_at < d.due_at, d.handed_at < now - desk.lost_after),
    )
    rested = (OPEN_ROWS, d.state == "held", d.due_at <= now, d.reason.not_in((STOPPED, DIGEST)))
    if not await _there(desk, rested) and not await _there(desk, (OPEN_ROWS, d.state == "planned", due)):
        return 0
    async with desk.record.write() as conn:
        await conn.execute(update(deliveries).where(*rested).values(state="planned", handed_at=None))
        pick = select(d.delivery_id).where(OPEN_ROWS, d.state == "planned", due).limit(AT_ONCE)
        taken = await conn.execute(
            update(deliveries)
            .where(d.delivery_id.in_(_locking(pick)), d.state == "planned")
            .values(handed_at=now)
            .returning(d.channel, d.delivery_id, d.campaign_id)
        )
        rows = list(taken)
    urgent = await urgent_ones(desk, {row.campaign_id for row in rows}, now)
    found: dict[tuple[bool, str], list[str]] = {}
    for row in rows:
        found.setdefault((row.campaign_id not in urgent, row.channel), []).append(row.delivery_id)
    for (broad, channel), delivery_ids in sorted(found.items()):
        for batch in batches(delivery_ids, BATCH):
            await desk.log.hand_over(channel, batch, urgent=not broad)
    return sum(map(len, found.values()))


async def _there(desk: Desk, which: Sequence[ColumnElement[bool] | TextClause]) -> bool:
    """Whether there are such rows: asked each second, and where there are none the record's one writer is not asked."""
    async with desk.record.read() as conn:
        return await conn.scalar(select(d.delivery_id).where(*which).limit(1)) is not None


def _locking(pick: Select[tuple[str]]) -> Select[tuple[str]]:
    # Two sweepers on PostgreSQL must not take the same rows; SQLite has one writer and ignores this.
    return pick.with_for_update(skip_locked=True)


async def ask_lost_shards(desk: Desk) -> int:
    """Tasks that have not been marked for long: asked again, which is harmless where they are still at work."""
    now = desk.clock.now()
    s = campaign_shards.c
    async with desk.record.write() as conn:
        lost = await conn.execute(
            update(campaign_shards)
            .where(s.done_at.is_(None), s.dispatched_at < now - desk.lost_after)
            .values(dispatched_at=now)
            .returning(s.campaign_id, s.shard)
        )
        found = [(row.campaign_id, row.shard) for row in lost]
    for campaign, shard in found:
        await desk.log.ask_shard(campaign, shard, 0)
    return len(found)


async def announce_forgotten(desk: Desk) -> int:
    """Subscriber changes whose announcement never reached the log."""
    async with desk.record.read() as conn:
        found = await unannounced(conn, ago(desk.clock, UNANNOUNCED_AFTER), AT_ONCE)
    if found:
        await desk.log.announce(found)
        async with desk.record.write() as conn:
            await mark_announced(conn, [(change.subscriber_id, change.version) for change in found])
    return len(found)


async def count_as_delivered(desk: Desk, after: timedelta) -> int:
    """E-mail that has not bounced ``after`` it was sent counts as delivered."""
    now = desk.clock.now()
    async with desk.record.write() as conn:
        done = await conn.execute(
            update(deliveries)
            .where(d.state == "sent", d.channel == "email", d.sent_at < now - after)
            .values(state="delivered", delivered_at=now)
        )
    return done.rowcount


async def give_up_unknown(desk: Desk, after: timedelta = timedelta(hours=72)) -> int:
    """SMS whose receipt did not come for ``after`` of real time: failed, never sent again blindly.

    So are texts that a gateway took and never reported on: carriers give up after three days themselves, and a row that
    waited for ever would say that it may still arrive.
    """
    now: datetime = desk.clock.now()
    before = ago(desk.clock, after)
    done = 0
    for waits in (UNKNOWN_ROWS, SENT_ROWS):
        lost = (waits, d.channel == "sms", d.sent_at < before)
        if await _there(desk, lost):
            async with desk.record.write() as conn:
                ended = update(deliveries).where(*lost)
                values = {"state": "failed", "reason": "no_receipt", "ended_at": now}
                done += (await conn.execute(ended.values(**values))).rowcount
    return done
