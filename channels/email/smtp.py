"""Where mail is handed over, and a pool of persistent connections to it."""

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPResponseException

from channels.email.bounces.rules import Rules
from channels.email.connection import Connection
from channels.email.dialogue import Dialogue
from channels.email.replies import Phase, classify
from channels.errors import AccountError, UnreachableError
from channels.mask import mask_contacts

PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
ACCOUNT_WAIT_S = 600.0  # a wrong password is mended by a person


@dataclass(frozen=True)
class SmtpServer:
    """Where and how to hand over mail, and how patient to be."""

    host: str
    port: int
    security: str  # a key of PORTS
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    connect_timeout_s: float = 10.0
    command_timeout_s: float = 30.0
    answer_timeout_s: float = 60.0

    @classmethod
    def from_url(cls, url: str) -> "SmtpServer":
        """Return the server at ``smtp://user:password@host:port``, ``smtps://…`` or ``smtp+starttls://…``.

        User and password are percent-encoded. Plain ``smtp`` never encrypts, the other two always do and check the
        certificate.

        Raises:
            ValueError: another scheme, no host, or a port that is none.
        """
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("an SMTP server is smtp://, smtps:// or smtp+starttls:// and a host")
        return cls(
            parts.hostname,
            parts.port or PORTS[parts.scheme],
            parts.scheme,
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
        )


class Pool:
    """At most ``size`` connections to one server, kept open between messages and closed when idle for ``idle_s``."""

    def __init__(
        self, server: SmtpServer, size: int = 16, idle_s: float = 60.0, rules: Rules | None = None
    ) -> None:
        self.server = server
        self.size = size
        self.idle_s = idle_s
        self.rules = rules
        self._idle: deque[Connection] = deque()
        self._free = asyncio.Semaphore(size)
        self._sweep: asyncio.TimerHandle | None = None

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Yield a living connection; at the end it is kept if it still lives.

        Raises:
            UnreachableError: the server cannot be reached or turns us away at the door.
            AccountError: it refuses our name or password.
        """
        async with self._free:
            connection = self._take_idle() or await self._connect()
            try:
                yield connection
            finally:
                if connection.alive:
                    self._keep(connection)

    async def close(self) -> None:
        """Say goodbye on every idle connection; the pool can be used again."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        leaving, self._idle = self._idle, deque()
        await asyncio.gather(*(connection.quit() for connection in leaving))

    def _take_idle(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.alive:
                return connection
        return None

    def _keep(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        self._idle.append(connection)
        if self._sweep is None:
            self._sweep = loop.call_later(self.idle_s, self._close_idle)

    def _close_idle(self) -> None:
        """Close what has been idle for long; the oldest stand first."""
        self._sweep = None
        loop = asyncio.get_running_loop()
        while self._idle and self._idle[0].idle_since + self.idle_s <= loop.time():
            self._idle.popleft().close()
        if self._idle:
            due = self._idle[0].idle_since + self.idle_s
            self._sweep = loop.call_at(due, self._close_idle)

    async def _connect(self) -> Connection:
        server = self.server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            # Never the resolver's idea of our name: asking it can take seconds per connection.
            local_hostname=socket.gethostname(),
            timeout=server.connect_timeout_s,
            use_tls=server.security == "smtps",
            start_tls=server.security == "smtp+starttls",
        )
        try:
            async with asyncio.timeout(server.connect_timeout_s * 2):
                await client.connect()
                if client.is_ehlo_or_helo_needed:
                    await client.ehlo()
            return self._taken_over(client)
        except SMTPAuthenticationError as exc:
            client.close()
            raise AccountError(mask_contacts(f"{exc.code} {exc.message}")[:300], ACCOUNT_WAIT_S) from exc
        except SMTPResponseException as exc:
            client.close()
            raise classify(Phase.CONNECT, exc.code, exc.message) from exc
        except (SMTPException, OSError, ValueError) as exc:
            client.close()
            raise UnreachableError(f"no connection to the mail server: {type(exc).__name__}: {exc}") from exc
        except BaseException:
            client.close()
            raise

    def _taken_over(self, client: SMTP) -> Connection:
        """Return the connection that ``client`` has made ready; what is said over it from now on is ours alone."""
        transport = client.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("it ended right after the greeting")
        dialogue = Dialogue()
        dialogue.connection_made(transport)
        transport.set_protocol(dialogue)
        return Connection(
            dialogue,
            pipelining=client.supports_extension("pipelining"),
            command_timeout_s=self.server.command_timeout_s,
            answer_timeout_s=self.server.answer_timeout_s,
            rules=self.rules,
        )
