"""The ledger: a row per delivery, its states, and the figures an office reports."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Text, and_, case, cast, distinct, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.at_once import insert_at_once
from config.database.schema import campaign_shards, campaigns, deliveries
from streams import policies
from streams.fanout import Planned, shared_values
from streams.occurrences import POLICY

d = deliveries.c
OPEN = ("planned", "claimed", "held")
CHUNK = 1_000  # rows a transaction, where what is there already is read first


@dataclass(frozen=True)
class Funnel:
    """How far a policy revision came; the fields are those of docs/faces.md."""

    agency_id: str
    policy_id: str
    revision: int
    title: str
    state: str
    campaigns: list[dict[str, Any]]
    shards: int
    shards_marked: int
    complete: bool
    matched: int
    planned: int
    held: int
    held_for: dict[str, int]
    sent: int
    delivered: int
    read: int
    acknowledged: int
    failed: dict[str, int]
    suppressed: dict[str, int]
    waiting: dict[str, int]
    reached: int
    aware: int
    reach_rate: float | None
    awareness_rate: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


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


async def funnel(
    conn: AsyncConnection, agency_id: str, policy_id: str, revision: int | None = None
) -> Funnel | None:
    """Return the funnel of a revision (default: the newest), None where there is no such policy."""
    view = await policies.find_policy(conn, agency_id, policy_id, revision)
    if view is None:
        return None
    c, s = campaigns.c, campaign_shards.c
    of_it = and_(c.agency_id == agency_id, c.policy_id == policy_id, c.revision == view.revision)
    listed = [
        dict(row._mapping)
        for row in await conn.execute(
            select(c.campaign_id, c.occurrence, c.state).where(of_it).order_by(c.created_at)
        )
    ]
    # The figures are those of the policy's own push; reminders and notices are campaigns of their own.
    ids = [row["campaign_id"] for row in listed if row["occurrence"] == POLICY]
    marks = (
        await conn.execute(
            select(func.count(), func.count(s.done_at), func.coalesce(func.sum(s.matched), 0)).where(
                s.campaign_id.in_(ids)
            )
        )
    ).one()
    tally = await _tally(conn, ids)
    matched, reached, aware = int(marks[2]), tally["reached"], tally["aware"]
    waiting = tally["waiting"]
    undecided = view.state in ("received", "waiting") or (view.state == "released" and not ids)
    return Funnel(
        agency_id=agency_id,
        policy_id=policy_id,
        revision=view.revision,
        title=view.title,
        state=view.state,
        campaigns=listed,
        shards=int(marks[0]),
        shards_marked=int(marks[1]),
        complete=not undecided and marks[0] == marks[1] and not waiting["planned"] and not waiting["claimed"],
        matched=matched,
        reached=reached,
        aware=aware,
        reach_rate=round(reached / matched, 4) if matched else None,
        awareness_rate=round(aware / reached, 4) if reached else None,
        held=waiting["held"],
        waiting=waiting,
        **{
            name: tally[name]
            for name in (
                "planned",
                "held_for",
                "sent",
                "delivered",
                "read",
                "acknowledged",
                "failed",
                "suppressed",
            )
        },
    )


async def _tally(conn: AsyncConnection, ids: Sequence[str]) -> dict[str, Any]:
    mine = d.campaign_id.in_(ids)
    # First what waits: where nothing does any more, the sums that are read after it are whole.
    states = (
        await conn.execute(select(d.state, d.reason, func.count()).where(mine).group_by(d.state, d.reason))
    ).all()
    row = (
        await conn.execute(
            select(
                func.count().label("planned"),
                func.count(d.sent_at).label("sent"),
                func.count(d.delivered_at).label("delivered"),
                func.count(d.read_at).label("read"),
                func.count(d.acknowledged_at).label("acknowledged"),
                func.count(distinct(case((d.delivered_at.is_not(None), d.subscriber_id)))).label("reached"),
                func.count(
                    distinct(case((d.read_at.is_not(None) | d.acknowledged_at.is_not(None), d.subscriber_id)))
                ).label("aware"),
            ).where(mine)
        )
    ).one()
    tally: dict[str, Any] = dict(row._mapping)
    tally |= {"failed": {}, "suppressed": {}, "held_for": {}, "waiting": dict.fromkeys(OPEN, 0)}
    for state, reason, count in states:
        if state in OPEN:
            tally["waiting"][state] += count
            if state == "held":
                tally["held_for"][reason or "unknown"] = count
        elif state in ("failed", "suppressed"):
            tally[state][reason or "unknown"] = count
    return tally


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
