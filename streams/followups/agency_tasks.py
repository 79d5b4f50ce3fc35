"""What an agency is asked to do about a policy of its own: opened once, settled once, never deleted."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import insert_new
from config.database.schema import agency_tasks

NAMESPACE = uuid.UUID("2f0f8c1e-64c5-5d0a-9d38-7a0c0b3b8a51")
INTERPRETATION_MISSING = "interpretation_missing"


@dataclass(frozen=True)
class Task:
    """A row of agency_tasks; ``text`` is Chinese, for the people of the agency."""

    task_id: str
    agency_id: str
    policy_id: str
    kind: str
    text: str
    at: datetime
    settled_at: datetime | None


def task_id(agency_id: str, policy_id: str, kind: str) -> str:
    """Return the id, the same at every try: a policy has one task of a kind."""
    return str(uuid.uuid5(NAMESPACE, f"{agency_id}|{policy_id}|{kind}"))


async def open_task(
    conn: AsyncConnection, agency_id: str, policy_id: str, kind: str, text: str, now: datetime
) -> bool:
    """Ask an agency to do something; what was asked already stays as it is, settled or not.

    Args:
        conn: a transaction.
        agency_id: whom.
        policy_id: about which policy.
        kind: e.g. ``interpretation_missing``; at most 32 characters. What may come again carries a
            number (``tracking:2``).
        text: what to do, in Chinese.
        now: the moment.

    Returns:
        Whether it is new.
    """
    row = {
        "task_id": task_id(agency_id, policy_id, kind),
        "agency_id": agency_id,
        "policy_id": policy_id,
        "kind": kind,
        "text": text,
        "at": now,
    }
    return bool((await conn.execute(insert_new(conn, agency_tasks), [row])).rowcount)


async def settle_task(
    conn: AsyncConnection, agency_id: str, policy_id: str, kind: str, now: datetime
) -> bool:
    """Write that the tasks of a kind are done, numbered ones (``tracking:2``) included.

    Returns:
        Whether any was open; what never was opened is nothing to settle.
    """
    t = agency_tasks.c
    done = await conn.execute(
        update(agency_tasks)
        .where(t.agency_id == agency_id, t.policy_id == policy_id, t.settled_at.is_(None))
        .where(or_(t.kind == kind, t.kind.startswith(f"{kind}:", autoescape=True)))
        .values(settled_at=now)
    )
    return bool(done.rowcount)


async def open_tasks(conn: AsyncConnection, agency_id: str | None = None, limit: int = 100) -> list[Task]:
    """Return the tasks not settled yet, oldest first; of every agency without ``agency_id``."""
    t = agency_tasks.c
    query = select(agency_tasks).where(t.settled_at.is_(None)).order_by(t.at, t.task_id).limit(limit)
    if agency_id is not None:
        query = query.where(t.agency_id == agency_id)
    return [Task(**row._mapping) for row in await conn.execute(query)]
