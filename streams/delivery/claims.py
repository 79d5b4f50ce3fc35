"""Claims: who sends a row right now, and what came of it. Every change is one conditional UPDATE."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import deliveries

d = deliveries.c
SETTLED = ("state", "reason", "attempts", "due_at", "gateway_ref", "sent_at", "delivered_at", "ended_at")


async def claim(
    conn: AsyncConnection, delivery_ids: Sequence[str], token: str, now: datetime, lease: timedelta
) -> list[dict[str, Any]]:
    """Take the rows that are planned and due; nobody else gets them until the lease ends, ``lease`` from ``now``."""
    taken = await conn.execute(
        update(deliveries)
        .where(d.delivery_id.in_(delivery_ids), d.state == "planned", d.due_at <= now)
        .values(state="claimed", claim=token, lease_until=now + lease, attempts=d.attempts + 1)
        .returning(
            d.delivery_id,
            d.campaign_id,
            d.subscriber_id,
            d.channel,
            d.contact_id,
            d.reasons,
            d.attempts,
            d.digest_id,
            d.sent_at,
        )
    )
    return [dict(row) for row in taken.mappings()]


async def prolong(conn: AsyncConnection, delivery_ids: Sequence[str], token: str, until: datetime) -> bool:
    """Let the lease of claimed rows end at ``until``; whether any of them is still the claim's."""
    mine = (d.delivery_id.in_(delivery_ids), d.claim == token, d.state == "claimed")
    return bool((await conn.execute(update(deliveries).where(*mine).values(lease_until=until))).rowcount)


_settle = (
    update(deliveries)
    .where(d.delivery_id == bindparam("row"), d.claim == bindparam("token"), d.state == "claimed")
    .values({name: bindparam(f"new_{name}") for name in SETTLED} | {"claim": None, "lease_until": None})
)


async def settle(conn: AsyncConnection, token: str, rows: Sequence[dict[str, Any]]) -> None:
    """Write what came of claimed rows; a claim that was lost in between changes nothing.

    Args:
        conn: in a transaction.
        token: the claim.
        rows: ``delivery_id`` and every column of ``SETTLED``.
    """
    if rows:
        values = [
            {"row": row["delivery_id"], "token": token} | {f"new_{name}": row[name] for name in SETTLED}
            for row in rows
        ]
        await conn.execute(_settle, values)
