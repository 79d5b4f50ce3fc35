"""An endpoint for webhooks inside the test: it answers as told, slowly, hangs up in the middle, or says nothing."""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from standardwebhooks import Webhook

HANG_UP, SILENCE, DRIP, FLOOD = "hang up", "silence", "a byte a second", "an endless answer"
Script = int | str | tuple[int, dict[str, str]]


@dataclass(frozen=True)
class Received:
    """One request that was read to its end."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """Its body, read."""
        value: dict[str, Any] = orjson.loads(self.body)
        return value

    def verified(self, secret: str) -> dict[str, Any]:
        """Its body, if the library of Standard Webhooks takes its signature."""
        value: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return value


@dataclass
class WebhookReceiver:
    """Answers what stands first in ``script``, then ``usual``; if ``honest``, test events with their challenge."""

    port: int = 0
    scheme: str = "http"
    usual: Script = 204
    honest: bool = True
    script: deque[Script] = field(default_factory=deque)
    received: list[Received] = field(default_factory=list)
    poured: int = 0  # bytes of endless answers
    connections: int = 0
    open_now: int = 0
    most_open: int = 0
    meanwhile: Callable[[Received], None] = lambda _: None

    @property
    def url(self) -> str:
        """Of the endpoint."""
        return f"{self.scheme}://localhost:{self.port}/hooks/policies?to=us"

    @property
    def pushed(self) -> list[Received]:
        """What came beside test events."""
        return [one for one in self.received if one.json["type"] != "webhook.test"]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        try:
            while (received := await _request(reader)) is not None:
                self.received.append(received)
                self.meanwhile(received)
                if not await self._answer(received, writer):
                    return
        except ConnectionError:
            return
        finally:
            self.open_now -= 1
            writer.close()

    async def _answer(self, received: Received, writer: asyncio.StreamWriter) -> bool:
        said = self.script.popleft() if self.script else self.usual
        if said == HANG_UP:
            return False
        if said == SILENCE:
            await asyncio.sleep(60)
        if said == FLOOD:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            while True:
                writer.write(b"x" * 65536)
                await writer.drain()
                self.poured += 65536
        if said == DRIP:
            for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n":
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(1)
        status, headers = said if isinstance(said, tuple) else (said, {})
        body = b""
        if self.honest and status == 204 and received.json["type"] == "webhook.test":
            status, body = 200, orjson.dumps({"challenge": received.json["data"]["challenge"]})
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        length = "" if status == 204 else f"Content-Length: {len(body)}\r\n"
        writer.write(f"HTTP/1.1 {status} Said\r\n{length}{head}\r\n".encode() + body)
        await writer.drain()
        return True


async def _request(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1)[:1] + line.split(": ", 1)[1:] for line in head[1:] if line)
        body = await reader.readexactly(int(headers["content-length"]))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return Received(head[0].split(" ")[1], headers, body)


@asynccontextmanager
async def webhook_receiver(
    usual: Script = 204, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[WebhookReceiver]:
    """A receiver on a free port."""
    receiver = WebhookReceiver(scheme="https" if tls else "http", usual=usual)
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await receiver.talk(reader, writer)
        except asyncio.CancelledError:
            return  # the test is over
        finally:
            talks.discard(task)

    server = await asyncio.start_server(talk, host, 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in list(talks):
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
