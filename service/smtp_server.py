"""A small SMTP and LMTP server on the service's own loop, with limits: aiosmtpd speaks, this says to how many."""

import asyncio
import contextlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP

MOST_CONNECTIONS = 20
SILENCE_S = 60.0  # without a word
SESSION_S = 600.0  # however many words: one byte each second is no way to hold a place
COMMANDS = 200  # of a kind, in a session
LINE_BYTES = 1 << 16  # bounces quote HTML, whose lines are longer than RFC 5321 has them
IDENT = "Zhengda"
FULL = b"421 4.7.0 too many connections, try again later\r\n"


@dataclass(frozen=True)
class Address:
    """Where to listen: a host and a port, or a socket of this machine."""

    lmtp: bool
    host: str = ""
    port: int = 0
    path: Path | None = None


def address_of(url: str) -> Address:
    """Return the address of ``smtp://host:port``, ``lmtp://host:port`` or ``lmtp:///path/of/socket``."""
    parts = urlsplit(url)
    lmtp = parts.scheme == "lmtp"
    if parts.hostname:
        return Address(lmtp, parts.hostname, parts.port or 0)
    return Address(lmtp, path=Path(unquote(parts.path)))


@dataclass
class Doors:
    """The connections that are open now."""

    most: int = MOST_CONNECTIONS
    open: set[asyncio.BaseTransport] = field(default_factory=set)

    @property
    def full(self) -> bool:
        """Whether nobody more is let in."""
        return len(self.open) >= self.most


class _SentAway(asyncio.Protocol):
    """Says that there is no room, and hangs up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(FULL)
        transport.close()


class _Counted(SMTP):
    """A session that counts, and ends in time."""

    line_length_limit = LINE_BYTES

    def __init__(self, doors: Doors, handler: Any, **how: Any) -> None:
        super().__init__(handler, **how)
        self._doors = doors
        self._place: asyncio.BaseTransport | None = None
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._place = transport
        self._doors.open.add(transport)
        self._end = asyncio.get_running_loop().call_later(SESSION_S, _abort, transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._place is not None:
            self._doors.open.discard(self._place)
        if self._end is not None:
            self._end.cancel()
        super().connection_lost(error)


class _CountedLmtp(_Counted, LMTP):
    """The same for LMTP."""


class SmtpListener:
    """Listens, and hands what comes to a handler of aiosmtpd."""

    def __init__(
        self, address: Address, handler: Any, doors: Doors, *, hostname: str, most_bytes: int
    ) -> None:
        """Nothing is opened here.

        Args:
            address: where.
            handler: answers RCPT and DATA.
            doors: counts the connections.
            hostname: how the server calls itself.
            most_bytes: of a message; a longer one is refused for good.
        """
        self._address, self._handler, self._doors = address, handler, doors
        self._hostname, self._most_bytes = hostname, most_bytes
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Begin to listen.

        Raises:
            OSError: somebody else listens there, or nobody may.
        """
        loop, where = asyncio.get_running_loop(), self._address
        if where.path is None:
            self._server = await loop.create_server(self._session, where.host, where.port)
            return
        _remove_socket(where.path)
        self._server = await loop.create_unix_server(self._session, str(where.path))
        # The mail server is another user; which of them may come in is what the directory decides.
        where.path.chmod(0o666)

    async def close(self) -> None:
        """Stop listening, and hang up."""
        if self._server is not None:
            self._server.close()
            for transport in list(self._doors.open):
                _abort(transport)
            if self._address.path is not None:
                _remove_socket(self._address.path)
            self._server = None

    def _session(self) -> asyncio.BaseProtocol:
        if self._doors.full:
            return _SentAway()
        kind = _CountedLmtp if self._address.lmtp else _Counted
        return kind(
            self._doors,
            self._handler,
            data_size_limit=self._most_bytes,
            enable_SMTPUTF8=True,
            hostname=self._hostname,
            ident=IDENT,
            timeout=SILENCE_S,
            command_call_limit=COMMANDS,
            loop=asyncio.get_running_loop(),
        )


def _abort(transport: asyncio.BaseTransport) -> None:
    assert isinstance(transport, asyncio.WriteTransport)
    transport.abort()


def _remove_socket(path: Path) -> None:
    """Remove a socket that a service before this one left; anything else there stays."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(os.stat(path).st_mode):
            path.unlink()
