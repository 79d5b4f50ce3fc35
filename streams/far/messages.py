"""Which message of a far side is which of ours: written down with the row that it took, in one transaction."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from channels.channel import Outcome
from channels.errors import UnknownOutcomeError
from channels.message import Message, Receipt
from config.clock import Clock
from config.database.record import upsert
from config.database.schema import gateway_messages
from streams.delivery.outcomes import REFERENCE_CHARS, storable
from subscribers.contacts import Vault
from subscribers.errors import AddressError

GATEWAY_CHARS = 32
ANY_NUMBER, NO_NUMBER = "", "-"
ASK_AFTER = timedelta(minutes=5)  # a carrier's report is nearly always there by then
LONGEST_PAUSE = timedelta(hours=6)
NEW = ("delivery_id", "parts", "expected", "status", "failure", "over", "sent_at", "ask_at", "asks")


def number_key(vault: Vault, channel: str, number: str | None) -> str:
    """Return what stands for a number beside a far side's id; "" for none, a sign that fits nobody for a wrong one."""
    if number is None:
        return ANY_NUMBER
    try:
        return vault.blind_index(channel, number)
    except AddressError:
        return NO_NUMBER


def id_of(text: str) -> str:
    """Return a far side's id as it is kept, and looked for."""
    return storable(text, REFERENCE_CHARS)


def ask_again(clock: Clock, asks: int, now: datetime) -> datetime:
    """Return when a far side is asked after it was asked ``asks`` times."""
    return now + clock.span(min(ASK_AFTER * 2**asks, LONGEST_PAUSE))


async def write_down(
    conn: AsyncConnection,
    vault: Vault,
    clock: Clock,
    channel: str,
    taken: Iterable[tuple[Message, Outcome]],
) -> None:
    """Write down under which ids far sides took messages, or may have taken them; in the settling transaction.

    An id that a far side gives a second time is from now on that of the newer message.
    """
    now = clock.now()
    found = [
        _row(gateway, id_of(message_id), message, parts, number_key(vault, channel, message.address))
        | {"expected": expected, "sent_at": now, "ask_at": ask_again(clock, 0, now)}
        for message, outcome in taken
        for gateway, message_id, parts, expected in _ids(message, outcome)
    ]
    if found:
        # One statement must not meet the same id twice.
        alone = {(row["gateway"], row["message_id"], row["number_key"]): row for row in found}
        await conn.execute(upsert(conn, gateway_messages, NEW), list(alone.values()))


def _ids(message: Message, outcome: Outcome) -> list[tuple[str, str, int, int | None]]:
    """Return (gateway, id, parts, expected) of each part, or of the whole where its ids were lost."""
    if isinstance(outcome, Receipt) and outcome.gateway:
        return [(outcome.gateway, one, len(outcome.ids), None) for one in outcome.ids]
    if isinstance(outcome, UnknownOutcomeError) and outcome.gateway:
        return [(outcome.gateway, message.delivery_id, 0, outcome.reports)]
    return []


def _row(gateway: str, message_id: str, message: Message, parts: int, key: str) -> dict[str, Any]:
    return {
        "gateway": gateway[:GATEWAY_CHARS],
        "message_id": message_id,
        "number_key": key,
        "delivery_id": message.delivery_id,
        "parts": parts,
        "status": None,
        "failure": None,
        "over": False,
        "asks": 0,
    }
