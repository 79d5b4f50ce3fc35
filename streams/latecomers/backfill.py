"""Backfill: who joins while an application window is open gets the policy if it fits, once, in the enterprise space.

Asked whenever a subscriber changed and its shard's index has taken the change. A backfilled row belongs to the policy's
own campaign and has the id that the release's row for the space has, so that it is there once, whoever comes first:
the match of a release that is under way, a change, or the same change again. Somebody who has any row of that campaign
gets none. It counts as matched and planned like everybody who was there at the release.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import insert_new
from config.database.schema import campaign_shards, deliveries, optouts
from config.logging import get_logger
from config.metrics import PLANNED
from streams.campaigns.record import lock_shards
from streams.desk import Desk
from streams.fanout import ledger
from streams.fanout.audience import named, only_named
from streams.fanout.rows import Routes, batches, planned_rows
from streams.latecomers.windows import Window, standing
from streams.matching.index import SPACE, ShardIndex
from streams.matching.shards import Shards
from streams.steps.match import BATCH
from subscribers.leaving import EVERY_CHANNEL

log = get_logger(__name__)
d = deliveries.c
IN_SPACE = (SPACE, SPACE)

Pair = tuple[str, str]  # campaign_id, subscriber_id
Rows = dict[Pair, dict[str, Any]]
Names = dict[str, frozenset[str]]  # of a targeted campaign


@dataclass(frozen=True)
class _Known:
    """What the record has of some subscribers and campaigns."""

    rows: frozenset[Pair]
    waiting: frozenset[str]  # delivery ids that are planned


async def backfill(desk: Desk, shards: Shards, changed: Mapping[int, Sequence[str]]) -> None:
    """Give subscribers that changed the open policies that fit them; again is harmless.

    Args:
        desk: collaborators.
        shards: the indexes; they have taken the changes.
        changed: subscribers by shard.
    """
    async with desk.record.read() as conn:
        windows = await desk.windows.now(conn, desk.clock, desk.taxonomy.ancestors)
    if not windows:
        return
    names = await _names(desk, windows, [one for some in changed.values() for one in some])
    now = desk.clock.now()
    fitting: Rows = {}
    for shard, subscriber_ids in changed.items():
        index = await shards.caught_up(shard, 0)
        for window in windows:
            audience = _audience(window, index, names, subscriber_ids)
            for subscriber_id, routes in audience.items():
                for row in planned_rows(window.campaign, shard, subscriber_id, routes, now):
                    fitting[window.campaign.campaign_id, subscriber_id] = row
        await asyncio.sleep(0)
    if fitting:
        await _hand_out(desk, fitting)


async def _names(desk: Desk, windows: Sequence[Window], subscriber_ids: Sequence[str]) -> Names:
    """Return, of targeted policies, whom of ``subscriber_ids`` they name."""
    names: Names = {}
    targeted = [window for window in windows if window.view.targeted]
    if targeted:
        async with desk.record.read() as conn:
            for window in targeted:
                scope = window.view.data["audience_scope"]
                names[window.campaign.campaign_id] = await named(conn, scope, None, subscriber_ids)
    return names


def _audience(
    window: Window, index: ShardIndex, names: Names, subscriber_ids: Sequence[str]
) -> dict[str, Routes]:
    """Return whom of ``subscriber_ids`` the policy is for, all of them by the space."""
    audience: dict[str, Routes] = {}
    for subscriber_id in subscriber_ids:
        if whys := index.reasons(subscriber_id, window.matter):
            audience[subscriber_id] = {IN_SPACE: whys}
    if not window.view.targeted:
        return audience
    return only_named(names[window.campaign.campaign_id].intersection(subscriber_ids), audience)


async def _hand_out(desk: Desk, fitting: Rows) -> None:
    """Write the rows of those who have none yet, then put them before the space, with what an earlier try left."""
    async with desk.record.read() as conn:
        known = await _known(conn, fitting)
        closed = await _closed(conn, {subscriber_id for _, subscriber_id in fitting})
    left = [row["delivery_id"] for row in fitting.values() if row["delivery_id"] in known.waiting]
    new = {pair: row for pair, row in fitting.items() if pair not in known.rows and pair[1] not in closed}
    await _hand_over(desk, left)
    for part in _parts(new, ledger.CHUNK):
        written = await _write(desk, part)
        PLANNED.labels(SPACE).inc(len(written))
        await _hand_over(desk, written)
        if written:
            log.info("backfilled", rows=len(written))


async def _write(desk: Desk, rows: Rows) -> list[str]:
    """Plan rows in one transaction with the figures of their shards; return the ids of those that are new."""
    campaign_ids = {campaign_id for campaign_id, _ in rows}
    async with desk.record.write() as conn:
        # Held until the end, so that a match under way counts its rows either before these or with them.
        await lock_shards(conn, campaign_ids, {row["shard"] for row in rows.values()})
        stand = await standing(conn, campaign_ids)
        known = await _known(conn, rows)
        new = [row for pair, row in rows.items() if pair[0] in stand and pair not in known.rows]
        written = set[str]()
        if new:
            statement = insert_new(conn, deliveries).returning(d.delivery_id)
            written = set(await conn.scalars(statement, new))
            await _count(conn, [row for row in new if row["delivery_id"] in written])
    desk.windows.forget(campaign_ids - stand)
    return [row["delivery_id"] for row in new if row["delivery_id"] in written]


async def _count(conn: AsyncConnection, rows: Iterable[dict[str, Any]]) -> None:
    """Add to the marks of shards that have one; a shard without counts its rows when it is marked."""
    found = Counter((row["campaign_id"], row["shard"]) for row in rows)
    s = campaign_shards.c
    statement = (
        update(campaign_shards)
        .where(s.campaign_id == bindparam("of"), s.shard == bindparam("at"), s.done_at.is_not(None))
        .values(matched=s.matched + bindparam("more"), planned=s.planned + bindparam("more"))
    )
    values = [
        {"of": campaign_id, "at": shard, "more": n} for (campaign_id, shard), n in sorted(found.items())
    ]
    if values:
        await conn.execute(statement, values)


async def _known(conn: AsyncConnection, pairs: Iterable[Pair]) -> _Known:
    of: defaultdict[str, set[str]] = defaultdict(set)
    for campaign_id, subscriber_id in pairs:
        of[subscriber_id].add(campaign_id)
    wanted = d.subscriber_id.in_(sorted(of)), d.campaign_id.in_(sorted(set[str]().union(*of.values())))
    query = select(d.campaign_id, d.subscriber_id, d.delivery_id, d.state).where(*wanted)
    found = (await conn.execute(query)).all()
    return _Known(
        frozenset((row.campaign_id, row.subscriber_id) for row in found),
        frozenset(row.delivery_id for row in found if row.state == "planned"),
    )


async def _closed(conn: AsyncConnection, subscriber_ids: Iterable[str]) -> set[str]:
    """Return who wants nothing in the space; the index knows that only of those who subscribe to something."""
    shut = optouts.c.channel.in_((SPACE, EVERY_CHANNEL))
    query = select(optouts.c.subscriber_id).where(shut, optouts.c.subscriber_id.in_(sorted(subscriber_ids)))
    return set(await conn.scalars(query))


async def _hand_over(desk: Desk, delivery_ids: Sequence[str]) -> None:
    for batch in batches(list(delivery_ids), BATCH):
        await desk.log.hand_over(SPACE, batch)


def _parts(rows: Rows, size: int) -> list[Rows]:
    pairs = list(rows.items())
    return [dict(pairs[start : start + size]) for start in range(0, len(pairs), size)]
