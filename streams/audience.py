"""Audiences that are not asked of the index: those whom a policy names, and those who got it before."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import campaigns, deliveries, memberships, subscribers
from streams.campaigns import POLICY, Campaign
from streams.matching.index import Contact

REACHED = ("sent", "delivered")


async def named_audience(conn: AsyncConnection, scope: Mapping[str, Any], shard: int) -> list[str]:
    """Return a shard's active subscribers inside a policy's 定向公开范围."""
    s = subscribers.c
    members = select(memberships.c.subscriber_id).where(
        memberships.c.association_id.in_(scope.get("associations", []))
    )
    rows = await conn.execute(
        select(s.subscriber_id).where(
            s.shard == shard,
            s.status == "active",
            or_(
                s.subscriber_id.in_(scope.get("subscribers", [])),
                s.credit_code.in_(scope.get("credit_codes", [])),
                s.subscriber_id.in_(members),
            ),
        )
    )
    return [row.subscriber_id for row in rows]


async def former_recipients(
    conn: AsyncConnection, campaign: Campaign, shard: int
) -> list[tuple[str, Contact]]:
    """Return who in a shard got an earlier push of the same policy, and where it went."""
    c, d = campaigns.c, deliveries.c
    before = select(c.campaign_id).where(
        c.agency_id == campaign.agency_id,
        c.policy_id == campaign.policy_id,
        c.occurrence == POLICY,
        c.revision <= campaign.revision,
        c.campaign_id != campaign.campaign_id,
    )
    rows = await conn.execute(
        select(d.subscriber_id, d.channel, d.contact_id)
        .distinct()
        .where(d.campaign_id.in_(before), d.shard == shard, d.state.in_(REACHED))
    )
    return [(row[0], (row[1], row[2])) for row in rows]
