"""What a notice was sent for: its link was opened and the button pressed, or its code was typed in."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import contacts, notices, subscribers
from subscribers.contacts import Vault
from subscribers.errors import SubscriberError
from subscribers.model import ACTIVE, LEFT, PENDING, Change
from subscribers.notices import SIGN_IN, Kind
from subscribers.rows import bump, note
from subscribers.suppression import lift
from subscribers.tokens import Tokens

BASIS = "double opt-in"
GOOD_FOR_USE = ("claimed", "sent")  # claimed: the reader was faster than the note that it was sent
n = notices.c


class NoticeOverError(SubscriberError):
    """A link was used before, its time is over, or what it was about is gone. Ask for a new one."""


@dataclass(frozen=True)
class Redeemed:
    """Whose notice it was; ``change`` is to be announced, None where nothing changed."""

    kind: str
    subscriber_id: str
    notice_id: str
    change: Change | None


async def redeem_link(
    conn: AsyncConnection, notice_id: str, kind: Kind, *, now: datetime, now_real: datetime
) -> Redeemed:
    """Use a link once: a confirmation gives consent and makes the subscriber active, a sign-in proves who it is.

    Args:
        conn: In a transaction.
        notice_id: From the link's token.
        kind: What the link is for.
        now: Domain time, the moment of the consent.
        now_real: Real time, which the link lasts by.

    Raises:
        NoticeOverError: it was used before, is over, or is no such link.
    """
    await _lock(conn, n.notice_id == notice_id)
    row = await _used(conn, notice_id, now_real, n.kind == kind)
    if row is None:
        raise NoticeOverError("this link was used before or its time is over; ask for a new one")
    return await _redeemed(conn, row, now)


async def good_for(conn: AsyncConnection, notice_id: str, kind: Kind, *, now_real: datetime) -> bool:
    """Whether `redeem_link` would take a link; nothing changes."""
    query = select(n.notice_id).where(
        n.notice_id == notice_id, n.kind == kind, n.state.in_(GOOD_FOR_USE), n.expires_at > now_real
    )
    return await conn.scalar(query) is not None


async def redeem_code(
    conn: AsyncConnection,
    vault: Vault,
    tokens: Tokens,
    channel: str,
    address: str,
    code: str,
    *,
    now: datetime,
    now_real: datetime,
) -> Redeemed | None:
    """Use a code that was sent to ``address``; None where it is wrong, which costs one of five guesses.

    Commit in any case: a guess that is rolled back was none.

    Raises:
        AddressError: no address.
        NoticeOverError: the contact is gone.
    """
    same = contacts.c.blind_index == vault.blind_index(channel, address)
    mine = select(contacts.c.contact_id).where(contacts.c.channel == channel, same)
    await _lock(conn, n.contact_id.in_(mine))
    # The guess is counted before it is looked at, so that many at once are not more than five.
    guessed = await conn.execute(
        update(notices)
        .where(
            n.contact_id.in_(mine),
            n.state.in_(GOOD_FOR_USE),
            n.expires_at > now_real,
            n.code_hash.is_not(None),
            n.guesses_left > 0,
        )
        .values(guesses_left=n.guesses_left - 1)
        .returning(n.notice_id, n.code_hash)
    )
    for notice in guessed.all():
        if hmac.compare_digest(notice.code_hash, tokens.code_hash(notice.notice_id, code)):
            row = await _used(conn, notice.notice_id, now_real)
            if row is not None:
                return await _redeemed(conn, row, now)
    return None


async def _lock(conn: AsyncConnection, which: Any) -> None:
    # Every writer takes the subscriber's row first, or it and an erasure would wait for each other.
    ids = select(n.subscriber_id).where(which)
    s = subscribers.c.subscriber_id
    await conn.execute(select(s).where(s.in_(ids)).order_by(s).with_for_update())


async def _used(conn: AsyncConnection, notice_id: str, now_real: datetime, *more: Any) -> Any:
    done = await conn.execute(
        update(notices)
        .where(n.notice_id == notice_id, n.state.in_(GOOD_FOR_USE), n.expires_at > now_real, *more)
        .values(state="used", used_at=now_real, claim=None, lease_until=None)
        .returning(n.notice_id, n.kind, n.subscriber_id, n.contact_id)
    )
    return done.one_or_none()


async def _redeemed(conn: AsyncConnection, notice: Any, now: datetime) -> Redeemed:
    change = None
    if notice.kind != SIGN_IN:
        change = await _confirmed(conn, notice, now)
    return Redeemed(notice.kind, notice.subscriber_id, notice.notice_id, change)


async def _confirmed(conn: AsyncConnection, notice: Any, now: datetime) -> Change:
    change = await bump(conn, notice.subscriber_id, now)
    given = await conn.execute(
        update(contacts)
        .where(contacts.c.contact_id == notice.contact_id, contacts.c.subscriber_id == notice.subscriber_id)
        .values(
            consent_basis=BASIS,
            consent_at=now,
            consent_evidence=f"notice {notice.notice_id}",
            withdrawn_at=None,
        )
    )
    s = subscribers.c
    there = await conn.scalar(select(s.status).where(s.subscriber_id == notice.subscriber_id))
    if not given.rowcount or there == LEFT:
        raise NoticeOverError("what this link was about is gone; sign up again")
    if await lift(conn, contacts.c.contact_id == notice.contact_id, now=now):
        change = await bump(conn, notice.subscriber_id, now)  # the newest version is the one to be announced
    await conn.execute(
        update(subscribers)
        .where(s.subscriber_id == notice.subscriber_id, s.status == PENDING)
        .values(status=ACTIVE)
    )
    await note(
        conn,
        notice.subscriber_id,
        "contact.confirmed",
        notice.subscriber_id,
        {"notice": notice.notice_id},
        now,
    )
    return change
