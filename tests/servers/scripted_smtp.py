"""A mail server inside the test: it answers as told and can hang up in the middle of a conversation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.ports import free_port

HANG_UP = "hang up"
SILENCE = "silence"


@dataclass
class ScriptedSmtp:
    """An aiosmtpd handler; ``replies[stage]`` gives an answer per recipient, stages are ``rcpt`` and ``data``.

    ``HANG_UP`` ends the connection instead of answering, ``SILENCE`` never answers. ``hang_up_at_mail`` counts how
    many times MAIL is answered by hanging up. With ``pipelining`` it says that it takes several commands at once; it
    does so in any case.
    """

    port: int = 0
    replies: dict[str, dict[str, str]] = field(default_factory=lambda: {"rcpt": {}, "data": {}})
    received: list[tuple[str, bytes]] = field(default_factory=list)
    connections: list[Any] = field(default_factory=list)
    hang_up_at_mail: int = 0
    pipelining: bool = False

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def open_connections(self) -> int:
        return sum(1 for c in self.connections if c.transport is not None and not c.transport.is_closing())

    def hang_up_all(self) -> None:
        for connection in self.connections:
            if connection.transport is not None:
                connection.transport.abort()

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", *responses[1:]] if self.pipelining else responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.hang_up_at_mail:
            self.hang_up_at_mail -= 1
            return await self._answer(server, HANG_UP)
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self.replies["rcpt"].get(address)
        if reply is not None:
            return await self._answer(server, reply)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        address = envelope.rcpt_tos[0]
        reply = self.replies["data"].get(address)
        if reply is None or reply in (HANG_UP, SILENCE):
            self.received.append((address, bytes(envelope.content or b"")))
        return "250 2.0.0 OK" if reply is None else await self._answer(server, reply)

    async def _answer(self, server: SMTP, reply: str) -> str:
        if reply == HANG_UP:
            server.transport.abort()
        elif reply == SILENCE:
            await asyncio.sleep(30)
        return reply


@asynccontextmanager
async def scripted_smtp(port: int | None = None, *, pipelining: bool = False) -> AsyncIterator[ScriptedSmtp]:
    """Run a server until the block ends."""
    script = ScriptedSmtp(port or free_port(), pipelining=pipelining)
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        connection = SMTP(script, hostname="sink.test", loop=loop, enable_SMTPUTF8=True)
        script.connections.append(connection)
        return connection

    server = await loop.create_server(protocol, "127.0.0.1", script.port)
    try:
        yield script
    finally:
        script.hang_up_all()
        server.close()
        await server.wait_closed()
