"""接力推送: whom an association's relay is for, what it says, and whether it still may go.

It closes gaps and doubles nothing: it goes to the members who had no delivery of the revision, whoever pushed it. The
others see the association's note beside the message that they have (`streams.relay.notes`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import associations, campaigns, deliveries, memberships, relays
from streams.campaigns.occurrences import RELAY, kind_of
from streams.campaigns.record import Campaign
from streams.fanout.rows import RELAYED, RELAYED_WHY, Routes
from streams.matching.index import SPACE
from streams.policies import PolicyView
from subscribers.associations import members
from subscribers.shards import IndexRow, load_shard
from subscribers.standing import Standing

# A row in one of these states has reached its recipient, is on its way, or is waiting to be.
HAD = ("planned", "held", "claimed", "sent", "delivered", "unknown")
NO_MEMBER = "no_member"  # the reason of a row whose recipient left the association before it went
CLOSED = "profile_matching_off"  # … or closed the channel, as `subscribers.verdict` calls it


async def relay_audience(
    conn: AsyncConnection, campaign: Campaign, view: PolicyView, shard: int
) -> dict[str, Routes]:
    """Return the members of a shard who had no delivery of the revision, and where it would go.

    That is the enterprise space, and whatever channels a member opened for what it did not ask for by a subscription.
    A policy with a 定向公开范围 is never relayed.
    """
    association_id = await _association_of(conn, campaign)
    if association_id is None or view.targeted:
        return {}
    among = await members(conn, association_id, shard=shard)
    had = await _had_it(conn, campaign, shard)
    wanted = [subscriber_id for subscriber_id in among if subscriber_id not in had]
    found = {row.subscriber_id: _routes(row) async for row in load_shard(conn, shard, ids=wanted)}
    return {subscriber_id: routes for subscriber_id, routes in found.items() if routes}


def _routes(row: IndexRow) -> Routes:
    opened = {SPACE, *row.profile_channels} if row.profile_matching else {SPACE}
    return {contact: (RELAYED_WHY,) for contact in row.contacts if contact[0] in opened}


async def _association_of(conn: AsyncConnection, campaign: Campaign) -> str | None:
    found: str | None = await conn.scalar(
        select(relays.c.association_id).where(relays.c.relay_id == _relay_id(campaign.occurrence))
    )
    return found


async def _had_it(conn: AsyncConnection, campaign: Campaign, shard: int) -> set[str]:
    """Return who in a shard has a row of the revision, of whatever campaign but this one: a task may come again."""
    c, d = campaigns.c, deliveries.c
    others = select(c.campaign_id).where(
        c.agency_id == campaign.agency_id,
        c.policy_id == campaign.policy_id,
        c.revision == campaign.revision,
        c.campaign_id != campaign.campaign_id,
    )
    query = select(d.subscriber_id).distinct()
    return set(await conn.scalars(query.where(d.campaign_id.in_(others), d.shard == shard, d.state.in_(HAD))))


def _relay_id(occurrence: str) -> str:
    return occurrence.partition(":")[2]


async def tell_relay(conn: AsyncConnection, campaign: Campaign, view: PolicyView) -> dict[str, Any]:
    """Return what a relay's messages say beyond the policy: the association's name and its note."""
    row = (
        await conn.execute(
            select(relays.c.note, associations.c.name)
            .join_from(relays, associations, relays.c.association_id == associations.c.association_id)
            .where(relays.c.relay_id == _relay_id(campaign.occurrence))
        )
    ).one()
    return {"note": row.note, "relayed_by": row.name}


async def not_members(
    conn: AsyncConnection, rows: Sequence[Mapping[str, Any]], occurrences: Mapping[str, str]
) -> frozenset[str]:
    """Return which of some ledger rows are relays to somebody who is no member of that association any more.

    Args:
        conn: anything that reads.
        rows: with ``delivery_id``, ``campaign_id`` and ``subscriber_id``.
        occurrences: of their campaigns, by ``campaign_id``.
    """
    relayed = {
        row["delivery_id"]: (_relay_id(occurrences[row["campaign_id"]]), row["subscriber_id"])
        for row in rows
        if kind_of(occurrences[row["campaign_id"]]) == RELAY
    }
    if not relayed:
        return frozenset()
    m = memberships.c
    still = await conn.execute(
        select(relays.c.relay_id, m.subscriber_id)
        .join_from(relays, memberships, relays.c.association_id == m.association_id)
        .where(
            relays.c.relay_id.in_({relay for relay, _ in relayed.values()}),
            m.subscriber_id.in_({subscriber for _, subscriber in relayed.values()}),
        )
    )
    pairs = {tuple(row) for row in still}
    return frozenset(delivery for delivery, pair in relayed.items() if pair not in pairs)


def is_closed(row: Mapping[str, Any], standing: Standing | None) -> bool:
    """Whether a relay's recipient has closed since then the channel that it had opened for what it did not ask for."""
    if (
        standing is None
        or row["channel"] == SPACE
        or [why["subscription"] for why in row["reasons"]] != [RELAYED]
    ):
        return False
    return not (standing.profile_matching and row["channel"] in standing.preferences.profile_channels)
