"""The enterprise space as its owner reads it. Unread is what the inbox says, everywhere."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.message import Reason
from channels.reasons import load_reasons
from config.database.schema import deliveries, inbox

MOST = 200


@dataclass(frozen=True)
class InboxMessage:
    """A message in the enterprise space; its times are aware, in UTC."""

    message_id: str
    agency_id: str
    policy_id: str
    revision: int
    occurrence: str
    title: str
    reasons: tuple[Reason, ...]
    at: datetime
    read_at: datetime | None
    acknowledged_at: datetime | None


async def messages(
    conn: AsyncConnection, subscriber_id: str, *, before: str | None = None, limit: int = 50
) -> list[InboxMessage]:
    """Return a page of the inbox, newest first.

    Args:
        conn: a connection of the record.
        subscriber_id: whose inbox.
        before: the ``message_id`` of the last message of the page before; an unknown one gives an empty page.
        limit: the most to return, 1 to 200.
    """
    query = (
        select(inbox)
        .where(inbox.c.subscriber_id == subscriber_id)
        .order_by(inbox.c.at.desc(), inbox.c.message_id.desc())
        .limit(max(1, min(limit, MOST)))
    )
    if before is not None:
        last = select(inbox.c.at).where(_is(subscriber_id, before)).scalar_subquery()
        query = query.where(
            or_(inbox.c.at < last, and_(inbox.c.at == last, inbox.c.message_id < before)),
        )
    return [
        InboxMessage(
            row.message_id,
            row.agency_id,
            row.policy_id,
            row.revision,
            row.occurrence,
            row.title,
            load_reasons(row.reasons),
            row.at,
            row.read_at,
            row.acknowledged_at,
        )
        for row in await conn.execute(query)
    ]


async def unread_count(conn: AsyncConnection, subscriber_id: str) -> int:
    """Return how many messages of the inbox were never read."""
    query = select(func.count()).where(inbox.c.subscriber_id == subscriber_id, inbox.c.read_at.is_(None))
    count: int = (await conn.execute(query)).scalar_one()
    return count


async def mark_read(conn: AsyncConnection, subscriber_id: str, message_id: str, now: datetime) -> bool:
    """Note the first reading, in the inbox and in the ledger; later ones change nothing.

    Returns:
        Whether there is such a message in this inbox.
    """
    found = await conn.execute(
        update(inbox)
        .where(_is(subscriber_id, message_id))
        .values(read_at=func.coalesce(inbox.c.read_at, now, type_=inbox.c.read_at.type))
    )
    if found.rowcount == 0:
        return False
    await conn.execute(
        update(deliveries)
        .where(deliveries.c.delivery_id == message_id, deliveries.c.read_at.is_(None))
        .values(read_at=now)
    )
    return True


async def acknowledge(conn: AsyncConnection, subscriber_id: str, message_id: str, now: datetime) -> bool:
    """Note that the message was acknowledged, and so read; a second acknowledgement changes nothing.

    Returns:
        Whether there is such a message in this inbox.
    """
    if not await mark_read(conn, subscriber_id, message_id, now):
        return False
    await conn.execute(
        update(inbox)
        .where(_is(subscriber_id, message_id), inbox.c.acknowledged_at.is_(None))
        .values(acknowledged_at=now)
    )
    await conn.execute(
        update(deliveries)
        .where(deliveries.c.delivery_id == message_id, deliveries.c.acknowledged_at.is_(None))
        .values(acknowledged_at=now)
    )
    return True


def _is(subscriber_id: str, message_id: str) -> ColumnElement[bool]:
    return and_(inbox.c.message_id == message_id, inbox.c.subscriber_id == subscriber_id)
