"""An SMS gateway inside the test: it answers as told, hangs up in the middle, or says nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

HANG_UP = (0, "hang up")
SILENCE = (0, "silence")
DRIP = (0, "drip")
ACCEPTED = (202, "0: Accepted for delivery")


@dataclass
class ScriptedGateway:
    """Speaks as Kannel's sendsms does; ``answers`` gives status and text per number.

    ``asked`` are the parameters of every request that was read to its end.
    """

    port: int = 0
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        """As ZHENGDA_SMS_URL takes it."""
        return f"kannel://gov:secret@127.0.0.1:{self.port}"

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        try:
            while head := await self._head(reader):
                target = head.split(b" ", 2)[1].decode("ascii")
                given = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
                self.asked.append(given)
                status, text = self.answers.get(given.get("to", ""), ACCEPTED)
                if (status, text) == SILENCE:
                    await asyncio.sleep(60)
                if (status, text) == DRIP:
                    await self._drip(writer)
                if not status:
                    return
                body = text.encode()
                writer.write(f"HTTP/1.1 {status} OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        finally:
            writer.close()

    async def _drip(self, writer: asyncio.StreamWriter) -> None:
        """Begin an answer that goes on byte by byte for a minute."""
        writer.write(b"HTTP/1.1 202 OK\r\nContent-Length: 1200\r\n\r\n")
        for _ in range(1200):
            writer.write(b".")
            await asyncio.sleep(0.05)

    async def _head(self, reader: asyncio.StreamReader) -> bytes:
        try:
            return await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""


@asynccontextmanager
async def scripted_gateway() -> AsyncIterator[ScriptedGateway]:
    """A gateway on a free port of 127.0.0.1."""
    gateway = ScriptedGateway()
    server = await asyncio.start_server(gateway.talk, "127.0.0.1", 0)
    gateway.port = server.sockets[0].getsockname()[1]
    try:
        yield gateway
    finally:
        server.close()
