"""抑制名单: addresses that are dead, complained or said no; nothing goes there and no import brings them back.

A failure that proves nothing (a full mailbox, a telephone that is off for weeks) is counted, and what failed several
times within a month is taken for dead.

Only a no can be taken back, by whoever holds the address. Whoever holds an address that comes onto the list or leaves
it has changed: its version rises, and the sweep for changes that nobody has announced tells its shard within a minute.
Nothing that is sent waits for that, because a sending asks the record.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import insert_new
from config.database.schema import contacts, soft_failures, subscribers, suppressions
from subscribers.contacts import Vault
from subscribers.errors import SAID_NO
from subscribers.model import ContactIn
from subscribers.rows import bump, chunks

OPTED_OUT = SAID_NO  # the reason where its holder said no
UNREACHABLE = "unreachable"  # the reason where it failed too often
SOFT_FAILURES, SOFT_WITHIN = 3, timedelta(days=30)  # so many within that time are as good as a dead address
s = suppressions.c


async def suppress(
    conn: AsyncConnection,
    vault: Vault,
    channel: str,
    address: str,
    *,
    reason: str,
    now: datetime,
    said: str | None = None,
) -> None:
    """Put an address on the list, once; the first reason and date stand.

    Args:
        conn: in a transaction.
        vault: makes the blind index; the address itself is not kept.
        channel: it is suppressed there only.
        address: in the clear.
        reason: ``gone``, ``opted_out``, …, or an operator's words.
        now: when.
        said: the far side's own words, without addresses.
    """
    row = {
        "channel": channel,
        "blind_index": vault.blind_index(channel, address),
        "reason": reason,
        "at": now,
        "said": said,
    }
    await _put(conn, row, now)


async def suppress_contact(
    conn: AsyncConnection, contact_id: str, *, reason: str, now: datetime, said: str | None = None
) -> None:
    """Put a contact's address on the list without opening it; one that is gone by now is passed over.

    Args:
        conn: in a transaction.
        contact_id: whose address.
        reason: ``gone``, ``complained``, ``opted_out``.
        now: when.
        said: the far side's own words, without addresses.
    """
    c = contacts.c
    found = (await conn.execute(select(c.channel, c.blind_index).where(c.contact_id == contact_id))).first()
    if found is not None:
        address = {"channel": found.channel, "blind_index": found.blind_index}
        await _put(conn, address | {"reason": reason, "at": now, "said": said}, now)


async def soft_failure(conn: AsyncConnection, contact_id: str, *, at: datetime, key: str) -> bool:
    """Count a failure that does not say whether the address is dead; the third within 30 days suppresses it.

    Args:
        conn: in a transaction.
        contact_id: whose address failed; one that is gone by now is passed over.
        at: when it failed.
        key: what failed, at most 128 characters: the delivery's id. The same one counts once, however often it is told.

    Returns:
        Whether the address has just been suppressed.
    """
    c, f = contacts.c, soft_failures.c
    of_contact = select(c.channel, c.blind_index).where(c.contact_id == contact_id)
    found = (await conn.execute(of_contact)).one_or_none()
    if found is None:
        return False
    address = {"channel": found.channel, "blind_index": found.blind_index}
    holders = select(c.subscriber_id).filter_by(**address)
    # Whoever counts waits for whoever counts beside it, or two that are the second and the third both see two. Locked
    # are the holders' rows, which every writer locks first.
    theirs = select(subscribers.c.subscriber_id).where(subscribers.c.subscriber_id.in_(holders))
    await conn.execute(theirs.order_by(subscribers.c.subscriber_id).with_for_update())
    new = insert_new(conn, soft_failures).values(address | {"key": key, "at": at})
    if not (await conn.execute(new)).rowcount:
        return False
    recent = select(func.count()).select_from(soft_failures).filter_by(**address)
    failed: int = (await conn.execute(recent.where(f.at > at - SOFT_WITHIN))).scalar_one()
    return failed >= SOFT_FAILURES and await _put(conn, address | {"reason": UNREACHABLE, "at": at}, at)


async def forget_soft_failures(conn: AsyncConnection, now: datetime) -> int:
    """Delete failures that count no longer; return how many."""
    old = delete(soft_failures).where(soft_failures.c.at <= now - SOFT_WITHIN)
    return int((await conn.execute(old)).rowcount)


async def lift(conn: AsyncConnection, which: ColumnElement[bool], *, now: datetime) -> bool:
    """Take back the no that was said from these contacts; what is dead or complained stays.

    Args:
        conn: in a transaction.
        which: of the table contacts. Only whoever proved to hold the address may take it back.
        now: when.

    Returns:
        Whether there was one.
    """
    c = contacts.c
    same = select(c.contact_id).where(which, c.channel == s.channel, c.blind_index == s.blind_index)
    gone = delete(suppressions).where(s.reason == OPTED_OUT, same.exists())
    lifted = (await conn.execute(gone.returning(s.channel, s.blind_index))).all()
    await _holders_changed(conn, [(row.channel, row.blind_index) for row in lifted], now)
    return bool(lifted)


async def reinstate(
    conn: AsyncConnection, channel: str, blind_index: str, *, reason: str, now: datetime
) -> bool:
    """Take an address off the list that has proved to be alive again: an endpoint that answers a test event.

    Args:
        conn: in a transaction.
        channel: of the address.
        blind_index: of the address.
        reason: for which it was put there; one that is there for another stays.
        now: domain time.

    Returns:
        Whether it was there.
    """
    which = (s.channel == channel, s.blind_index == blind_index, s.reason == reason)
    gone = await conn.execute(delete(suppressions).where(*which))
    if gone.rowcount:
        await _holders_changed(conn, [(channel, blind_index)], now)
    return bool(gone.rowcount)


async def _put(conn: AsyncConnection, row: dict[str, Any], now: datetime) -> bool:
    if not (await conn.execute(insert_new(conn, suppressions).values(row))).rowcount:
        return False
    await _holders_changed(conn, [(row["channel"], row["blind_index"])], now)
    return True


async def _holders_changed(
    conn: AsyncConnection, addresses: Iterable[tuple[str, str]], now: datetime
) -> None:
    c = contacts.c
    same = [and_(c.channel == channel, c.blind_index == index) for channel, index in addresses]
    if same:
        holders = await conn.scalars(select(c.subscriber_id).where(or_(*same)))
        for subscriber_id in sorted(set(holders)):
            await bump(conn, subscriber_id, now)


async def holders_that_said_no(
    conn: AsyncConnection, dead: Mapping[ContactIn, str], indexes: Mapping[ContactIn, str]
) -> set[tuple[str, str]]:
    """Return (subscriber_id, blind index) of who holds those of the suppressed contacts that said no.

    Such a contact is no news: whoever puts or imports it again brings in nothing that was not there.

    Args:
        conn: a connection.
        dead: suppressed contacts and why.
        indexes: the blind index of every contact.
    """
    found: set[tuple[str, str]] = set()
    said_no = sorted({indexes[contact] for contact, reason in dead.items() if reason == OPTED_OUT})
    for part in chunks(said_no):
        query = select(contacts.c.subscriber_id, contacts.c.blind_index)
        found |= {
            (row[0], row[1]) for row in await conn.execute(query.where(contacts.c.blind_index.in_(part)))
        }
    return found
