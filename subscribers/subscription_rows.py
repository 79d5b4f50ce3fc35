"""Subscriptions as rows: the statements that the single and the bulk path share. Callers have locked the subscriber."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.bulk import execute_many
from config.database.record import type_insert
from config.database.schema import subscriptions
from subscribers.model import SubscriptionIn


def subscription_row(subscriber_id: str, given: SubscriptionIn, own_id: str, now: datetime) -> dict[str, Any]:
    """Return a subscription as a row; ``own_id`` is its subscription_id."""
    return {
        "subscription_id": own_id,
        "subscriber_id": subscriber_id,
        "name": given.name,
        "criteria": given.criteria.plain(),
        "channels": list(given.channels),
        "ended_at": None,
        "created_at": now,
    }


async def write_subscriptions(
    conn: AsyncConnection, values: Sequence[dict[str, Any]], *, revive: bool
) -> None:
    """Insert subscriptions or replace what they say; ended ones stay ended unless ``revive``."""
    await execute_many(conn, _upsert_subscriptions(conn.dialect.name, revive=revive), values)


@cache
def _upsert_subscriptions(dialect: str, *, revive: bool) -> Any:
    statement = type_insert[dialect](subscriptions)
    names = ("name", "criteria", "channels") + (("ended_at",) if revive else ())
    return statement.on_conflict_do_update(
        index_elements=[subscriptions.c.subscription_id],
        set_={name: statement.excluded[name] for name in names},
        where=None if revive else subscriptions.c.ended_at.is_(None),
    )
