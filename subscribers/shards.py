"""What the matching index of one shard is made of, streamed from the record."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from sys import intern
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import contacts, optouts, subscribers, subscriptions
from subscribers.addresses import SPACE
from subscribers.leaving import EVERY_CHANNEL
from subscribers.model import ACTIVE
from subscribers.rows import CHUNK, chunks

Contact = tuple[str, str]  # channel, contact_id
Subscription = tuple[
    str, dict[str, Any], tuple[str, ...]
]  # subscription_id, criteria in canonical form, channels


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One active subscriber, as the index wants it.

    ``contacts`` are only those that may be pushed to: consented, not withdrawn, the channel not opted out of; the
    enterprise space is among them as ("space", "space"). ``profile`` is ``model.Profile`` as JSON.
    """

    subscriber_id: str
    version: int
    kind: str
    profile: dict[str, Any]
    profile_matching: bool
    profile_channels: tuple[str, ...]
    contacts: tuple[Contact, ...]
    subscriptions: tuple[Subscription, ...]


async def load_shard(
    conn: AsyncConnection, shard: int | None, *, ids: Iterable[str] | None = None
) -> AsyncIterator[IndexRow]:
    """Yield the rows of a shard; only ``CHUNK`` of them are in memory at a time.

    Those not active, and those that opted out of everything, are left out: of ``ids`` that do not come back, the index
    drops what it has. A row that changes while this runs carries its older version, and its change comes by the log.

    Args:
        conn: Anything that reads.
        shard: The shard; None, with ``ids``, for whatever shards those are of.
        ids: Only these subscribers; all of the shard by default.
    """
    if ids is not None:
        for part in chunks(sorted(set(ids))):
            query = _subscribers(shard).where(subscribers.c.subscriber_id.in_(part))
            for row in await _rows(conn, (await conn.execute(query)).all()):
                yield row
        return
    after = ""
    while True:
        query = _subscribers(shard).where(subscribers.c.subscriber_id > after).limit(CHUNK)
        page = (await conn.execute(query)).all()
        if not page:
            return
        for row in await _rows(conn, page):
            yield row
        after = page[-1].subscriber_id


def _subscribers(shard: int | None) -> Any:
    names = ("subscriber_id", "version", "kind", "profile", "profile_matching", "preferences")
    query = select(*(subscribers.c[name] for name in names)).where(subscribers.c.status == ACTIVE)
    if shard is not None:
        query = query.where(subscribers.c.shard == shard)
    return query.order_by(subscribers.c.subscriber_id)


async def _rows(conn: AsyncConnection, page: Sequence[Row[Any]]) -> list[IndexRow]:
    ids = [row.subscriber_id for row in page]
    closed = await _grouped(
        conn, select(optouts.c.subscriber_id, optouts.c.channel), optouts.c.subscriber_id, ids
    )
    reachable = await _grouped(
        conn,
        select(contacts.c.subscriber_id, contacts.c.channel, contacts.c.contact_id).where(
            contacts.c.consent_basis.is_not(None), contacts.c.withdrawn_at.is_(None)
        ),
        contacts.c.subscriber_id,
        ids,
    )
    wanted = await _grouped(
        conn,
        select(
            subscriptions.c.subscriber_id,
            subscriptions.c.subscription_id,
            subscriptions.c.criteria,
            subscriptions.c.channels,
        ).where(subscriptions.c.ended_at.is_(None)),
        subscriptions.c.subscriber_id,
        ids,
    )
    found = []
    for row in page:
        shut = {item.channel for item in closed.get(row.subscriber_id, ())}
        if EVERY_CHANNEL not in shut:
            found.append(
                _index_row(row, shut, reachable.get(row.subscriber_id, ()), wanted.get(row.subscriber_id, ()))
            )
    return found


def _index_row(
    row: Row[Any], shut: set[str], reachable: Sequence[Row[Any]], wanted: Sequence[Row[Any]]
) -> IndexRow:
    open_to = [(SPACE, SPACE), *sorted((intern(item.channel), item.contact_id) for item in reachable)]
    return IndexRow(
        subscriber_id=row.subscriber_id,
        version=row.version,
        kind=row.kind,
        profile=row.profile,
        profile_matching=row.profile_matching,
        profile_channels=_one_copy(tuple(row.preferences["profile_channels"])),
        contacts=tuple(contact for contact in open_to if contact[0] not in shut),
        subscriptions=tuple(
            (item.subscription_id, item.criteria, _one_copy(tuple(item.channels)))
            for item in sorted(wanted, key=lambda item: str(item.subscription_id))
        ),
    )


@lru_cache(maxsize=256)
def _one_copy(channels: tuple[str, ...]) -> tuple[str, ...]:
    # The index keeps them for every subscriber, and there are only so many sets of channels.
    return channels


async def _grouped(
    conn: AsyncConnection, query: Any, column: Any, ids: Sequence[str]
) -> dict[str, list[Row[Any]]]:
    groups: dict[str, list[Row[Any]]] = {}
    for row in await conn.execute(query.where(column.in_(ids))):
        groups.setdefault(row.subscriber_id, []).append(row)
    return groups
