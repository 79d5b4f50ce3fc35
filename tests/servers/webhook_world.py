"""A webhook channel on a record of its own, and messages to the receiver of the tests."""

import hashlib
from datetime import UTC, datetime

from channels.message import Message
from channels.webhook.channel import WebhookChannel
from channels.webhook.endpoints import endpoints
from channels.webhook.places import open_networks
from channels.webhook.posting import Poster
from config.clock import SystemClock
from config.database import Record
from tests.servers.messages import message
from tests.servers.webhook_receiver import WebhookReceiver

LOOPBACK = open_networks("127.0.0.0/8")


def derive(purpose: str) -> bytes:
    return hashlib.sha256(purpose.encode()).digest()


def channel_of(record: Record, clock: object = None, **how: object) -> WebhookChannel:
    poster = Poster(how.pop("opened", LOOPBACK), lambda: 0.5, **how)  # type: ignore[arg-type]
    return WebhookChannel(record, poster, derive, clock or SystemClock())  # type: ignore[arg-type]


def to(receiver: WebhookReceiver, number: int = 1, **changes: object) -> Message:
    return message(number, address=receiver.url, **changes)


async def secrets_of(record: Record, one: Message) -> list[str]:
    now = datetime.now(UTC)
    async with record.write() as conn:
        found = await endpoints(conn, derive, [(one.subscriber_id, one.address)])
    return found[one.subscriber_id, one.address].secrets(derive, now)
