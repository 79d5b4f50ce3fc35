"""Dead letters: what was wrong for good, kept whole with its reason, and replayed when its cause is mended."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database import Record
from config.database.record import upsert
from config.database.schema import dead_letters, events
from config.metrics import DEAD_LETTERS
from streams.access import Actor
from streams.audit import note
from streams.events.signing import REPLAY_HEADER
from streams.log import EventLog, Position

NAMESPACE = uuid.UUID("e2b3c0c8-5a4b-56b9-9a0e-9a6f1d0b7e52")
Letter = tuple[bytes | None, bytes | None, dict[str, str]]  # key, value, headers


async def put_aside(conn: AsyncConnection, at: Position, letter: Letter, reason: str, now: datetime) -> None:
    """Keep a message with its reason; the same message again gets the newest reason and may be replayed again.

    Args:
        conn: in a transaction.
        at: where it stood first; a replay that fails again is filed under the message it replays.
        letter: the message.
        reason: why it was wrong.
        now: when.
    """
    key, value, headers = letter
    reason = reason.encode("utf-8", "replace").decode().replace("\0", "")  # it may quote what was wrong
    await conn.execute(
        upsert(conn, dead_letters, ["reason", "at", "replayed_at", "replayed_by"]),
        [
            {
                "dead_letter_id": letter_id(at),
                "topic": at.topic,
                "partition": at.partition,
                "offset": at.offset,
                "key": key,
                "value": value,
                "headers": {name: text for name, text in headers.items() if name != REPLAY_HEADER},
                "reason": reason,
                "at": now,
                "replayed_at": None,
                "replayed_by": None,
            }
        ],
    )
    same = (events.c.topic == at.topic, events.c.partition == at.partition, events.c.offset == at.offset)
    await conn.execute(
        update(events)
        .where(*same, events.c.status == "received")
        .values(status="dead", reason=reason, handled_at=now)
    )
    DEAD_LETTERS.labels(at.topic).inc()


def letter_id(at: Position) -> str:
    """Return the id of the dead letter of a position."""
    return str(uuid.uuid5(NAMESPACE, str(at)))


async def list_dead(
    conn: AsyncConnection, *, limit: int = 100, after: str | None = None
) -> tuple[list[dict[str, Any]], str | None]:
    """Return dead letters, newest first, without their content, and a cursor for the next page."""
    c = dead_letters.c
    shown = (c.dead_letter_id, c.topic, c.partition, c.offset, c.reason, c.at, c.replayed_at, c.replayed_by)
    query = select(*shown).order_by(c.at.desc(), c.dead_letter_id.desc())
    if after:
        moment, last = after.split("|", 1)
        query = query.where(tuple_(c.at, c.dead_letter_id) < tuple_(datetime.fromisoformat(moment), last))
    rows = [dict(row._mapping) for row in await conn.execute(query.limit(limit + 1))]
    more = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], f"{more['at'].isoformat()}|{more['dead_letter_id']}" if more else None


async def replay(record: Record, log: EventLog, dead_letter_id: str, actor: Actor, now: datetime) -> bool:
    """Put a dead letter back on its topic, as the position it had; returns whether it was there.

    Raises:
        LogUnavailable: nothing was replayed.
    """
    async with record.write() as conn:
        row = (
            await conn.execute(select(dead_letters).where(dead_letters.c.dead_letter_id == dead_letter_id))
        ).first()
        if row is None:
            return False
        same = (
            events.c.topic == row.topic,
            events.c.partition == row.partition,
            events.c.offset == row.offset,
        )
        await conn.execute(
            update(events).where(*same, events.c.status == "dead").values(status="received", reason=None)
        )
    at, value = Position(row.topic, row.partition, row.offset), row.value or b""
    headers = {name: text.encode() for name, text in row.headers.items()}
    headers[REPLAY_HEADER] = log.replay_mark(at, value)
    await log.produce(row.topic, key=row.key, value=value, headers=headers, partition=row.partition)
    async with record.write() as conn:
        # Its agent may have been faster and put it aside again: then it lies there as before, to be replayed again.
        await conn.execute(
            update(dead_letters)
            .where(dead_letters.c.dead_letter_id == dead_letter_id, dead_letters.c.at == row.at)
            .values(replayed_at=now, replayed_by=actor.holder)
        )
        await note(
            conn,
            key=f"{dead_letter_id}|{now.isoformat()}",
            actor=actor.holder,
            action="dead_letter.replayed",
            subject=str(at),
            details={"reason": row.reason},
            now=now,
        )
    return True
