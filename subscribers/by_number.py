"""Who answers a text message is known by its number alone: whoever has that number is opted out."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import contacts, notices
from subscribers.contacts import Vault
from subscribers.leaving import opt_out
from subscribers.model import Change
from subscribers.suppression import OPTED_OUT, suppress

SMS = "sms"


async def close_number(conn: AsyncConnection, vault: Vault, number: str, *, now: datetime) -> list[Change]:
    """Close the channel sms for every subscriber with this number; it counts from the next send on.

    The number is suppressed, too, whether somebody has it or not, so that no import brings it in under another id; and
    no request to confirm it that waits goes out. Who has the number may take it back: by a code that was sent to it, or
    by opening the channel again. A second time nothing changes.

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
    await suppress(conn, vault, SMS, number, reason=OPTED_OUT, now=now)
    changes = [await opt_out(conn, who, f"channel:{SMS}", via=SMS, now=now) for who in holders]
    of_number = select(contacts.c.contact_id).where(
        contacts.c.channel == SMS, contacts.c.blind_index == index
    )
    waits = notices.c.contact_id.in_(of_number) & (notices.c.state == "planned")
    await conn.execute(update(notices).where(waits).values(state="expired", reason=OPTED_OUT))
    return changes
