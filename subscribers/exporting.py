"""Everything that is held about a subscriber, for itself: contacts in the clear, consents, wishes, what it was sent."""

from typing import Any

from sqlalchemy import Select, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import (
    api_keys,
    associations,
    campaigns,
    deliveries,
    inbox,
    memberships,
    notices,
    optouts,
    webhook_attempts,
)
from subscribers.contacts import Vault
from subscribers.registry import get_subscriber
from subscribers.subscriptions import get_subscriptions

OF_DELIVERIES = (
    "delivery_id",
    "channel",
    "contact_id",
    "state",
    "reason",
    "reasons",
    "attempts",
    "planned_at",
    "due_at",
    "sent_at",
    "delivered_at",
    "read_at",
    "acknowledged_at",
    "ended_at",
)
OF_CAMPAIGNS = ("agency_id", "policy_id", "revision", "occurrence")
OF_INBOX = (
    "message_id",
    "agency_id",
    "policy_id",
    "revision",
    "occurrence",
    "title",
    "reasons",
    "at",
    "read_at",
    "acknowledged_at",
)
OF_NOTICES = ("notice_id", "kind", "channel", "contact_id", "state", "created_at", "sent_at", "used_at")

OF_WEBHOOKS = ("webhook_id", "at", "status", "answer", "took_ms")


async def export(conn: AsyncConnection, vault: Vault, subscriber_id: str) -> dict[str, Any]:
    """Return all of it, moments as datetimes; never log it.

    Raises:
        UnknownSubscriberError: there is no such subscriber.
    """
    known = await get_subscriber(conn, vault, subscriber_id, reveal=True)
    held = await get_subscriptions(conn, subscriber_id, ended=True)
    m, a = memberships.c, associations.c
    member_of = (
        select(m.association_id, a.name, m.consent_at, m.consent_evidence, m.confirmed)
        .select_from(memberships.outerjoin(associations, a.association_id == m.association_id))
        .where(m.subscriber_id == subscriber_id)
    )
    return {
        "subscriber": known.model_dump(mode="json", by_alias=True),
        "subscriptions": [item.model_dump(mode="json") for item in held],
        "opt_outs": await _rows(conn, optouts, subscriber_id, ("channel", "at", "via"), "at"),
        "memberships": await _plain(conn, member_of),
        "deliveries": await _ledger_rows(conn, subscriber_id),
        "inbox": await _rows(conn, inbox, subscriber_id, OF_INBOX, "at"),
        "notices": await _rows(conn, notices, subscriber_id, OF_NOTICES, "created_at"),
        "webhooks": await _rows(conn, webhook_attempts, subscriber_id, OF_WEBHOOKS, "at"),
        "keys": await _rows(
            conn, api_keys, subscriber_id, ("key_id", "holder", "created_at", "revoked_at"), "created_at"
        ),
    }


async def _ledger_rows(conn: AsyncConnection, subscriber_id: str) -> list[dict[str, Any]]:
    d = deliveries.c
    query = (
        select(*(d[name] for name in OF_DELIVERIES), *(campaigns.c[name] for name in OF_CAMPAIGNS))
        .select_from(deliveries.join(campaigns, campaigns.c.campaign_id == d.campaign_id))
        .where(d.subscriber_id == subscriber_id)
        .order_by(d.planned_at, d.delivery_id)
    )
    return await _plain(conn, query)


async def _rows(
    conn: AsyncConnection, table: Table, subscriber_id: str, names: tuple[str, ...], by: str
) -> list[dict[str, Any]]:
    query = select(*(table.c[name] for name in names)).where(table.c.subscriber_id == subscriber_id)
    return await _plain(conn, query.order_by(table.c[by]))


async def _plain(conn: AsyncConnection, query: Select[Any]) -> list[dict[str, Any]]:
    # SQLAlchemy's column names are a kind of text of their own, which JSON writers refuse as keys.
    return [
        {"".join(name): value for name, value in row.items()}
        for row in (await conn.execute(query)).mappings()
    ]
