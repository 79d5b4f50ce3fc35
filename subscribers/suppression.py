"""抑制名单: addresses that are dead or complained; nothing goes there again and no import brings them back."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import insert_new
from config.database.schema import contacts, suppressions
from subscribers.contacts import Vault


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
