"""How far a relayed revision came among an association's members, counted; what may be shown of it is `masking`'s."""

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import campaign_shards, campaigns, deliveries, memberships, subscribers
from streams.campaigns.occurrences import RELAY
from streams.campaigns.record import campaign_id
from streams.masking import Reach
from streams.relay.record import Relay
from subscribers.associations import count_members
from subscribers.model import ACTIVE

UNSETTLED = ("planned", "claimed")


async def reach_of(conn: AsyncConnection, relay: Relay) -> Reach:
    """Return the reach of a relay among the members there are now.

    Reached is who has a delivered message of the revision. Whom another association's relay reached is in none of the
    two figures.
    """
    c, d = campaigns.c, deliveries.c
    delivered = d.delivered_at.is_not(None)
    opened = or_(d.read_at.is_not(None), d.acknowledged_at.is_not(None))
    by_agency = and_(delivered, c.occurrence.not_like(f"{RELAY}:%"))
    by_relay = and_(delivered, c.occurrence == relay.occurrence)
    each = (
        select(
            _any(by_agency).label("by_agency"),
            _any(by_relay).label("by_relay"),
            _any(and_(or_(by_agency, by_relay), opened)).label("read"),
        )
        .select_from(memberships)
        .join(subscribers, subscribers.c.subscriber_id == memberships.c.subscriber_id)
        .join(deliveries, d.subscriber_id == memberships.c.subscriber_id)
        .join(campaigns, c.campaign_id == d.campaign_id)
        .where(
            memberships.c.association_id == relay.association_id,
            subscribers.c.status == ACTIVE,
            c.agency_id == relay.agency_id,
            c.policy_id == relay.policy_id,
            c.revision == relay.revision,
        )
        .group_by(memberships.c.subscriber_id)
        .subquery()
    )
    only_by_relay = and_(each.c.by_relay == 1, each.c.by_agency == 0)
    row = (
        await conn.execute(
            select(
                func.coalesce(func.sum(each.c.by_agency), 0),
                func.coalesce(func.sum(case((only_by_relay, 1), else_=0)), 0),
                func.coalesce(func.sum(each.c.read), 0),
            )
        )
    ).one()
    return Reach(await count_members(conn, relay.association_id), *(int(count) for count in row))


async def is_complete(conn: AsyncConnection, relay: Relay) -> bool:
    """Whether every shard has planned the relay and nothing of it is planned or claimed any more."""
    campaign = campaign_id(relay.agency_id, relay.policy_id, relay.revision, relay.occurrence)
    s, d = campaign_shards.c, deliveries.c
    shards, marked = (
        await conn.execute(select(func.count(), func.count(s.done_at)).where(s.campaign_id == campaign))
    ).one()
    under_way = await conn.scalar(
        select(func.count()).where(d.campaign_id == campaign, d.state.in_(UNSETTLED))
    )
    return bool(shards) and shards == marked and not under_way


def _any(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.max(case((condition, 1), else_=0))
