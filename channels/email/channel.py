"""The e-mail channel: a batch drained by as many workers as there are connections."""

import asyncio
import traceback
from collections import deque
from collections.abc import Callable, Sequence

from channels.channel import Outcome
from channels.email.bounces.rules import Rules
from channels.email.connection import Connection
from channels.email.dkim import Signer
from channels.email.headers import deliverable, split_sender
from channels.email.mime import mail
from channels.email.smtp import Pool, SmtpServer
from channels.errors import ContentError, NotBegunError, PermanentError, TemporaryError, ThrottledError
from channels.leaving import leaving
from channels.mask import mask_contacts
from channels.message import Message
from config.logging import get_logger

log = get_logger(__name__)

WAIT_S = 60.0


class EmailChannel:
    """E-mail over one SMTP server."""

    name = "email"

    def __init__(
        self,
        server: SmtpServer,
        sender: str,
        *,
        connections: int = 16,
        idle_s: float = 60.0,
        returns: Callable[[str], str] | None = None,
        signer: Signer | None = None,
        rules: Rules | None = None,
        patience_s: float = 120.0,
    ) -> None:
        """Nothing is opened before the first message.

        Args:
            server: from ``SmtpServer.from_url``.
            sender: ``name <address>``; the address is the envelope's sender, too, where there is no ``returns``.
            connections: the most that are open at once.
            idle_s: how long a connection without work stays open, in seconds.
            returns: the envelope's sender for a delivery id, see `channels.email.verp`. Notices, which have no row in
                the ledger, have theirs as well: a bounce of one is known for what it is, and fills nobody's mailbox.
            signer: signs every mail.
            rules: what refusals mean; the shipped table of bounces where it is None.
            patience_s: how long after a batch's begin its messages are begun; with what one may take at most (see
                `SmtpServer`) it must stay far below the quarter of an hour for which a sender keeps its claim, or a
                slow server gets mails twice.

        Raises:
            ValueError: ``sender`` has no address.
        """
        self.sender = sender
        self.signer = signer
        self.patience_s = patience_s
        own = split_sender(sender)[1]
        self.returns = returns or (lambda _delivery_id: own)
        self.pool = Pool(server, connections, idle_s, rules)

    async def send(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        """Send ``batch``; see `Channel.send`.

        When no connection can be had, what is left of the batch fails at once with that reason, so that a server that
        is down costs one time-out and not one per message. What a server that is too slow, or closes connection after
        connection, does not get in time waits, and no attempt is counted.
        """
        outcomes: list[Outcome | None] = [None] * len(batch)
        left = deque(range(len(batch)))
        workers = min(self.pool.size, len(batch))
        until = asyncio.get_running_loop().time() + self.patience_s
        ends = await asyncio.gather(
            *(self._drain(batch, left, outcomes, until) for _ in range(workers)), return_exceptions=True
        )
        why = TemporaryError("not reached in this batch")
        for end in ends:
            if isinstance(end, TemporaryError):
                why = end
            elif isinstance(end, BaseException):
                # A mistake of ours; its words may hold an address, its type and place do not.
                log.error("email_worker_failed", error=type(end).__name__, place=_place(end))
                why = TemporaryError(f"unexpected {type(end).__name__}")
        if leaving():
            why = NotBegunError()
        return [why if outcome is None else outcome for outcome in outcomes]

    async def close(self) -> None:
        """Give back connections; the channel can be used again afterwards."""
        await self.pool.close()

    async def _drain(
        self, batch: Sequence[Message], left: deque[int], outcomes: list[Outcome | None], until: float
    ) -> None:
        """Send what is ``left`` until nothing is, the time is over, or the service is being stopped.

        Raises:
            TemporaryError: no connection can be had; what is left is for the workers that have one.
            ThrottledError: likewise, but for now only.
        """
        now = asyncio.get_running_loop().time
        while left and not leaving():
            async with self.pool.connection() as connection:
                while left and connection.alive and not leaving():
                    if now() > until:
                        raise ThrottledError("the mail server is too slow for this batch", WAIT_S)
                    index = left.popleft()
                    outcomes[index] = await self._deliver(connection, batch[index])
                    if outcomes[index] is None:
                        left.appendleft(index)
            if connection.turned_away:
                raise ThrottledError("the mail server closes new connections (421)", WAIT_S)

    async def _deliver(self, connection: Connection, message: Message) -> Outcome | None:
        """Return the outcome; None where a stale connection was noticed in time and the message can go at once."""
        address = deliverable(message.address)
        if address is None:
            return PermanentError("not an e-mail address", dead=True)
        try:
            whole = await self._built(message, address)
            envelope = self.returns(message.delivery_id)
        except Exception as exc:  # noqa: BLE001 - building is pure: whatever fails in it fails for this content
            # The far side never saw it, but the remedy is the same: stop, mend the text, resume.
            return ContentError(mask_contacts(f"the mail cannot be built: {type(exc).__name__}: {exc}")[:300])
        return await connection.deliver(envelope, address, whole)

    async def _built(self, message: Message, address: str) -> bytes:
        if self.signer is None:
            return mail(message, address, self.sender)
        # OpenSSL lets go of the interpreter's lock: other processors sign while this one speaks.
        return await asyncio.to_thread(mail, message, address, self.sender, self.signer)


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
