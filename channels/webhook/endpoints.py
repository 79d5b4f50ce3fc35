"""Endpoints as the record keeps them: the generation of their secret, whether they proved themselves, what they said.

The URL is no part of it: that is a contact, sealed with the subscriber's key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.webhook.signing import Derive, endpoint_id, secret_of
from config.database.record import insert_new
from config.database.schema import webhook_attempts, webhook_endpoints

KEPT = timedelta(days=30)
OVERLAP = timedelta(hours=24)
CHUNK = 500
e, a = webhook_endpoints.c, webhook_attempts.c

Where = tuple[str, str]  # subscriber_id, URL


@dataclass(frozen=True)
class Endpoint:
    """One endpoint of one subscriber.

    Attributes:
        endpoint_id: names it without showing its URL.
        subscriber_id: whose.
        generation: of its secret, from 1.
        previous_until: until when the secret of the generation before signs, too; None: it does not.
        verified_at: when it answered a test event; None: it never did.
    """

    endpoint_id: str
    subscriber_id: str
    generation: int
    previous_until: datetime | None
    verified_at: datetime | None

    def secrets(self, derive: Derive, now: datetime) -> list[str]:
        """Return the secrets that sign at ``now`` (real time), the current one first."""
        generations = [self.generation]
        if self.previous_until is not None and now < self.previous_until:
            generations.append(self.generation - 1)
        return [secret_of(derive, self.endpoint_id, one) for one in generations]


@dataclass(frozen=True)
class Attempt:
    """One request to an endpoint: ``status`` None where no answer came, and ``answer`` then says why."""

    endpoint: Endpoint
    webhook_id: str
    at: datetime
    status: int | None
    answer: str
    took_ms: int


async def endpoints(conn: AsyncConnection, derive: Derive, wanted: Sequence[Where]) -> dict[Where, Endpoint]:
    """Return the endpoints of these subscribers and URLs, whether they were ever seen or not; nothing is written.

    Args:
        conn: anything that reads.
        derive: keys of the installation.
        wanted: subscriber and URL.
    """
    ids = {where: endpoint_id(derive, *where) for where in dict.fromkeys(wanted)}
    known = await _known(conn, list(ids.values()))
    return {where: known.get(own) or Endpoint(own, where[0], 1, None, None) for where, own in ids.items()}


async def _known(conn: AsyncConnection, ids: Sequence[str]) -> dict[str, Endpoint]:
    found: dict[str, Endpoint] = {}
    for start in range(0, len(ids), CHUNK):
        query = select(e.endpoint_id, e.subscriber_id, e.generation, e.previous_until, e.verified_at)
        rows = await conn.execute(query.where(e.endpoint_id.in_(ids[start : start + CHUNK])))
        found |= {row.endpoint_id: Endpoint(*row) for row in rows}
    return found


async def _written(conn: AsyncConnection, these: Sequence[Endpoint], now: datetime) -> None:
    """See that there is a row for each."""
    rows = [
        {"endpoint_id": one.endpoint_id, "subscriber_id": one.subscriber_id, "created_at": now}
        for one in sorted(these, key=lambda one: one.endpoint_id)
    ]
    await conn.execute(insert_new(conn, webhook_endpoints), rows)


async def rotate(conn: AsyncConnection, endpoint: Endpoint, now: datetime) -> None:
    """Begin a new secret; the one before signs beside it for ``OVERLAP``.

    Rotated twice at the same time it is rotated once: the generation is part of the condition.
    """
    await _written(conn, [endpoint], now)
    await conn.execute(
        update(webhook_endpoints)
        .where(e.endpoint_id == endpoint.endpoint_id, e.generation == endpoint.generation)
        .values(generation=endpoint.generation + 1, previous_until=now + OVERLAP)
    )


async def note(conn: AsyncConnection, attempts: Sequence[Attempt], verified: Sequence[Endpoint]) -> None:
    """Keep what endpoints answered, and which of them answered a test event.

    Args:
        conn: in a transaction.
        attempts: lately, their times real.
        verified: those that proved themselves.
    """
    if not attempts:
        return
    newest = max(attempt.at for attempt in attempts)
    await conn.execute(insert(webhook_attempts), [_row(attempt) for attempt in attempts])
    if verified:
        await _written(conn, verified, newest)
        proved = e.endpoint_id.in_(sorted({one.endpoint_id for one in verified})) & e.verified_at.is_(None)
        await conn.execute(update(webhook_endpoints).where(proved).values(verified_at=newest))


async def any_before(conn: AsyncConnection, moment: datetime) -> bool:
    """Return whether there is an attempt from before ``moment`` (real time)."""
    return (await conn.scalar(select(a.attempt_id).where(a.at < moment).limit(1))) is not None


async def forget_before(conn: AsyncConnection, moment: datetime, most: int) -> int:
    """Drop attempts from before ``moment`` (real time), at most so many; return how many those were."""
    old = select(a.attempt_id).where(a.at < moment).limit(most)
    return (await conn.execute(delete(webhook_attempts).where(a.attempt_id.in_(old)))).rowcount


async def silent_since(
    conn: AsyncConnection, moment: datetime, after: str, most: int
) -> list[tuple[str, str]]:
    """Return endpoints from before ``moment`` (real time) without an attempt, and whose they are.

    One whose secret was ever changed is none of them: forgotten, it would begin with its first secret again.

    Args:
        conn: anything that reads.
        moment: when they were there already; attempts before it are forgotten.
        after: the last ``endpoint_id`` of the call before, "" at the first.
        most: so many at most.
    """
    tried = exists().where(a.endpoint_id == e.endpoint_id)
    query = select(e.endpoint_id, e.subscriber_id).where(e.created_at < moment, e.generation == 1, ~tried)
    rows = await conn.execute(query.where(e.endpoint_id > after).order_by(e.endpoint_id).limit(most))
    return [(row.endpoint_id, row.subscriber_id) for row in rows]


async def drop_silent(conn: AsyncConnection, ids: Sequence[str]) -> int:
    """Drop these endpoints where still nothing went there; return how many those were."""
    tried = exists().where(a.endpoint_id == e.endpoint_id)
    done = await conn.execute(
        delete(webhook_endpoints).where(e.endpoint_id.in_(ids), e.generation == 1, ~tried)
    )
    return done.rowcount


async def attempts_of(conn: AsyncConnection, endpoint: Endpoint, limit: int = 20) -> list[dict[str, Any]]:
    """Return the last attempts, newest first: ``{"webhook_id", "at", "status", "answer", "took_ms"}``."""
    query = (
        select(a.webhook_id, a.at, a.status, a.answer, a.took_ms)
        .where(a.endpoint_id == endpoint.endpoint_id)
        .order_by(a.at.desc(), a.attempt_id)
        .limit(limit)
    )
    return [dict(row) for row in (await conn.execute(query)).mappings()]


def _row(attempt: Attempt) -> dict[str, Any]:
    return {
        "attempt_id": str(uuid4()),
        "endpoint_id": attempt.endpoint.endpoint_id,
        "subscriber_id": attempt.endpoint.subscriber_id,
        "webhook_id": attempt.webhook_id,
        "at": attempt.at,
        "status": attempt.status,
        "answer": attempt.answer,
        "took_ms": attempt.took_ms,
    }
