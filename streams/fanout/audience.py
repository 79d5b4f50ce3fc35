"""Audiences: who wants a policy, whom it names, and who got it before. The same for a preview and for the push."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import campaigns, deliveries
from streams.campaigns.occurrences import FOLLOW_UPS, POLICY, RELAY, REPEAL, kind_of
from streams.campaigns.record import Campaign
from streams.fanout.former import MAY_HAVE, ON_ITS_WAY, former_recipients
from streams.fanout.repealed import repeal_audience
from streams.fanout.rows import FORMER, FORMER_WHY, NAMED_WHY, Routes, merge, routes_of
from streams.matching.index import SPACE, ShardIndex, Why
from streams.matching.matter import Matter
from streams.policies import PolicyView
from streams.relay.relay import relay_audience
from subscribers.associations import named_audience

d = deliveries.c
REST_EVERY = 500  # subscribers looked at before the loop may do something else


async def who_wants(index: ShardIndex, matter: Matter) -> dict[str, Routes]:
    """Return a shard's subscribers whom the policy fits, with where it would go; the loop rests in between."""
    audience: dict[str, Routes] = {}
    for looked_at, found in enumerate(index.matches(matter)):
        if found is not None:
            audience[found.subscriber_id] = routes_of(found)
        if looked_at % REST_EVERY == REST_EVERY - 1:
            await asyncio.sleep(0)
    return audience


async def named(
    conn: AsyncConnection, scope: Mapping[str, Any], shard: int | None, among: Collection[str] | None = None
) -> frozenset[str]:
    """Return a shard's subscribers inside a policy's 定向公开范围; see `named_audience` for ``among``."""
    return await named_audience(
        conn,
        shard,
        subscriber_ids=scope.get("subscribers", ()),
        credit_codes=scope.get("credit_codes", ()),
        association_ids=scope.get("associations", ()),
        among=among,
    )


def only_named(names: Iterable[str], audience: Mapping[str, Routes]) -> dict[str, Routes]:
    """Return only those whom the policy names; the enterprise space is theirs whatever they subscribe to."""
    reached: dict[str, Routes] = {}
    for subscriber_id in names:
        reached[subscriber_id] = dict(audience.get(subscriber_id, {}))
        merge(reached[subscriber_id], [((SPACE, SPACE), (NAMED_WHY,))])
    return reached


async def audience_of(
    conn: AsyncConnection, campaign: Campaign, view: PolicyView, matter: Matter, index: ShardIndex, shard: int
) -> dict[str, Routes]:
    """Return whom a campaign is for in a shard, and where it would go.

    Args:
        conn: anything that reads.
        campaign: on which occasion.
        view: the revision it tells of.
        matter: what the revision is to the index.
        index: the shard's.
        shard: its number.
    """
    kind = kind_of(campaign.occurrence)
    if kind == RELAY:
        return await relay_audience(conn, campaign, view, shard)
    if kind == REPEAL:
        return await repeal_audience(conn, campaign, shard)
    if kind in FOLLOW_UPS:
        audience = await original_audience(conn, campaign, shard)
    else:
        audience = await who_wants(index, matter)
        if campaign.revision > 1:
            before = (campaign.agency_id, campaign.policy_id, campaign.revision)
            for subscriber_id, contact in await former_recipients(conn, before, shard, campaign.campaign_id):
                merge(audience.setdefault(subscriber_id, {}), [(contact, (FORMER_WHY,))])
    if view.targeted:  # and an amendment may have narrowed whom it names
        names = await named(conn, view.data["audience_scope"], shard)
        if kind in FOLLOW_UPS:
            return {who: audience[who] for who in names if who in audience}
        return only_named(names, audience)
    return audience


async def original_audience(conn: AsyncConnection, campaign: Campaign, shard: int) -> dict[str, Routes]:
    """Return who in a shard got the policy itself, by the same ways and for the same reasons as the newest of it.

    Who is about to get it is one of them: it waits for its turn, its far side, the end of its night or its digest.
    Whether they still want it is asked again when it is sent, because the reasons name their subscriptions.
    """
    c = campaigns.c
    rows = await conn.execute(
        select(d.subscriber_id, d.channel, d.contact_id, d.reasons)
        .join(campaigns, c.campaign_id == d.campaign_id)
        .where(
            c.agency_id == campaign.agency_id,
            c.policy_id == campaign.policy_id,
            c.occurrence == POLICY,
            c.revision <= campaign.revision,
            d.shard == shard,
            or_(MAY_HAVE, ON_ITS_WAY),
        )
        .order_by(c.revision)
    )
    audience: dict[str, Routes] = {}
    for subscriber_id, channel, contact_id, reasons in rows:
        whys = tuple(
            Why(why["subscription"], tuple(why["labels"])) for why in reasons if why["subscription"] != FORMER
        )
        # Having got an earlier revision is a reason to hear of the amendment, not of what follows it.
        if whys:
            audience.setdefault(subscriber_id, {})[(channel, contact_id)] = whys
    return audience
