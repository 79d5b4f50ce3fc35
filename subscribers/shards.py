"""What the matching index of one shard is made of, streamed from the record."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from sys import intern
from typing import Any

from sqlalchemy import Text, bindparam, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.jsontext import from_text
from config.database.schema import contacts, optouts, subscribers, subscriptions
from subscribers.addresses import SPACE
from subscribers.leaving import EVERY_CHANNEL
from subscribers.model import ACTIVE
from subscribers.rows import CHUNK, chunks

b, c, o, s = subscriptions.c, contacts.c, optouts.c, subscribers.c
IN_SPACE = (SPACE, SPACE)

Contact = tuple[str, str]  # channel, contact_id
Subscription = tuple[
    str, str, tuple[str, ...]
]  # subscription_id, criteria in canonical form as JSON, channels


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
            query = _subscribers(shard).where(s.subscriber_id.in_(part))
            for row in await _rows(conn, (await conn.execute(query)).all()):
                yield row
        return
    after = ""
    while True:
        query = _subscribers(shard).where(s.subscriber_id > after).limit(CHUNK)
        page = (await conn.execute(query)).all()
        if not page:
            return
        for row in await _rows(conn, page):
            yield row
        after = page[-1].subscriber_id


def _subscribers(shard: int | None) -> Any:
    return _ACTIVE if shard is None else _ACTIVE.where(s.shard == shard)


async def _rows(conn: AsyncConnection, page: Sequence[Any]) -> list[IndexRow]:
    ids = [row.subscriber_id for row in page]
    shut: defaultdict[str, set[str]] = defaultdict(set)
    for subscriber_id, channel in await conn.execute(_SHUT, {"ids": ids}):
        shut[subscriber_id].add(channel)
    reachable: defaultdict[str, list[Contact]] = defaultdict(list)
    for subscriber_id, channel, contact_id in await conn.execute(_REACHABLE, {"ids": ids}):
        if channel not in shut.get(subscriber_id, ()):
            reachable[subscriber_id].append((intern(channel), contact_id))
    wanted: defaultdict[str, list[Subscription]] = defaultdict(list)
    for subscriber_id, subscription_id, criteria, channels in await conn.execute(_WANTED, {"ids": ids}):
        wanted[subscriber_id].append((subscription_id, criteria, _channels(channels)))
    return [
        IndexRow(
            subscriber_id=subscriber_id,
            version=version,
            kind=kind,
            profile=profile,
            profile_matching=matching,
            profile_channels=_profile_channels(preferences),
            contacts=(
                *(() if SPACE in shut.get(subscriber_id, ()) else (IN_SPACE,)),
                *sorted(reachable.get(subscriber_id, ())),
            ),
            subscriptions=tuple(sorted(wanted.get(subscriber_id, ()), key=itemgetter(0))),
        )
        for subscriber_id, version, kind, profile, matching, preferences in page
        if EVERY_CHANNEL not in shut.get(subscriber_id, ())
    ]


# The index keeps these for every subscriber, and there are only so many different ones.


@lru_cache(maxsize=256)
def _channels(text: str) -> tuple[str, ...]:
    return tuple(map(intern, from_text(text)))


@lru_cache(maxsize=1024)
def _profile_channels(preferences: str) -> tuple[str, ...]:
    return tuple(map(intern, from_text(preferences)["profile_channels"]))


def _of(column: Any) -> Any:
    return column.in_(bindparam("ids", expanding=True))


# Made once: to put a statement together costs more than SQLite needs to answer it. What few different values there are
# of comes as text, and is read once for all who have it.
_SHUT = select(o.subscriber_id, o.channel).where(_of(o.subscriber_id))
_REACHABLE = select(c.subscriber_id, c.channel, c.contact_id).where(
    c.consent_basis.is_not(None), c.withdrawn_at.is_(None), _of(c.subscriber_id)
)
_WANTED = select(b.subscriber_id, b.subscription_id, cast(b.criteria, Text), cast(b.channels, Text)).where(
    b.ended_at.is_(None), _of(b.subscriber_id)
)
_ACTIVE = (
    select(s.subscriber_id, s.version, s.kind, s.profile, s.profile_matching, cast(s.preferences, Text))
    .where(s.status == ACTIVE)
    .order_by(s.subscriber_id)
)
