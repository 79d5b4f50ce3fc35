"""全程留痕: a row for everything a person decided."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import insert_new
from config.database.schema import audit

NAMESPACE = uuid.UUID("5d3cbd58-7c9c-5b5e-9a6e-6f0a6b6e2f11")


async def note(
    conn: AsyncConnection,
    *,
    key: str,
    actor: str,
    action: str,
    subject: str,
    details: Mapping[str, Any],
    now: datetime,
) -> None:
    """Write an audit row, once per ``key`` (an event's identity), in the transaction that does what it tells."""
    row = {
        "audit_id": str(uuid.uuid5(NAMESPACE, f"{action}|{key}")),
        "at": now,
        "actor": actor,
        "action": action,
        "object": subject,
        "details": dict(details),
    }
    await conn.execute(insert_new(conn, audit), [row])
