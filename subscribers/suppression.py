"""抑制名单: addresses that are dead or complained; nothing goes there again and no import brings them back."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import insert_new
from config.database.schema import suppressions
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
