"""Bounces as operators see them: the newest first, and how many of each kind came lately. No address is in them."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import bounces

b = bounces.c
SHOWN = (b.bounce_id, b.at, b.word, b.status, b.rule, b.delivery_id, b.detail, b.parked, b.applied_at)


async def list_bounces(
    conn: AsyncConnection,
    *,
    word: str | None = None,
    parked: bool | None = None,
    limit: int = 100,
    after: str | None = None,
) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page, newest first, and a cursor for the next one.

    Args:
        conn: a connection.
        word: only these (`channels.email.bounces.Word`).
        parked: only those that changed nothing, or only the others.
        limit: rows at most.
        after: the cursor of the page before.

    Raises:
        ValueError: ``after`` is no cursor of this list.
    """
    query = select(*SHOWN).order_by(b.at.desc(), b.bounce_id.desc())
    if word is not None:
        query = query.where(b.word == word)
    if parked is not None:
        query = query.where(b.parked.is_not(None) if parked else b.parked.is_(None))
    if after is not None:
        moment, last = after.split("|", 1)
        query = query.where(tuple_(b.at, b.bounce_id) < tuple_(datetime.fromisoformat(moment), last))
    rows = [dict(row._mapping) for row in await conn.execute(query.limit(limit + 1))]
    more = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], f"{more['at'].isoformat()}|{more['bounce_id']}" if more else None


async def count_bounces(conn: AsyncConnection) -> dict[str, int]:
    """Return how many of each word are kept: those of the last 30 days."""
    counted = select(b.word, func.count()).group_by(b.word).order_by(b.word)
    return {row[0]: row[1] for row in await conn.execute(counted)}
