"""Who has a policy, or may have it; who is about to get it. What follows a policy is told to them."""

from collections.abc import Sequence

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import campaigns, deliveries
from streams.campaigns.occurrences import POLICY, RELAY
from streams.campaigns.record import Campaign
from streams.matching.index import Contact
from subscribers.verdict import DIGEST

d = deliveries.c
# Who has a push, or may have it: one on its way out, one whose answer was lost, one that no receipt ever came for. What
# goes again after a lost answer keeps the moment at which it may have gone, whatever becomes of it before its next try.
MAY_HAVE = or_(
    d.state.in_(("sent", "delivered", "claimed", "unknown")),
    and_(d.state.in_(("planned", "held", "superseded", "expired", "suppressed")), d.sent_at.is_not(None)),
    and_(d.state == "failed", d.reason == "no_receipt"),
)
# Who is about to get it: what waits for its turn, and what is held for a while that what follows is held for as well.
ON_ITS_WAY = and_(
    campaigns.c.state == "running",
    or_(d.state == "planned", and_(d.state == "held", d.reason.in_((DIGEST, "quiet_hours", "sms_hours")))),
)


async def former_recipients(
    conn: AsyncConnection, of: tuple[str, str, int], shard: int, but: str | None = None, *, since: int = 0
) -> list[tuple[str, Contact]]:
    """Return who in a shard got a push of a policy or had it relayed, or may have, and where it went.

    Args:
        conn: anything that reads.
        of: agency, policy, and the last revision that counts.
        shard: its number.
        but: the campaign that does not count.
        since: the first revision that counts.
    """
    c = campaigns.c
    agency_id, policy_id, revision = of
    before = _pushes(agency_id, policy_id, but).where(c.revision >= since, c.revision <= revision)
    rows = await conn.execute(
        select(d.subscriber_id, d.channel, d.contact_id)
        .distinct()
        .where(d.campaign_id.in_(before), d.shard == shard, MAY_HAVE)
    )
    return [(row[0], (row[1], row[2])) for row in rows]


async def still_former(conn: AsyncConnection, campaign: Campaign, subscribers: Sequence[str]) -> set[str]:
    """Return which of these subscribers have any push of a campaign's policy but its own, or may have.

    A push on its way out when a campaign was planned counted as one; it may have been refused since.
    """
    before = _pushes(campaign.agency_id, campaign.policy_id, campaign.campaign_id)
    # An expression has no index: found by their subscribers, never by going through all rows of a broad campaign.
    of_these = d.campaign_id.concat("").in_(before)
    rows = await conn.execute(
        select(d.subscriber_id).distinct().where(d.subscriber_id.in_(subscribers), of_these, MAY_HAVE)
    )
    return {row[0] for row in rows}


def _pushes(agency_id: str, policy_id: str, but: str | None) -> Select[tuple[str]]:
    """The campaigns that pushed a policy itself, or relayed it, without one."""
    c = campaigns.c
    return select(c.campaign_id).where(
        c.agency_id == agency_id,
        c.policy_id == policy_id,
        or_(c.occurrence == POLICY, c.occurrence.startswith(f"{RELAY}:")),
        c.campaign_id != (but or ""),
    )
