"""What people answer to text messages: words that end it close the channel at once, anything else is noted."""

import hashlib
import hmac

from channels.heard import Reply
from channels.mask import mask_contacts
from channels.sms.replies import wants_out
from config.clock import Clock
from config.database import Record
from config.logging import get_logger
from streams.announcing import announce
from streams.audit import note
from streams.log import EventLog
from subscribers.by_number import close_number
from subscribers.contacts import Vault
from subscribers.errors import AddressError

log = get_logger(__name__)

ACTOR = "sms-gateway"
PURPOSE = "sms-replies"
SHOWN_CHARS = 200


async def take_reply(record: Record, vault: Vault, events: EventLog, clock: Clock, reply: Reply) -> bool:
    """Do what a reply asks for; it is durable when this returns.

    T, TD, R and 退订 close the channel for everybody with that number and are announced. Anything else is noted without
    its number.

    Returns:
        Whether somebody left.

    Raises:
        Exception: the record is away.
    """
    if wants_out(reply.text) and await _leave(record, vault, events, clock, reply.number):
        return True
    # Two gateways may use the same id; without one of the gateway the same words of the same number count once.
    words = f"{reply.number}\n{reply.text}".encode("utf-8", "replace")
    known_by = reply.message_id or hmac.digest(vault.derive(PURPOSE), words, hashlib.sha256).hex()[:32]
    shown = mask_contacts(reply.text.replace("\0", ""))[:SHOWN_CHARS]
    async with record.write() as conn:
        await note(
            conn,
            key=f"{reply.gateway}|{known_by}",
            actor=ACTOR,
            action="sms.reply",
            subject="sms",
            details={"text": shown.encode("utf-8", "replace").decode()},
            now=clock.now(),
        )
    return False


async def _leave(record: Record, vault: Vault, events: EventLog, clock: Clock, number: str) -> bool:
    """Opt out whoever has this number and announce it; whether it is a number that can be opted out."""
    try:
        async with record.write() as conn:
            changes = await close_number(conn, vault, number, now=clock.now())
    except AddressError:
        return False
    log.info("sms.opted_out", subscribers=len(changes))
    await announce(record, events, changes)
    return True
