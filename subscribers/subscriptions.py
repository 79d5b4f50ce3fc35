"""The subscriptions of one subscriber, always replaced as a whole."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import subscriptions
from subscribers.criteria import subscription_id
from subscribers.errors import TooManySubscriptionsError
from subscribers.model import Change, SubscriptionIn
from subscribers.rows import bump, chunks
from subscribers.subscription_rows import subscription_row, write_subscriptions

MAX_SUBSCRIPTIONS = 64


class SubscriptionOut(BaseModel):
    """A subscription as it is shown; ``criteria`` in canonical form, ``id`` may be given back in a later put."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    criteria: dict[str, Any]
    channels: tuple[str, ...]
    created_at: AwareDatetime
    ended_at: AwareDatetime | None


async def names_of(conn: AsyncConnection, subscription_ids: Collection[str]) -> dict[str, str]:
    """Return the names of subscriptions, ended or not, by id; what is none is missing."""
    s = subscriptions.c
    found: dict[str, str] = {}
    for part in chunks(sorted(subscription_ids)):
        rows = await conn.execute(select(s.subscription_id, s.name).where(s.subscription_id.in_(part)))
        found |= {row.subscription_id: row.name for row in rows}
    return found


def running(subscriber_id: str) -> ColumnElement[bool]:
    """Where the subscriptions of a subscriber stand that have not ended."""
    s = subscriptions.c
    return (s.subscriber_id == subscriber_id) & s.ended_at.is_(None)


async def keep_to_the_limit(conn: AsyncConnection, subscriber_id: str) -> None:
    """Refuse one subscription too many, after it was written; the subscriber is locked.

    Raises:
        TooManySubscriptionsError: more than ``MAX_SUBSCRIPTIONS`` run.
    """
    if (await conn.scalar(select(func.count()).where(running(subscriber_id))) or 0) > MAX_SUBSCRIPTIONS:
        raise TooManySubscriptionsError(
            f"a subscriber may hold {MAX_SUBSCRIPTIONS} subscriptions; end one first"
        )


async def put_subscriptions(
    conn: AsyncConnection, subscriber_id: str, given: Sequence[SubscriptionIn], *, now: datetime
) -> Change:
    """Make ``given`` the subscriptions of a subscriber: known ones are replaced or taken up again, missing ones end.

    Raises:
        UnknownSubscriberError: there is no such subscriber.
        TooManySubscriptionsError: more than ``MAX_SUBSCRIPTIONS``.
    """
    if len(given) > MAX_SUBSCRIPTIONS:
        raise TooManySubscriptionsError(
            f"{len(given)} subscriptions; a subscriber may hold {MAX_SUBSCRIPTIONS}"
        )
    change = await bump(conn, subscriber_id, now)  # first: it locks the subscriber against a second writer
    own = subscriptions.c.subscriber_id == subscriber_id
    known = set(await conn.scalars(select(subscriptions.c.subscription_id).where(own)))
    rows = {}
    for item in given:
        # Who reads its subscriptions and puts them back sends our ids, not its own words.
        own_id = item.id if item.id in known else subscription_id(subscriber_id, item.id, item.criteria)
        rows[str(own_id)] = subscription_row(subscriber_id, item, str(own_id), now)
    await write_subscriptions(conn, list(rows.values()), revive=True)
    ended = own & subscriptions.c.ended_at.is_(None) & subscriptions.c.subscription_id.not_in(list(rows))
    await conn.execute(update(subscriptions).where(ended).values(ended_at=now))
    return change


async def get_subscriptions(
    conn: AsyncConnection, subscriber_id: str, *, ended: bool = False
) -> list[SubscriptionOut]:
    """Return the active subscriptions by age, with ``ended`` also those that have ended; none for an unknown id."""
    query = select(subscriptions).where(subscriptions.c.subscriber_id == subscriber_id)
    if not ended:
        query = query.where(subscriptions.c.ended_at.is_(None))
    rows = await conn.execute(query.order_by(subscriptions.c.created_at, subscriptions.c.subscription_id))
    return [
        SubscriptionOut(
            id=row.subscription_id,
            name=row.name,
            criteria=row.criteria,
            channels=tuple(row.channels),
            created_at=row.created_at,
            ended_at=row.ended_at,
        )
        for row in rows
    ]
