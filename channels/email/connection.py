"""One message over one SMTP connection: what may be said when, and what each answer means for the message."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from channels.email.bounces.rules import Rules
from channels.email.dialogue import Dialogue, Garbled, ServerReply
from channels.email.replies import Phase, classify, says_busy
from channels.errors import TemporaryError, TransportError, UnknownOutcomeError
from channels.mask import mask_contacts
from channels.message import Progress, Receipt
from config.logging import get_logger

log = get_logger(__name__)

GO_AHEAD = 354
CLOSING = 421
END = b".\r\n"
OPENING = (Phase.SENDER, Phase.RECIPIENT, Phase.DATA)
ACCEPTED: Mapping[Phase, Callable[[int], bool]] = {
    Phase.SENDER: lambda code: 200 <= code <= 299,
    Phase.RECIPIENT: lambda code: 200 <= code <= 299,
    Phase.DATA: lambda code: code == GO_AHEAD,
}


@dataclass
class _Course:
    """How far one message came: whether anything was answered, what was first said against it, and what is out."""

    domain: str
    heard: bool = False
    refusal: tuple[Phase, ServerReply] | None = None
    body_sent: bool = False


class Connection:
    """One connection.

    Attributes:
        reused: it carried a message before and may have gone stale since.
        turned_away: the server, asked for the first time on it, said that it closes (421): another one would hear the
            same.
        idle_since: when it was last put aside, in the event loop's time.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        *,
        pipelining: bool,
        command_timeout_s: float,
        answer_timeout_s: float,
        rules: Rules | None = None,
    ) -> None:
        """Use ``dialogue``, which is ready for a first message.

        Args:
            dialogue: greeted, encrypted, logged in.
            pipelining: whether the server takes several commands at once (RFC 2920).
            command_timeout_s: for all answers before the text.
            answer_timeout_s: for the one after it.
            rules: what refusals mean, see `classify`.
        """
        self.dialogue = dialogue
        self.pipelining = pipelining
        self.command_timeout_s = command_timeout_s
        self.answer_timeout_s = answer_timeout_s
        self.rules = rules
        self.reused = False
        self.turned_away = False
        self.idle_since = 0.0

    @property
    def alive(self) -> bool:
        """Whether it can carry another message."""
        return self.dialogue.alive

    def close(self) -> None:
        """End it without a word."""
        self.dialogue.abort()

    async def quit(self, patience_s: float = 2.0) -> None:
        """Say goodbye, and end it in any case."""
        try:
            async with asyncio.timeout(patience_s):
                await self.dialogue.say(b"QUIT")[0]
        except (OSError, Garbled) as exc:
            log.debug("smtp_quit_failed", error=type(exc).__name__)
        finally:
            self.close()

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
        course = _Course(recipient.rpartition("@")[2])
        try:
            async with asyncio.timeout(self.command_timeout_s) as limit:
                await self._open(course, sender, recipient)
                if course.refusal is None:
                    course.body_sent = True
                    limit.reschedule(asyncio.get_running_loop().time() + self.answer_timeout_s)
                    reply = await self.dialogue.write(mail + END, 1)[0]
                    if 200 <= reply.code <= 299:
                        self.reused = True
                        return Receipt(Progress.SENT, mask_contacts(reply.text)[:128] or None)
                    course.refusal = (Phase.DATA, reply)
                return await self._refused(course, course.refusal)
        except (OSError, Garbled) as exc:  # TimeoutError is an OSError
            self.close()
            return self._broken(course, exc)
        except BaseException:
            # Cancelled in the middle of a conversation: what the server says next belongs to nobody.
            self.close()
            raise

    async def _open(self, course: _Course, sender: str, recipient: str) -> None:
        """Say all that comes before the text; what is refused, and by which answer, stands in ``course``."""
        commands = (
            b"MAIL FROM:<" + sender.encode("ascii") + b">",
            b"RCPT TO:<" + recipient.encode("ascii") + b">",
            b"DATA",
        )
        said = self.dialogue.say(*commands) if self.pipelining else None
        for number, phase in enumerate(OPENING):
            coming = said[number] if said else self.dialogue.say(commands[number])[0]
            reply = await coming
            course.heard = True
            if ACCEPTED[phase](reply.code):
                continue
            course.refusal = course.refusal or (phase, reply)
            if said is None or reply.code == CLOSING:
                return
        if course.refusal and reply.code == GO_AHEAD:
            await self._take_back(course.refusal[0])

    async def _take_back(self, refused: Phase) -> None:
        """End a text that was asked for although the recipient was refused: an empty one, to nobody (RFC 2920, 3.1)."""
        if refused is not Phase.RECIPIENT:
            # A server that takes a recipient from a refused sender might hand him the empty text.
            self.close()
            return
        await self.dialogue.write(END, 1)[0]

    async def _refused(self, course: _Course, refusal: tuple[Phase, ServerReply]) -> TransportError | None:
        """Return what the refusal means, and make the connection ready for the next mail or close it."""
        phase, reply = refusal
        fresh, self.reused = not self.reused, True
        if reply.code == CLOSING or not 400 <= reply.code <= 599:
            self.close()
            if course.body_sent and reply.code != CLOSING:
                return UnknownOutcomeError(f"the answer to the text makes no sense (code {reply.code})")
            if reply.code == CLOSING and fresh:
                self.turned_away = True
            elif reply.code == CLOSING and phase is Phase.SENDER and not says_busy(reply.text):
                return None  # it has enough of this connection, and not of the mail
        elif self.alive:
            # After a refused text, too: Postfix's smtpd_end_of_data_restrictions leave the mail open.
            await self._reset()
        return self._meaning(course, phase, reply)

    async def _reset(self) -> None:
        """Make the server forget what was said of a mail that it does not get."""
        reply = await self.dialogue.say(b"RSET")[0]
        if not ACCEPTED[Phase.SENDER](reply.code):
            self.close()

    def _broken(self, course: _Course, exc: Exception) -> TransportError | None:
        """Return what it means that the conversation ended early."""
        kind = type(exc).__name__
        if course.refusal is not None:
            return self._meaning(course, *course.refusal)
        if course.body_sent:
            return UnknownOutcomeError(f"the connection ended before the answer ({kind})")
        if self.reused and not course.heard and isinstance(exc, ConnectionError):
            return None
        return TemporaryError(f"the connection ended before the text ({kind})")

    def _meaning(self, course: _Course, phase: Phase, reply: ServerReply) -> TransportError:
        return classify(phase, reply.code, reply.text, domain=course.domain, rules=self.rules)
