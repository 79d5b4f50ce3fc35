"""Who hears that a policy is repealed: whoever has its text, told of the newest revision that he may read of."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import policy_revisions
from streams.campaigns.record import Campaign
from streams.fanout.former import former_recipients
from streams.fanout.rows import FORMER_WHY, Routes, merge


async def revisions_told(conn: AsyncConnection, agency_id: str, policy_id: str) -> list[int]:
    """Return the revisions that notices of a repeal tell of, newest first; none where none was ever released.

    The newest that had been released. Where that is targeted, its title is only for those who have it: the others read
    of the one before it, and so on, down to the first that everybody may see.
    """
    r = policy_revisions.c
    rows = await conn.execute(
        select(r.revision, r.targeted)
        .where(r.agency_id == agency_id, r.policy_id == policy_id, r.decided_at.is_not(None))
        .where(r.state.in_(("released", "superseded", "repealed")))
        .order_by(r.revision.desc())
    )
    told = []
    for revision, targeted in rows:
        told.append(int(revision))
        if not targeted:
            break
    return told


async def repeal_audience(conn: AsyncConnection, campaign: Campaign, shard: int) -> dict[str, Routes]:
    """Return whom in a shard a notice of repeal is for, and where what they have went; nobody is in two of them.

    Args:
        conn: anything that reads.
        campaign: of the notice; its revision is one of `revisions_told`.
        shard: its number.
    """
    of = campaign.agency_id, campaign.policy_id
    told = await revisions_told(conn, *of)
    if not told:
        return {}
    left: dict[str, Routes] = {}
    for who, contact in await former_recipients(conn, (*of, told[0]), shard):
        merge(left.setdefault(who, {}), [(contact, (FORMER_WHY,))])
    for revision in told[:-1]:  # the last one may be told to whoever is left
        have = {who for who, _ in await former_recipients(conn, (*of, revision), shard, since=revision)}
        if revision == campaign.revision:
            return {who: routes for who, routes in left.items() if who in have}
        left = {who: routes for who, routes in left.items() if who not in have}
    return left if campaign.revision == told[-1] else {}
