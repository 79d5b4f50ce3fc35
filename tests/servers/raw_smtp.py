"""A mail server that keeps to no rule but the test's: any answer to any command, byte by byte if need be."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

HANG_UP = "hang up"
FINE = {
    "hello": "220 raw.test ESMTP",
    "EHLO": "250-raw.test\r\n250 PIPELINING",
    "MAIL": "250 2.1.0 OK",
    "RCPT": "250 2.1.5 OK",
    "DATA": "354 go on",
    ".": "250 2.0.0 taken",
    "RSET": "250 2.0.0 OK",
    "QUIT": "221 2.0.0 bye",
}


@dataclass
class RawSmtp:
    """What it answers, and what it got.

    ``answers[command]`` are its answers to one command after another (``hello`` is the greeting, ``.`` the end of a
    text); when they are used up it answers as everybody does. An answer may have several lines, and ``HANG_UP``
    instead of one, or after it on a line of its own, ends the connection.
    """

    answers: dict[str, list[str]] = field(default_factory=dict)
    byte_s: float = 0.0
    port: int = 0
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._answer("hello", writer)
            while line := await reader.readline():
                command = line.decode("ascii").strip()
                self.commands.append(command)
                if await self._answer(command[:4].upper(), writer) and command.upper() == "DATA":
                    text = b""
                    while (line := await reader.readline()) not in (b".\r\n", b""):
                        text += line
                    self.texts.append(text)
                    await self._answer(".", writer)
        except ConnectionError:
            pass  # we hung up, or they did
        finally:
            writer.close()

    async def _answer(self, command: str, writer: asyncio.StreamWriter) -> bool:
        """Answer; whether a text is to follow."""
        waiting = self.answers.get(command)
        answer = waiting.pop(0) if waiting else FINE[command]
        said, hangs_up, _ = answer.partition(HANG_UP)
        if said:
            raw = f"{said.strip()}\r\n".encode()
            for byte in raw if self.byte_s else ():
                writer.write(bytes([byte]))
                await asyncio.sleep(self.byte_s)
            writer.write(b"" if self.byte_s else raw)
            await writer.drain()
        if hangs_up:
            writer.transport.abort()
            raise ConnectionAbortedError
        return said.startswith("354")


@asynccontextmanager
async def raw_smtp(byte_s: float = 0.0, **answers: list[str]) -> AsyncIterator[RawSmtp]:
    """Run a server until the block ends; ``end`` are the answers to the end of a text."""
    named = {"." if name == "end" else name: list(given) for name, given in answers.items()}
    script = RawSmtp(named, byte_s)
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        with contextlib.suppress(asyncio.CancelledError):  # at the end of the block
            await script.talk(reader, writer)

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    script.port = server.sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await server.wait_closed()
