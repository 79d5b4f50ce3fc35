"""Campaigns: one push of one policy revision on one occasion, opened once, stopped and resumed by people."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import insert_new
from config.database.schema import campaign_shards, campaigns, deliveries
from streams.access import Actor
from streams.audit import note

NAMESPACE = uuid.UUID("b3f5a7de-2a58-5e0c-8b0c-3f2a91c7d4aa")
STOPPED = "campaign_stopped"
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Campaign:
    """A row of campaigns; ``labels`` are frozen as they stood at dispatch."""

    campaign_id: str
    agency_id: str
    policy_id: str
    revision: int
    occurrence: str
    state: str
    labels: tuple[str, ...]


def campaign_id(agency_id: str, policy_id: str, revision: int, occurrence: str) -> str:
    """Return the id, the same at every try."""
    return str(uuid.uuid5(NAMESPACE, f"{agency_id}|{policy_id}|{revision}|{occurrence}"))


def delivery_id(campaign: Campaign, subscriber_id: str, channel: str, contact_id: str) -> str:
    """Return the id of a delivery, the same at every try; it becomes Message-ID, gateway reference and row key."""
    return str(uuid.uuid5(uuid.UUID(campaign.campaign_id), f"{subscriber_id}|{channel}|{contact_id}"))


async def open_campaign(
    conn: AsyncConnection,
    agency_id: str,
    policy_id: str,
    revision: int,
    occurrence: str,
    *,
    labels: Sequence[str],
    shards: int,
    now: datetime,
) -> Campaign:
    """Write a campaign with its unmarked shards; what is there already stays as it is."""
    new_id = campaign_id(agency_id, policy_id, revision, occurrence)
    row = {
        "campaign_id": new_id,
        "agency_id": agency_id,
        "policy_id": policy_id,
        "revision": revision,
        "occurrence": occurrence,
        "state": "running",
        "shards": shards,
        "tokens": {"labels": list(labels)},
        "created_at": now,
    }
    await conn.execute(insert_new(conn, campaigns), [row])
    marks = [{"campaign_id": new_id, "shard": shard, "dispatched_at": now} for shard in range(shards)]
    await conn.execute(insert_new(conn, campaign_shards), marks)
    found = await find_campaign(conn, new_id)
    if found is None:
        raise RuntimeError(f"campaign {new_id} vanished in its own transaction")
    return found


async def find_campaign(conn: AsyncConnection, campaign: str) -> Campaign | None:
    """Return a campaign by its id."""
    row = (await conn.execute(select(campaigns).where(campaigns.c.campaign_id == campaign))).first()
    if row is None:
        return None
    return Campaign(
        row.campaign_id,
        row.agency_id,
        row.policy_id,
        row.revision,
        row.occurrence,
        row.state,
        tuple(row.tokens["labels"]),
    )


async def lock_shards(conn: AsyncConnection, campaign_ids: Collection[str], shards: Collection[int]) -> None:
    """Keep the marks of these shards as they are until the transaction ends; on SQLite the transaction itself does.

    Who plans rows of a campaign and counts them takes this first, so that two who do count every row once.
    """
    s = campaign_shards.c
    query = select(s.shard).where(s.campaign_id.in_(sorted(campaign_ids)), s.shard.in_(sorted(shards)))
    await conn.execute(query.order_by(s.campaign_id, s.shard).with_for_update())


async def mark_shard(
    conn: AsyncConnection, campaign: str, shard: int, *, matched: int, planned: int, now: datetime
) -> None:
    """Write that a shard has planned everything; of a shard that is matched again only more counts, and its first time.

    A task that comes again may meet subscribers who joined since, before their backfill does.
    """
    c = campaign_shards.c
    await conn.execute(
        update(campaign_shards)
        .where(c.campaign_id == campaign, c.shard == shard)
        .values(
            matched=case((c.matched > matched, c.matched), else_=matched),
            planned=case((c.planned > planned, c.planned), else_=planned),
            done_at=func.coalesce(c.done_at, now),
        )
    )


async def halt(conn: AsyncConnection, campaign: str, reason: str) -> bool:
    """Stop one campaign: what is not on its way yet is held. Returns whether it was running."""
    done = await conn.execute(
        update(campaigns)
        .where(campaigns.c.campaign_id == campaign, campaigns.c.state == "running")
        .values(state="stopped", reason=reason)
    )
    d = deliveries.c
    await conn.execute(
        update(deliveries)
        .where(d.campaign_id == campaign, d.state == "planned")
        .values(state="held", reason=STOPPED, due_at=NEVER)
    )
    return bool(done.rowcount)


async def running_again(conn: AsyncConnection, campaign_ids: Collection[str]) -> set[str]:
    """Return which campaigns are running, and keep it so until the transaction ends.

    Who holds a row because its campaign is stopped asks this first: resumed in between, nobody would release the row.
    """
    c = campaigns.c
    query = select(c.campaign_id, c.state).where(c.campaign_id.in_(campaign_ids)).order_by(c.campaign_id)
    return {row.campaign_id for row in await conn.execute(query.with_for_update()) if row.state == "running"}


async def stop(
    conn: AsyncConnection, agency_id: str, policy_id: str, reason: str, actor: Actor, now: datetime
) -> list[dict[str, Any]]:
    """Stop every campaign of a policy and return them."""
    for campaign in await _of_policy(conn, agency_id, policy_id):
        if await halt(conn, campaign["campaign_id"], reason):
            await _note(conn, "campaign.stopped", campaign, actor, reason, now)
    return await _of_policy(conn, agency_id, policy_id)


async def resume(
    conn: AsyncConnection, agency_id: str, policy_id: str, reason: str, actor: Actor, now: datetime
) -> list[dict[str, Any]]:
    """Let every stopped campaign of a policy go on and return them; the sweep hands its rows over again."""
    for campaign in await _of_policy(conn, agency_id, policy_id):
        done = await conn.execute(
            update(campaigns)
            .where(campaigns.c.campaign_id == campaign["campaign_id"], campaigns.c.state == "stopped")
            .values(state="running", reason=None)
        )
        if done.rowcount:
            d = deliveries.c
            await conn.execute(
                update(deliveries)
                .where(d.campaign_id == campaign["campaign_id"], d.state == "held", d.reason == STOPPED)
                .values(state="planned", reason=None, due_at=now, handed_at=None)
            )
            await _note(conn, "campaign.resumed", campaign, actor, reason, now)
    return await _of_policy(conn, agency_id, policy_id)


async def _of_policy(conn: AsyncConnection, agency_id: str, policy_id: str) -> list[dict[str, Any]]:
    c = campaigns.c
    rows = await conn.execute(
        select(c.campaign_id, c.policy_id, c.revision, c.occurrence, c.state, c.reason, c.created_at)
        .where(c.agency_id == agency_id, c.policy_id == policy_id)
        .order_by(c.revision, c.created_at)
    )
    return [dict(row._mapping) for row in rows]


async def _note(
    conn: AsyncConnection, action: str, campaign: dict[str, Any], actor: Actor, reason: str, now: datetime
) -> None:
    await note(
        conn,
        key=f"{campaign['campaign_id']}|{now.isoformat()}",
        actor=actor.holder,
        action=action,
        subject=campaign["campaign_id"],
        details={"policy_id": campaign["policy_id"], "reason": reason},
        now=now,
    )
