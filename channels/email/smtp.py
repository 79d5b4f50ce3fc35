"""A pool of persistent SMTP connections, and one message over one of them."""

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from channels.email.replies import Phase, classify
from channels.errors import TemporaryError, TransportError, UnknownOutcomeError, UnreachableError
from channels.mask import mask_contacts
from channels.message import Progress, Receipt
from config.logging import get_logger

log = get_logger(__name__)

PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
GO_AHEAD = 354
CLOSING = 421


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


class Connection:
    """One connection; ``reused`` says that it carried a message before and may have gone stale since."""

    def __init__(self, server: SmtpServer, client: SMTP) -> None:
        self.server = server
        self.client = client
        self.reused = False
        self.idle_since = 0.0

    @property
    def alive(self) -> bool:
        """Whether it can carry another message."""
        return self.client.is_connected

    async def deliver(self, sender: str, recipient: str, mail: bytes) -> Receipt | TransportError | None:
        """Hand over one mail.

        Args:
            sender: the envelope's sender, ASCII.
            recipient: the envelope's recipient, ASCII.
            mail: the bytes, CRLF, no line starting with a full stop.

        Returns:
            The outcome; None where the connection had gone stale before anything was said, so that the same mail can
            go over another one at once.
        """
        phase = Phase.SENDER
        body_sent = False
        try:
            async with asyncio.timeout(self.server.command_timeout_s) as limit:
                await self._command(b"MAIL FROM:<" + sender.encode("ascii") + b">")
                phase = Phase.RECIPIENT
                await self._command(b"RCPT TO:<" + recipient.encode("ascii") + b">")
                phase = Phase.DATA
                await self._command(b"DATA", GO_AHEAD)
                body_sent = True
                limit.reschedule(asyncio.get_running_loop().time() + self.server.answer_timeout_s)
                receipt = await self._body(mail)
                self.reused = True
                return receipt
        except SMTPResponseException as exc:
            if body_sent and not 400 <= exc.code <= 599:
                self.client.close()
                return UnknownOutcomeError(f"the answer to the text makes no sense (code {exc.code})")
            return await self._refused(phase, exc)
        except (SMTPException, OSError) as exc:
            self.client.close()
            if body_sent:
                return UnknownOutcomeError(f"the connection ended before the answer ({type(exc).__name__})")
            if self.reused and phase is Phase.SENDER and not isinstance(exc, TimeoutError):
                return None
            return TemporaryError(f"the connection ended before the text ({type(exc).__name__})")
        except BaseException:
            # Cancelled in the middle of a conversation: what the server says next belongs to nobody.
            self.client.close()
            raise

    async def _command(self, line: bytes, wanted: int = 250) -> None:
        # The protocol's own call: the client's wrapper starts a timer for every command.
        protocol = self.client.protocol
        if protocol is None:
            raise ConnectionResetError
        code, text = await protocol.execute_command(line)
        if code != wanted and not (wanted == 250 and code == 251):
            raise SMTPResponseException(code, text)

    async def _body(self, mail: bytes) -> Receipt:
        protocol = self.client.protocol
        if protocol is None:
            raise ConnectionResetError
        protocol.write(mail + b".\r\n")
        code, text = await protocol.read_response()
        if not 200 <= code <= 299:
            raise SMTPResponseException(code, text)
        return Receipt(Progress.SENT, mask_contacts(text)[:128] or None)

    async def _refused(self, phase: Phase, exc: SMTPResponseException) -> TransportError:
        """Return what the refusal means, and make the connection ready for the next mail or close it."""
        self.reused = True
        if exc.code == CLOSING or not 400 <= exc.code <= 599:
            self.client.close()
        elif self.alive:
            try:
                await self.client.rset(timeout=self.server.command_timeout_s)
            except (SMTPException, OSError):
                self.client.close()
        return classify(phase, exc.code, exc.message)


class Pool:
    """At most ``size`` connections to one server, kept open between messages and closed when idle for ``idle_s``."""

    def __init__(self, server: SmtpServer, size: int = 16, idle_s: float = 60.0) -> None:
        self.server = server
        self.size = size
        self.idle_s = idle_s
        self._idle: deque[Connection] = deque()
        self._free = asyncio.Semaphore(size)
        self._sweep: asyncio.TimerHandle | None = None

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Yield a living connection; at the end it is kept if it still lives.

        Raises:
            UnreachableError: the server cannot be reached, turns us away at the door or refuses our password.
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
        await asyncio.gather(*(self._quit(connection) for connection in leaving))

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
            self._idle.popleft().client.close()
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
        except SMTPResponseException as exc:
            client.close()
            raise classify(Phase.CONNECT, exc.code, exc.message) from exc
        except (SMTPException, OSError, ValueError) as exc:
            client.close()
            raise UnreachableError(f"no connection to the mail server: {type(exc).__name__}: {exc}") from exc
        except BaseException:
            client.close()
            raise
        return Connection(server, client)

    async def _quit(self, connection: Connection) -> None:
        try:
            await connection.client.quit(timeout=2.0)
        except (SMTPException, OSError) as exc:
            log.debug("smtp_quit_failed", error=type(exc).__name__)
        finally:
            connection.client.close()
