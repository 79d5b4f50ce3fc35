"""The lines of an SMTP conversation: commands out, one or several at once, and each reply to who waits for it."""

import asyncio
import re
from collections import deque
from typing import NamedTuple, cast

LONGEST_REPLY = 32_768  # bytes; far more than any server has to say
COMMAND = re.compile(rb"[ -~]*")


class ServerReply(NamedTuple):
    """What the server said: three digits, and the rest of its lines."""

    code: int
    text: str


class Garbled(Exception):
    """What came is no SMTP, or nobody asked for it: whose answer it is cannot be told, so the connection ends."""


class Dialogue(asyncio.Protocol):
    """Takes over a transport that has been greeted (and encrypted, and logged in).

    A reply that nobody waits for ends the connection: it would be taken for the answer to what is said next. So do a
    reply that makes no sense, and the end of the stream.
    """

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[asyncio.Future[ServerReply]] = deque()
        self._unread = b""
        self._said: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Use ``transport`` from now on."""
        self._transport = cast(asyncio.Transport, transport)

    @property
    def alive(self) -> bool:
        """Whether anything can be said."""
        return self._transport is not None and not self._transport.is_closing()

    def say(self, *commands: bytes) -> list[asyncio.Future[ServerReply]]:
        """Write ``commands``, each without its CRLF, in one go; return the replies to come, in order.

        Raises:
            ValueError: a command is more than one line of printable ASCII.
            ConnectionResetError: the connection has ended.
        """
        for command in commands:
            if not COMMAND.fullmatch(command):
                raise ValueError("a command is one line of printable ASCII")
        return self.write(b"\r\n".join(commands) + b"\r\n", len(commands))

    def write(self, raw: bytes, replies: int) -> list[asyncio.Future[ServerReply]]:
        """Write ``raw`` as it is and return as many ``replies`` to come.

        Raises:
            ConnectionResetError: the connection has ended.
        """
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError("the connection has ended")
        loop = asyncio.get_running_loop()
        coming: list[asyncio.Future[ServerReply]] = [loop.create_future() for _ in range(replies)]
        self._waiting.extend(coming)
        self._transport.write(raw)
        return coming

    def abort(self) -> None:
        """End the connection at once; who waits gets a ConnectionResetError."""
        if self._transport is not None:
            self._transport.abort()
        self._fail(ConnectionResetError("the connection was given up"))

    def data_received(self, data: bytes) -> None:
        """Hand each whole reply in what came to who waits for it."""
        *lines, self._unread = (self._unread + data).split(b"\n")
        try:
            for line in lines:
                self._line(line)
            if len(self._unread) > LONGEST_REPLY:
                raise Garbled("a reply without an end")
        except Garbled as exc:
            self._fail(exc)
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell everybody who waits."""
        self._fail(ConnectionResetError("the connection was lost"))

    def _line(self, line: bytes) -> None:
        code, more = line[:3], line[3:4]
        if not code.isdigit() or len(code) < 3 or more not in (b" ", b"-", b"\r", b""):
            raise Garbled("not a line of SMTP")
        self._said.append(line[4:].strip().decode("utf-8", "surrogateescape"))
        if more == b"-":
            if sum(map(len, self._said)) > LONGEST_REPLY:
                raise Garbled("a reply without an end")
            return
        reply = ServerReply(int(code), "\n".join(self._said))
        self._said = []
        if not self._waiting:
            raise Garbled("a reply that nobody asked for")
        waiter = self._waiting.popleft()
        if not waiter.done():
            waiter.set_result(reply)

    def _fail(self, why: Exception) -> None:
        waiting, self._waiting = self._waiting, deque()
        for waiter in waiting:
            if not waiter.done():
                waiter.set_exception(why)
                waiter.exception()  # nobody may ever ask for it
