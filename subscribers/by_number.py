"""Who answers a text message is known by its number alone: whoever has that number is opted out."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import contacts
from subscribers.contacts import Vault
from subscribers.leaving import opt_out
from subscribers.model import Change
from subscribers.suppression import suppress

SMS = "sms"
OPTED_OUT = "opted_out"


async def close_number(conn: AsyncConnection, vault: Vault, number: str, *, now: datetime) -> list[Change]:
    """Close the channel sms for every subscriber with this number; it counts from the next send on.

    A number that nobody has is suppressed, so that no import brings it in. A second time nothing changes.

    Args:
        conn: in a transaction.
        vault: finds the number without opening a contact.
        number: as the gateway says it.
        now: when.

    Returns:
        The subscribers as they are now, for the shards to be told; none where the number was unknown.

    Raises:
        AddressError: that is no mobile number.
    """
    index = vault.blind_index(SMS, number)
    query = select(contacts.c.subscriber_id).where(contacts.c.channel == SMS, contacts.c.blind_index == index)
    # Ascending, as every writer of several subscribers goes.
    holders = sorted(set(await conn.scalars(query)))
    if not holders:
        await suppress(conn, vault, SMS, number, reason=OPTED_OUT, now=now)
    return [await opt_out(conn, who, f"channel:{SMS}", via=SMS, now=now) for who in holders]
