"""The ledger: a row per delivery. Planning, counting, listing; what rows add up to is `streams.campaigns.figures`."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Text, cast, distinct, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.at_once import insert_at_once
from config.database.schema import campaigns, deliveries
from streams.fanout.rows import Planned, shared_values

d = deliveries.c
CHUNK = 1_000  # rows a transaction, where what is there already is read first


async def plan(conn: AsyncConnection, campaign: str, rows: Sequence[Planned], now: datetime) -> None:
    """Insert planned rows of a campaign; those that are there already stay as they are."""
    given = list(map(tuple, rows))
    await insert_at_once(conn, deliveries, Planned._fields, given, shared_values(campaign, now))


async def open_rows(conn: AsyncConnection, campaign: str, shards: Sequence[int]) -> dict[str, list[str]]:
    """Return the delivery ids of a campaign's tasks that are still planned, by channel.

    A channel's come as one value: fetched row by row, a hundred thousand would hold up the event loop.
    """
    mine = (d.campaign_id == campaign, d.shard.in_(shards))
    listed = func.json_group_array if conn.dialect.name == "sqlite" else func.json_agg
    query = select(d.channel, cast(listed(d.delivery_id), Text)).where(*mine, d.state == "planned")
    return {channel: orjson.loads(ids) for channel, ids in await conn.execute(query.group_by(d.channel))}


async def counts(conn: AsyncConnection, campaign: str, shards: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return how many rows, of how many subscribers, each of a campaign's tasks has; those without are missing."""
    mine = (d.campaign_id == campaign, d.shard.in_(shards))
    of = select(d.shard, func.count(), func.count(distinct(d.subscriber_id))).where(*mine).group_by(d.shard)
    return {row[0]: (int(row[1]), int(row[2])) for row in await conn.execute(of)}


async def list_deliveries(
    conn: AsyncConnection,
    *,
    agency_id: str | None = None,
    policy_id: str | None = None,
    subscriber_id: str | None = None,
    state: str | None = None,
    channel: str | None = None,
    after: str | None = None,
    limit: int = 100,
) -> tuple[list[dict[str, Any]], str | None]:
    """Return ledger rows, newest first, and a cursor for the next page (None: no more)."""
    c = campaigns.c
    shown = (
        "delivery_id",
        "subscriber_id",
        "channel",
        "state",
        "reason",
        "attempts",
        "due_at",
        "planned_at",
        "sent_at",
    )
    times = ("delivered_at", "read_at", "acknowledged_at", "ended_at", "reasons", "digest_id")
    query = select(
        c.agency_id, c.policy_id, c.revision, c.occurrence, *(d[n] for n in (*shown, *times))
    ).join_from(deliveries, campaigns, d.campaign_id == c.campaign_id)
    wanted: Iterable[tuple[Any, Any]] = (
        (c.agency_id, agency_id),
        (c.policy_id, policy_id),
        (d.subscriber_id, subscriber_id),
        (d.state, state),
        (d.channel, channel),
    )
    for column, value in wanted:
        if value is not None:
            query = query.where(column == value)
    if after:
        at, last = after.split("|", 1)
        query = query.where(tuple_(d.planned_at, d.delivery_id) < tuple_(datetime.fromisoformat(at), last))
    rows = [
        dict(row._mapping)
        for row in await conn.execute(
            query.order_by(d.planned_at.desc(), d.delivery_id.desc()).limit(limit + 1)
        )
    ]
    more = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], f"{more['planned_at'].isoformat()}|{more['delivery_id']}" if more else None
