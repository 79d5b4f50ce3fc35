"""An audience that is not asked of the index: those who got a policy before, and are told what became of it."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import campaigns, deliveries
from streams.campaigns import POLICY, Campaign
from streams.matching.index import Contact

REACHED = ("sent", "delivered")


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
