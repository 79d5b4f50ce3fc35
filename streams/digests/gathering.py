"""Digests: what daily and weekly recipients were spared goes out as one message at their boundary.

A digest is a ledger row of its own that carries itself (``digest_id`` is its ``delivery_id``); its items are the rows
with the same ``digest_id``. Its id is made of boundary, subscriber, channel and contact: there is one at a boundary
whoever sweeps, and however often.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.clock import SHANGHAI
from config.database.record import insert_new
from config.database.schema import OPEN_ROWS, campaigns, deliveries
from config.logging import get_logger
from streams.campaigns.occurrences import DIGEST
from streams.campaigns.record import NEVER, Campaign, campaign_id, delivery_id
from streams.desk import Desk
from subscribers.verdict import DIGEST as HELD_FOR_IT

log = get_logger(__name__)
d = deliveries.c

AT_ONCE = 1_000  # rows that are looked for at a time; all of their recipients' go into one transaction
NO_AGENCY = ""  # a digest's campaign is no agency's: it may carry the policies of many

WAITING = (OPEN_ROWS, d.state == "held", d.reason == HELD_FOR_IT, d.digest_id.is_(None))
_OF_ONE = (
    *WAITING,
    d.due_at <= bindparam("now", type_=d.due_at.type),
    d.subscriber_id == bindparam("subscriber"),
    d.channel == bindparam("through"),
    d.contact_id == bindparam("contact"),
)
# Gathered items are due with their digest; NEVER keeps them out of the way of what the sweeps look for each second.
_gather = update(deliveries).where(*_OF_ONE).values(digest_id=bindparam("digest"), due_at=NEVER)
_too_late = (
    update(deliveries)
    .where(*_OF_ONE)
    .values(state="planned", reason=None, due_at=bindparam("now", type_=d.due_at.type), handed_at=None)
)


async def gather_digests(desk: Desk) -> int:
    """Make the digests whose boundary has passed; the next sweep hands them over like any row.

    What missed its digest because that was made already is planned again: the verdict moves it to the next one. Over
    boundaries missed while nobody swept, a recipient gets one late digest.

    Returns:
        How many digests were made.
    """
    now = desk.clock.now()
    made = 0
    while whose := await _waiting(desk, now):
        async with desk.record.write() as conn:
            made += await _make(conn, await _due(conn, now, whose), now)
    return made


async def _waiting(desk: Desk, now: datetime) -> list[str]:
    """Return some subscribers with something to gather; a short walk along the index of open rows, each second."""
    query = select(d.subscriber_id).where(*WAITING, d.due_at <= now).order_by(d.due_at).limit(AT_ONCE)
    async with desk.record.read() as conn:
        return sorted(set(await conn.scalars(query)))


async def _due(conn: AsyncConnection, now: datetime, subscriber_ids: Sequence[str]) -> Sequence[Any]:
    """Return where these subscribers have something to gather, and the newest boundary there."""
    whose = (d.shard, d.subscriber_id, d.channel, d.contact_id)
    due = (*WAITING, d.due_at <= now, d.subscriber_id.in_(subscriber_ids))
    query = select(*whose, func.max(d.due_at).label("boundary")).where(*due)
    return (await conn.execute(query.group_by(*whose))).all()


async def _make(conn: AsyncConnection, found: Sequence[Any], now: datetime) -> int:
    """Insert the digests, and give each its items; only who inserted one may, another's may be on its way already."""
    rows = [_row(one, now) for one in found]
    if not rows:
        return 0
    opened = {one["campaign_id"]: one for one in (_campaign_row(one.boundary, now) for one in found)}
    await conn.execute(
        insert_new(conn, campaigns), sorted(opened.values(), key=lambda one: one["campaign_id"])
    )
    # Sorted, so that two sweepers wait for each other in one direction only.
    new = insert_new(conn, deliveries).returning(d.delivery_id)
    mine = set((await conn.execute(new, sorted(rows, key=lambda row: row["delivery_id"]))).scalars())
    whose = [
        {
            "subscriber": row["subscriber_id"],
            "through": row["channel"],
            "contact": row["contact_id"],
            "now": now,
        }
        | {"digest": row["delivery_id"]}
        for row in rows
    ]
    if gathered := [one for one in whose if one["digest"] in mine]:
        await conn.execute(_gather, gathered)
    if late := [one for one in whose if one["digest"] not in mine]:
        await conn.execute(_too_late, [{name: one[name] for name in one if name != "digest"} for one in late])
        log.info("digests.missed", recipients=len(late))
    return len(mine)


def digest_campaign(boundary: datetime) -> Campaign:
    """Return the campaign of all digests at a boundary; daily and weekly ones meet on Mondays."""
    occurrence = f"{DIGEST}:{boundary.astimezone(SHANGHAI).date()}"
    return Campaign(campaign_id(NO_AGENCY, "", 0, occurrence), NO_AGENCY, "", 0, occurrence, "running", ())


def _campaign_row(boundary: datetime, now: datetime) -> dict[str, Any]:
    campaign = digest_campaign(boundary)
    return {
        "campaign_id": campaign.campaign_id,
        "agency_id": campaign.agency_id,
        "policy_id": campaign.policy_id,
        "revision": campaign.revision,
        "occurrence": campaign.occurrence,
        "state": campaign.state,
        "shards": 0,
        "tokens": {"labels": []},
        "created_at": now,
    }


def _row(one: Any, now: datetime) -> dict[str, Any]:
    campaign = digest_campaign(one.boundary)
    digest = delivery_id(campaign, one.subscriber_id, one.channel, one.contact_id)
    return {
        "delivery_id": digest,
        "campaign_id": campaign.campaign_id,
        "shard": one.shard,
        "subscriber_id": one.subscriber_id,
        "channel": one.channel,
        "contact_id": one.contact_id,
        "reasons": [],
        "state": "planned",
        "attempts": 0,
        "due_at": now,
        "handed_at": None,
        "planned_at": now,
        "digest_id": digest,
    }
