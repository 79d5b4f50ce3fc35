"""What staff vouches for: the credit code or the membership that a subscriber entered itself.

Until then a targeted policy that names the code or the association does not name this subscriber: credit codes are
public, and anybody may join.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import memberships, subscribers
from subscribers.errors import SubscriberError, UnknownSubscriberError
from subscribers.model import ACTIVE, Change
from subscribers.rows import bump, chunks, in_shard_of_few, note


class OtherCodeError(SubscriberError):
    """The subscriber does not state the credit code that was looked into; it may have changed it since."""


class NoMemberError(SubscriberError, LookupError):
    """Nobody of this id is a member of this association."""


@dataclass(frozen=True)
class Unconfirmed:
    """A subscriber with a credit code that nobody but itself has entered."""

    subscriber_id: str
    name: str
    credit_code: str


async def unconfirmed_codes(
    conn: AsyncConnection, *, after: str | None = None, limit: int
) -> list[Unconfirmed]:
    """Return the active subscribers whose credit code waits to be confirmed, by id, at most ``limit``."""
    s = subscribers.c
    query = (
        select(s.subscriber_id, s.name, s.credit_code)
        .where(s.status == ACTIVE, s.credit_code.is_not(None), s.credit_code_confirmed.is_(False))
        .order_by(s.subscriber_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(s.subscriber_id > after)
    return [Unconfirmed(*row) for row in await conn.execute(query)]


async def waiting_to_be_named(
    conn: AsyncConnection,
    shard: int,
    *,
    credit_codes: Iterable[str],
    association_ids: Iterable[str],
    but: Collection[str],
) -> dict[str, int]:
    """Return how many of a shard a 定向公开范围 would name as well, were what they entered themselves confirmed.

    Args:
        conn: anything that reads.
        shard: the shard.
        credit_codes: the scope's.
        association_ids: the scope's.
        but: whom the scope names already, see `associations.named_audience`; for them a confirmation changes nothing.

    Returns:
        ``{"credit_codes", "memberships"}``, active subscribers; one that waits for both is in both.
    """
    s, m = subscribers.c, memberships.c
    by_code, by_membership = set[str](), set[str]()
    for part in chunks(sorted(set(credit_codes))):
        stated = (in_shard_of_few(shard), s.credit_code.in_(part), s.credit_code_confirmed.is_(False))
        by_code |= set(await conn.scalars(select(s.subscriber_id).where(s.status == ACTIVE, *stated)))
    for part in chunks(sorted(set(association_ids))):
        joined = select(m.subscriber_id).where(m.association_id.in_(part), m.confirmed.is_(False))
        here = (s.shard == shard, s.status == ACTIVE, s.subscriber_id.in_(joined))
        by_membership |= set(await conn.scalars(select(s.subscriber_id).where(*here)))
    named = set(but)
    return {"credit_codes": len(by_code - named), "memberships": len(by_membership - named)}


async def vouch_for_code(
    conn: AsyncConnection, subscriber_id: str, code: str, *, confirmed: bool, actor: str, now: datetime
) -> Change:
    """Say that a credit code is this subscriber's, or take that back. Twice is fine.

    Args:
        conn: In a transaction.
        subscriber_id: Whose.
        code: The code that was looked into.
        confirmed: Whether it is.
        actor: Who says so, for the audit.
        now: When.

    Returns:
        The change to announce: a policy that is open to late comers may name the code.

    Raises:
        UnknownSubscriberError: there is no such subscriber.
        OtherCodeError: it states another code, or none.
    """
    change = await bump(conn, subscriber_id, now)
    s = subscribers.c
    done = await conn.execute(
        update(subscribers)
        .where(s.subscriber_id == subscriber_id, s.credit_code == code)
        .values(credit_code_confirmed=confirmed)
    )
    if not done.rowcount:
        raise OtherCodeError(f"{subscriber_id} does not state the credit code {code} (any more); look again")
    # Without the code: the audit outlives an erasure.
    await note(conn, actor, "credit_code.vouched", subscriber_id, {"confirmed": confirmed}, now)
    return change


async def vouch_for_membership(
    conn: AsyncConnection,
    association_id: str,
    subscriber_id: str,
    *,
    confirmed: bool,
    actor: str,
    now: datetime,
) -> Change:
    """Say that a subscriber is a member indeed, or take that back; its consent stays as it is. Twice is fine.

    Returns:
        The change to announce: a policy that is open to late comers may name the association.

    Raises:
        NoMemberError: it is no member; whether there is such a subscriber at all is not told.
    """
    nobody = NoMemberError(f"{subscriber_id} is no member of {association_id}")
    try:
        change = await bump(conn, subscriber_id, now)
    except UnknownSubscriberError as exc:
        raise nobody from exc
    m = memberships.c
    done = await conn.execute(
        update(memberships)
        .where(m.association_id == association_id, m.subscriber_id == subscriber_id)
        .values(confirmed=confirmed)
    )
    if not done.rowcount:
        raise nobody
    details = {"association_id": association_id, "confirmed": confirmed}
    await note(conn, actor, "membership.vouched", subscriber_id, details, now)
    return change
