"""What the matching index of one shard is made of, streamed from the record."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from functools import lru_cache
from operator import itemgetter
from sys import intern
from typing import Any

from sqlalchemy import Text, and_, bindparam, case, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.jsontext import from_text
from config.database.schema import contacts, optouts, subscribers, subscriptions, suppressions
from subscribers.addresses import SPACE
from subscribers.leaving import EVERY_CHANNEL
from subscribers.model import ACTIVE
from subscribers.rows import CHUNK, chunks
from subscribers.stamps import Stamp, stamp

b, c, o, s, dead = subscriptions.c, contacts.c, optouts.c, subscribers.c, suppressions.c
IN_SPACE = (SPACE, SPACE)
# Why nothing goes to a channel, as `verdict.Stop` says it.
OPTED_OUT, NO_CONSENT, SUPPRESSED = "opted_out", "no_consent", "contact_suppressed"

Contact = tuple[str, str]  # channel, contact_id
Barred = tuple[str, str]  # channel, reason
Subscription = tuple[
    str, str, tuple[str, ...]
]  # subscription_id, criteria in canonical form as JSON, channels


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One active subscriber, as the index wants it.

    ``contacts`` are only those that may be pushed to: consented, not withdrawn, the channel not opted out of; the
    enterprise space is among them as ("space", "space"). One whose address is suppressed is among them, too: it gets
    rows, which end as ``contact_suppressed``, so that the funnel shows whom a dead address kept from a policy.

    ``blocked`` are (channel, reason): the channels that have contacts of which none gets anything, each once, with the
    reason that `verdict.judge` would give: ``opted_out``; ``no_consent`` where no contact has a consent in force;
    ``contact_suppressed`` where each that has one is suppressed. ``quiet_hours`` are [from, to) in minutes of the day
    in Asia/Shanghai and may span midnight. ``profile`` is ``model.Profile`` as JSON. ``stamp`` is the one that it had
    before its contacts and subscriptions were read, see `stamps`.
    """

    subscriber_id: str
    version: int
    kind: str
    profile: dict[str, Any]
    profile_matching: bool
    profile_channels: tuple[str, ...]
    contacts: tuple[Contact, ...]
    subscriptions: tuple[Subscription, ...]
    blocked: tuple[Barred, ...] = ()
    quiet_hours: tuple[int, int] | None = None
    frequency: str = "instant"
    stamp: Stamp = (0, 0)


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
    reachable, barred = await _contacts(conn, ids, shut)
    wanted: defaultdict[str, list[Subscription]] = defaultdict(list)
    for subscriber_id, subscription_id, criteria, channels in await conn.execute(_WANTED, {"ids": ids}):
        wanted[subscriber_id].append((subscription_id, criteria, _channels(channels)))
    rows = []
    for subscriber_id, version, at, kind, profile, matching, preferences in page:
        closed = shut.get(subscriber_id, ())
        if EVERY_CHANNEL in closed:
            continue
        own = sorted(reachable.get(subscriber_id, ()))
        profile_channels, quiet_hours, frequency = _preferences(preferences)
        row = IndexRow(
            subscriber_id=subscriber_id,
            version=version,
            kind=kind,
            profile=profile,
            profile_matching=matching,
            profile_channels=profile_channels,
            contacts=tuple(own) if SPACE in closed else (IN_SPACE, *own),
            subscriptions=tuple(sorted(wanted.get(subscriber_id, ()), key=itemgetter(0))),
            blocked=_blocked(barred[subscriber_id], own) if subscriber_id in barred else (),
            quiet_hours=quiet_hours,
            frequency=frequency,
            stamp=stamp(version, at),
        )
        rows.append(row)
    return rows


async def _contacts(
    conn: AsyncConnection, ids: Sequence[str], shut: Mapping[str, set[str]]
) -> tuple[dict[str, list[Contact]], dict[str, list[Barred]]]:
    """Return what may be pushed to, and (channel, reason) of each contact that gets nothing, by subscriber."""
    reachable: defaultdict[str, list[Contact]] = defaultdict(list)
    barred: defaultdict[str, list[Barred]] = defaultdict(list)
    for subscriber_id, closed in shut.items():
        if SPACE in closed:
            barred[subscriber_id].append((SPACE, OPTED_OUT))
    for subscriber_id, channel, contact_id, reason in await conn.execute(_CONTACTS, {"ids": ids}):
        if channel in shut.get(subscriber_id, ()):
            barred[subscriber_id].append((intern(channel), OPTED_OUT))
            continue
        if reason is not None:
            barred[subscriber_id].append((intern(channel), intern(reason)))
        if reason != NO_CONSENT:
            reachable[subscriber_id].append((intern(channel), contact_id))
    return reachable, barred


def _blocked(barred: Iterable[Barred], reachable: Sequence[Contact]) -> tuple[Barred, ...]:
    """Return the channels on which nothing arrives, each with one reason."""
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    for channel, reason in barred:
        reasons[channel].append(reason)
    found = []
    for channel, why in sorted(reasons.items()):
        pushable = sum(contact[0] == channel for contact in reachable)
        if pushable == why.count(SUPPRESSED):  # among those that may be pushed to
            found.append((channel, SUPPRESSED if pushable else why[0]))
    return tuple(found)


# The index keeps these for every subscriber, and there are only so many different ones.


@lru_cache(maxsize=256)
def _channels(text: str) -> tuple[str, ...]:
    return tuple(map(intern, from_text(text)))


@lru_cache(maxsize=4096)
def _preferences(text: str) -> tuple[tuple[str, ...], tuple[int, int] | None, str]:
    """Return the channels of the profile, the quiet hours and the frequency."""
    said = from_text(text)
    quiet = said.get("quiet_hours")
    hours = None if quiet is None else (_minutes(quiet["from"]), _minutes(quiet["to"]))
    return tuple(map(intern, said["profile_channels"])), hours, intern(said["frequency"])


def _minutes(clock: str) -> int:
    at = time.fromisoformat(clock)
    return at.hour * 60 + at.minute


def _of(column: Any) -> Any:
    return column.in_(bindparam("ids", expanding=True))


# Made once: to put a statement together costs more than SQLite needs to answer it. What few different values there are
# of comes as text, and is read once for all who have it.
_SHUT = select(o.subscriber_id, o.channel).where(_of(o.subscriber_id))
_CONTACTS = (
    select(
        c.subscriber_id,
        c.channel,
        c.contact_id,
        case(
            (or_(c.consent_basis.is_(None), c.withdrawn_at.is_not(None)), NO_CONSENT),
            (dead.reason.is_not(None), SUPPRESSED),
        ),
    )
    .select_from(
        contacts.outerjoin(suppressions, and_(dead.channel == c.channel, dead.blind_index == c.blind_index))
    )
    .where(_of(c.subscriber_id))
)
_WANTED = select(b.subscriber_id, b.subscription_id, cast(b.criteria, Text), cast(b.channels, Text)).where(
    b.ended_at.is_(None), _of(b.subscriber_id)
)
_ACTIVE = (
    select(
        s.subscriber_id,
        s.version,
        s.updated_at,
        s.kind,
        s.profile,
        s.profile_matching,
        cast(s.preferences, Text),
    )
    .where(s.status == ACTIVE)
    .order_by(s.subscriber_id)
)
