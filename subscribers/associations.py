"""Associations, chambers and parks (协会、商会、园区), and the subscribers that agreed to be their members."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import upsert
from config.database.schema import associations, memberships, subscribers
from subscribers.model import ACTIVE
from subscribers.rows import chunks, in_shard_of_few


@dataclass(frozen=True)
class Association:
    """An association by its id and name."""

    association_id: str
    name: str


@dataclass(frozen=True)
class Membership:
    """One member's consent to be one; ``evidence`` says where the proof lies.

    ``confirmed`` is what is read: whether staff or the association says so, too. Who writes decides it, not what is
    given.
    """

    association_id: str
    subscriber_id: str
    consent_at: datetime
    evidence: str
    confirmed: bool = False


async def put_association(conn: AsyncConnection, association_id: str, name: str, *, now: datetime) -> None:
    """Create an association or rename it."""
    row = {"association_id": association_id, "name": name, "created_at": now}
    await conn.execute(upsert(conn, associations, ["name"]), [row])


async def find_association(conn: AsyncConnection, association_id: str) -> Association | None:
    """Return an association by its id."""
    name = await conn.scalar(
        select(associations.c.name).where(associations.c.association_id == association_id)
    )
    return None if name is None else Association(association_id, name)


async def list_associations(conn: AsyncConnection) -> list[Association]:
    """Return every association, by id."""
    a = associations.c
    rows = await conn.execute(select(a.association_id, a.name).order_by(a.association_id))
    return [Association(*row) for row in rows]


async def put_memberships(conn: AsyncConnection, given: Iterable[Membership]) -> None:
    """Enter members with their consent, on the word of staff: so they are confirmed.

    A membership that is there takes the newer words, and one that the member had entered itself is confirmed by it.
    """
    rows = [
        {
            "association_id": one.association_id,
            "subscriber_id": one.subscriber_id,
            "consent_at": one.consent_at,
            "consent_evidence": one.evidence,
            "confirmed": True,
        }
        for one in given
    ]
    words = ["consent_at", "consent_evidence", "confirmed"]
    for part in chunks(rows):
        await conn.execute(upsert(conn, memberships, words), part)


async def put_membership(
    conn: AsyncConnection, association_id: str, subscriber_id: str, *, consent_at: datetime, evidence: str
) -> None:
    """Enter one member with its consent, on the word of staff."""
    await put_memberships(conn, [Membership(association_id, subscriber_id, consent_at, evidence)])


async def members(conn: AsyncConnection, association_id: str, *, shard: int | None = None) -> list[str]:
    """Return the ids of the active members (of one shard), ascending."""
    query = _members(association_id)
    if shard is not None:
        query = query.where(subscribers.c.shard == shard)
    return [row.subscriber_id for row in await conn.execute(query)]


@dataclass(frozen=True)
class Member:
    """All that an association may know of a member, and whether its membership is confirmed."""

    subscriber_id: str
    name: str
    confirmed: bool


async def named_members(
    conn: AsyncConnection,
    association_id: str,
    *,
    confirmed: bool | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> list[Member]:
    """Return the active members by id: all of them, or only those who are (or are not) confirmed."""
    query = _members(association_id).limit(limit)
    if confirmed is not None:
        query = query.where(memberships.c.confirmed.is_(confirmed))
    if after is not None:
        query = query.where(subscribers.c.subscriber_id > after)
    rows = await conn.execute(query)
    return [Member(row.subscriber_id, row.name, row.confirmed) for row in rows]


def _members(association_id: str) -> Select[tuple[str, str, bool]]:
    s = subscribers.c
    return (
        select(s.subscriber_id, s.name, memberships.c.confirmed)
        .join(memberships, memberships.c.subscriber_id == s.subscriber_id)
        .where(memberships.c.association_id == association_id, s.status == ACTIVE)
        .order_by(s.subscriber_id)
    )


async def count_members(conn: AsyncConnection, association_id: str) -> int:
    """Return how many active members there are."""
    count = await conn.scalar(
        select(func.count())
        .select_from(memberships)
        .join(subscribers, memberships.c.subscriber_id == subscribers.c.subscriber_id)
        .where(memberships.c.association_id == association_id, subscribers.c.status == ACTIVE)
    )
    return int(count or 0)


async def named_audience(
    conn: AsyncConnection,
    shard: int | None,
    *,
    subscriber_ids: Iterable[str] = (),
    credit_codes: Iterable[str] = (),
    association_ids: Iterable[str] = (),
    among: Collection[str] | None = None,
) -> frozenset[str]:
    """Return a shard's active subscribers that a 定向公开范围 names, by any of the three ways.

    Credit codes are public and anybody may join: a code or a membership that the subscriber entered itself counts from
    when staff (for a membership also the association) has confirmed it.

    Args:
        conn: anything that reads.
        shard: the shard; None, with ``among``, for whatever shards those are of.
        subscriber_ids: named by id.
        credit_codes: named by credit code.
        association_ids: named by membership.
        among: only these subscribers, some hundred; all of the shard by default.
    """
    m, s = memberships.c, subscribers.c
    everywhere = [s.status == ACTIVE]
    if among is not None:
        everywhere.append(s.subscriber_id.in_(sorted(among)))
        subscriber_ids = set(subscriber_ids).intersection(among)
    here = everywhere if shard is None else [*everywhere, s.shard == shard]
    of = select(m.subscriber_id).where(
        m.association_id.in_(sorted(set(association_ids))), m.confirmed.is_(True)
    )
    found = set(await conn.scalars(select(s.subscriber_id).where(*here, s.subscriber_id.in_(of))))
    for part in chunks(sorted(set(subscriber_ids))):
        found |= set(await conn.scalars(select(s.subscriber_id).where(*here, s.subscriber_id.in_(part))))
    for part in chunks(sorted(set(credit_codes))):
        coded = (in_shard_of_few(shard), s.credit_code.in_(part), s.credit_code_confirmed.is_(True))
        found |= set(await conn.scalars(select(s.subscriber_id).where(*everywhere, *coded)))
    return frozenset(found)
