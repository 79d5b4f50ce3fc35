"""An SMSC inside the test, byte by byte: it binds everybody, and does what it is told to what comes then."""

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.servers.ports import free_port

HEADER = struct.Struct(">IIII")
SUBMIT_SM, DELIVER_SM, UNBIND, ENQUIRE_LINK = 0x04, 0x05, 0x06, 0x15
BINDS = (0x01, 0x02, 0x09)
RESPONSE = 0x80000000


def pdu(command: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    return HEADER.pack(HEADER.size + len(body), command, status, sequence) + body


def report(message_id: str, number: str = "8613800138000", stat: str = "DELIVRD") -> bytes:
    """The body of a report."""
    text = f"id:{message_id} sub:001 dlvrd:001 submit date:2611221000 done date:2611221001 stat:{stat} err:000 text:"
    ends = b"\0\1\1" + number.encode() + b"\0\0\1" + b"10690001\0"
    return ends + b"\x04\0\0\0\0\0\0\0\0" + bytes((len(text),)) + text.encode()


@dataclass
class Connection:
    """One that bound; the test writes to it what it likes."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    answers: dict[int, int] = field(default_factory=dict)

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def deliver(self, sequence: int, body: bytes) -> None:
        await self.write(pdu(DELIVER_SM, sequence, body))

    async def answered(self, sequence: int, timeout_s: float = 10.0) -> int:
        """What was answered to a delivery; an answer is taken once."""
        async with asyncio.timeout(timeout_s):
            while sequence not in self.answers:
                await asyncio.sleep(0.01)
        return self.answers.pop(sequence)

    def hang_up(self) -> None:
        self.writer.transport.abort()


Submitted = Callable[[Connection, int, int], Awaitable[None]]


async def take(connection: Connection, sequence: int, count: int) -> None:
    """Take a message: its id is how many there were."""
    await connection.write(pdu(SUBMIT_SM | RESPONSE, sequence, f"{count}\0".encode()))


@dataclass
class ScriptedSmsc:
    """`submitted` is what becomes of a message, given its sequence number and how many there were."""

    port: int = 0
    submitted: Submitted = take
    answers_enquiries: bool = True
    connections: list[Connection] = field(default_factory=list)
    messages: int = 0
    enquiries: int = 0

    def url(self, options: str = "") -> str:
        return f"smpp://gov:secret@127.0.0.1:{self.port}?from=10690001{options}"

    async def bound(self, times: int = 1, timeout_s: float = 10.0) -> Connection:
        """Wait until somebody bound so often; the last connection."""
        async with asyncio.timeout(timeout_s):
            while len(self.connections) < times:
                await asyncio.sleep(0.01)
        return self.connections[-1]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer)
        try:
            while True:
                await self._answer(connection, *await self._read(reader))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.transport.abort()

    async def _read(self, reader: asyncio.StreamReader) -> tuple[int, int, int, bytes]:
        length, command, status, sequence = HEADER.unpack(await reader.readexactly(HEADER.size))
        return command, status, sequence, await reader.readexactly(length - HEADER.size)

    async def _answer(
        self, connection: Connection, command: int, status: int, sequence: int, body: bytes
    ) -> None:
        if command in BINDS:
            await connection.write(pdu(command | RESPONSE, sequence, b"scripted\0"))
            self.connections.append(connection)
        elif command == ENQUIRE_LINK:
            self.enquiries += 1
            if self.answers_enquiries:
                await connection.write(pdu(command | RESPONSE, sequence))
        elif command == UNBIND:
            await connection.write(pdu(command | RESPONSE, sequence))
        elif command == SUBMIT_SM:
            self.messages += 1
            await self.submitted(connection, sequence, self.messages)
        elif command == DELIVER_SM | RESPONSE:
            connection.answers[sequence] = status


@asynccontextmanager
async def scripted_smsc(port: int = 0) -> AsyncIterator[ScriptedSmsc]:
    """Run one on a free port of 127.0.0.1, or on this one."""
    smsc = ScriptedSmsc(port or free_port())
    server = await asyncio.start_server(smsc.serve, "127.0.0.1", smsc.port)
    try:
        yield smsc
    finally:
        server.close()
        for connection in smsc.connections:
            connection.hang_up()
        await server.wait_closed()
