"""抑制名单: addresses that are dead, complained or said no; nothing goes there and no import brings them back.

Only a no can be taken back, by whoever holds the address. Whoever holds an address that comes onto the list or leaves
it has changed: its version rises, and the sweep for changes that nobody has announced tells its shard within a minute.
Nothing that is sent waits for that, because a sending asks the record.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import insert_new
from config.database.schema import contacts, suppressions
from subscribers.contacts import Vault
from subscribers.errors import SAID_NO
from subscribers.model import ContactIn
from subscribers.rows import bump, chunks

OPTED_OUT = SAID_NO  # the reason where its holder said no
s = suppressions.c


async def suppress(
    conn: AsyncConnection, vault: Vault, channel: str, address: str, *, reason: str, now: datetime
) -> None:
    """Put an address on the list, once; the first reason and date stand.

    Args:
        conn: in a transaction.
        vault: makes the blind index; the address itself is not kept.
        channel: it is suppressed there only.
        address: in the clear.
        reason: what the far side said.
        now: when.
    """
    row = {
        "channel": channel,
        "blind_index": vault.blind_index(channel, address),
        "reason": reason,
        "at": now,
    }
    await _put(conn, row, now)


async def suppress_contact(conn: AsyncConnection, contact_id: str, *, reason: str, now: datetime) -> None:
    """Put a contact's address on the list without opening it; one that is gone by now is passed over.

    Args:
        conn: in a transaction.
        contact_id: whose address.
        reason: what the far side said.
        now: when.
    """
    c = contacts.c
    found = (await conn.execute(select(c.channel, c.blind_index).where(c.contact_id == contact_id))).first()
    if found is not None:
        row = {"channel": found.channel, "blind_index": found.blind_index, "reason": reason, "at": now}
        await _put(conn, row, now)


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


async def _put(conn: AsyncConnection, row: dict[str, Any], now: datetime) -> None:
    if (await conn.execute(insert_new(conn, suppressions).values(row))).rowcount:
        await _holders_changed(conn, [(row["channel"], row["blind_index"])], now)


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
