"""Notices on their way out: claimed, addressed, settled. Every change of state is one conditional UPDATE."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, delete, exists, literal, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import contacts, notices, subscribers, subscriptions, suppressions
from config.database.schema.notices import OPEN, PROVES_NOTHING
from config.database.schema.people import PENDING_ROWS
from config.database.types import Moment
from subscribers.contacts import Vault
from subscribers.model import LEFT
from subscribers.notices import CODE_LASTS, INVITE, SIGN_IN, lasts
from subscribers.suppression import OPTED_OUT
from subscribers.tokens import Tokens
from subscribers.verdict import NIGHT, SMS, quiet_until

n = notices.c
AT_ONCE = 100
KEPT = timedelta(days=90)
UNCONFIRMED_KEPT = timedelta(days=4)  # after the last request to confirm is over
SETTLED = ("state", "reason", "due_at", "expires_at", "sent_at")


@dataclass(frozen=True)
class Claimed:
    """A notice that is ours to send; ``code`` is what it carries on a channel without links."""

    notice_id: str
    kind: str
    subscriber_id: str
    channel: str
    contact_id: str
    attempts: int
    expires_at: datetime
    code: str = field(repr=False)


@dataclass(frozen=True)
class Target:
    """Where a notice goes; ``address`` is in the clear and must never be logged."""

    name: str
    address: str = field(repr=False)


async def any_open(conn: AsyncConnection) -> bool:
    """Whether a notice waits to be sent, or is being sent."""
    return await conn.scalar(select(n.notice_id).where(OPEN).limit(1)) is not None


async def claim(
    conn: AsyncConnection,
    tokens: Tokens,
    channels: Collection[str],
    token: str,
    now_real: datetime,
    lease: timedelta,
) -> list[Claimed]:
    """Take at most `AT_ONCE` notices that are due, for ``lease``; a code is made now and only its hash is kept."""
    await conn.execute(
        update(notices)
        .where(OPEN, n.state == "planned", n.expires_at <= now_real)
        .values(state="expired", reason="not_sent_in_time")
    )
    due = (
        select(n.notice_id)
        .where(OPEN, n.state == "planned", n.due_at <= now_real, n.channel.in_(sorted(channels)))
        .where(_wakes_nobody(now_real))
        .order_by(n.due_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    taken = await conn.execute(
        update(notices)
        .where(n.notice_id.in_(due), n.state == "planned")
        .values(state="claimed", claim=token, lease_until=now_real + lease, attempts=n.attempts + 1)
        .returning(n.notice_id, n.kind, n.subscriber_id, n.channel, n.contact_id, n.attempts, n.expires_at)
    )
    claimed = [Claimed(**row, code=f"{secrets.randbelow(10**6):06d}") for row in taken.mappings()]
    hashes = [
        {"row": one.notice_id, "hash": tokens.code_hash(one.notice_id, one.code)}
        for one in claimed
        if one.channel == "sms"
    ]
    if hashes:
        keep = update(notices).where(n.notice_id == bindparam("row")).values(code_hash=bindparam("hash"))
        await conn.execute(keep, hashes)
    return claimed


def _wakes_nobody(now_real: datetime) -> ColumnElement[bool]:
    """By night no text message goes that was asked for longer ago than its code would last: nobody waits for it."""
    if quiet_until(NIGHT, now_real) is None:
        return true()
    return or_(n.channel != SMS, n.created_at > now_real - CODE_LASTS)


async def targets(conn: AsyncConnection, vault: Vault, claimed: Sequence[Claimed]) -> dict[str, Target]:
    """Return name and address by notice_id; what may not go any more is missing.

    That is: the contact or subscriber is gone, the address suppressed as dead meanwhile, or already confirmed.
    """
    c, s = contacts.c, subscribers.c
    d = suppressions.c
    # Who said no by text message may have asked for this since; what waited then was ended at once.
    dead = exists().where(d.channel == c.channel, d.blind_index == c.blind_index, d.reason != OPTED_OUT)
    query = (
        select(c.contact_id, c.address, c.consent_basis, c.withdrawn_at, s.name, s.wrapped_key)
        .select_from(contacts.join(subscribers, s.subscriber_id == c.subscriber_id))
        .where(c.contact_id.in_([one.contact_id for one in claimed]), s.status != LEFT, ~dead)
    )
    held = {row.contact_id: row for row in await conn.execute(query)}
    found = {}
    for one in claimed:
        row = held.get(one.contact_id)
        if row is None or row.wrapped_key is None or (one.kind != SIGN_IN and _confirmed(row)):
            continue
        key = vault.unwrap(row.wrapped_key)
        found[one.notice_id] = Target(
            row.name, vault.decrypt(key, one.subscriber_id, one.channel, row.address)
        )
    return found


def _confirmed(contact: Any) -> bool:
    return contact.consent_basis is not None and contact.withdrawn_at is None


_settle = (
    update(notices)
    .where(n.notice_id == bindparam("row"), n.claim == bindparam("token"), n.state == "claimed")
    .values({name: bindparam(f"new_{name}") for name in SETTLED} | {"claim": None, "lease_until": None})
)


async def settle(conn: AsyncConnection, token: str, rows: Sequence[dict[str, Any]]) -> None:
    """Write what came of claimed notices: ``notice_id`` and every column of ``SETTLED``.

    One that was used in between, because its reader was faster than this, stays used.
    """
    if rows:
        values = [
            {"row": row["notice_id"], "token": token} | {f"new_{name}": row[name] for name in SETTLED}
            for row in rows
        ]
        await conn.execute(_settle, values)


async def end_leases(conn: AsyncConnection, now_real: datetime) -> int:
    """Notices whose sender vanished: an e-mail goes again, a text message may have arrived and counts as sent."""
    lost = (OPEN, n.state == "claimed", n.lease_until < now_real)
    again = {"claim": None, "lease_until": None, "reason": "lease_expired"}
    back = await conn.execute(
        update(notices).where(*lost, n.channel != "sms").values(state="planned", due_at=now_real, **again)
    )
    good_until = {kind: literal(now_real + lasts(kind, SMS), Moment) for kind in (INVITE, SIGN_IN)}
    await conn.execute(
        update(notices)
        .where(*lost, n.channel == "sms")
        .values(
            state="sent",
            sent_at=now_real,
            expires_at=case((n.kind == INVITE, good_until[INVITE]), else_=good_until[SIGN_IN]),
            **again,
        )
    )
    return back.rowcount


async def forget(conn: AsyncConnection, now_real: datetime) -> int:
    """Drop sign-ups that nobody confirmed, with all they said, and notices that are long over.

    Returns:
        How many sign-ups were dropped.
    """
    own = n.subscriber_id == subscribers.c.subscriber_id
    alive = exists().where(own, n.expires_at > now_real - UNCONFIRMED_KEPT)
    pending = select(subscribers.c.subscriber_id).where(PENDING_ROWS, ~alive)
    ids = list(await conn.scalars(pending.limit(AT_ONCE).with_for_update(skip_locked=True)))
    for table in (notices, contacts, subscriptions, subscribers) if ids else ():
        await conn.execute(delete(table).where(table.c.subscriber_id.in_(ids)))
    await conn.execute(delete(notices).where(PROVES_NOTHING, n.created_at < now_real - KEPT))
    return len(ids)
