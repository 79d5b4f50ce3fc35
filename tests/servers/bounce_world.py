"""A receiver of bounces beside a flow, and what a mail server says to it."""

import asyncio
import smtplib
from collections.abc import Mapping

from channels.email.bounces import load_rules
from channels.email.verp import return_path
from service.bounces import BounceTaker, bounce_listener
from service.smtp_server import Address
from streams.names import MATCH_TASKS
from tests.support.flow import Flow

DOMAIN = "bounce.example.gov.cn"
KEY = b"k" * 32


class Receiver:
    """A receiver of bounces beside a flow, and what a mail server says to it."""

    def __init__(self, flow: Flow, address: Address) -> None:
        self.flow, self.address = flow, address
        self.taker = BounceTaker(flow.record, flow.clock, load_rules(), DOMAIN, KEY, address.lmtp)
        self.listener = bounce_listener(self.taker, address)

    def client(self) -> smtplib.SMTP:
        """A connection, by the standard library's client."""
        if self.address.path is not None:
            return smtplib.LMTP(str(self.address.path))
        kind = smtplib.LMTP if self.address.lmtp else smtplib.SMTP
        return kind(self.address.host, self.address.port, timeout=10)

    async def hand(self, raw: bytes, *recipients: str) -> Mapping[str, tuple[int, bytes]]:
        """Send a message as a mail server does; returns the recipients that were refused."""

        def send() -> Mapping[str, tuple[int, bytes]]:
            with self.client() as client:
                return client.sendmail("", recipients, raw)

        return await asyncio.to_thread(send)


async def pushed(flow: Flow) -> str:
    """A mail that went; returns the id of its delivery."""
    await flow.subscriber("S-1")
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    delivery_id = str((await flow.row())["delivery_id"])
    await flow.deliver("email", [delivery_id])
    return delivery_id


def back(delivery_id: str) -> str:
    return return_path(delivery_id, DOMAIN, KEY)
