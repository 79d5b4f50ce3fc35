"""抑制名单: addresses that are dead, complained or said no; nothing goes there and no import brings them back.

Only a no can be taken back, by whoever holds the address.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import insert_new
from config.database.schema import contacts, suppressions
from subscribers.contacts import Vault
from subscribers.errors import SAID_NO
from subscribers.model import ContactIn
from subscribers.rows import chunks

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
    await conn.execute(insert_new(conn, suppressions), [row])


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
        await conn.execute(insert_new(conn, suppressions), [row])


async def lift(conn: AsyncConnection, which: ColumnElement[bool]) -> None:
    """Take back the no that was said from these contacts; what is dead or complained stays.

    Args:
        conn: in a transaction.
        which: of the table contacts. Only whoever proved to hold the address may take it back.
    """
    c = contacts.c
    same = select(c.contact_id).where(which, c.channel == s.channel, c.blind_index == s.blind_index)
    await conn.execute(delete(suppressions).where(s.reason == OPTED_OUT, same.exists()))


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
