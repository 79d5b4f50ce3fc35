"""One connection to an SMSC: bound, a window of messages under way, a sign of life when it is quiet.

smpp34's own client acknowledges what is delivered to it before anybody has seen it, so only its codec is used here.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from channels.sms.gateways.smpp import pdu
from channels.sms.gateways.smpp.pdu import Frame, Frames
from channels.sms.gateways.smpp.place import Place

BIND_S = 10.0  # for the answer to a bind
UNBIND_S = 2.0
LIFE_S = 15.0  # for a sign of life, and less where answers come sooner
LOOKS = 8  # in the time of an answer: how often it is asked whether one is overdue


@dataclass(frozen=True, slots=True)
class Answered:
    """What the SMSC says to a message."""

    status: int
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """It was written, and what became of it nobody said."""

    reason: str


Answer = Answered | Unanswered


class BindRefusedError(Exception):
    """The SMSC does not take this account, or not now: ``status`` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(f"bind refused with 0x{status:02x}")
        self.status = status


@dataclass(slots=True)
class _Asked:
    answer: asyncio.Future[Answer]
    at: float
    told: Callable[[Answered], None] | None


class Session(asyncio.Protocol):
    """The protocol of one connection; `Line` makes them and holds on to the one that is bound."""

    def __init__(
        self, place: Place, delivered: Callable[["Session", Frame], None], changed: Callable[[], None]
    ) -> None:
        """Nothing is opened: asyncio hands over the connection.

        Args:
            place: window and patience.
            delivered: takes what the SMSC delivers, at once; it is acknowledged by `acknowledge`.
            changed: is called when there may be room for a message, or an end.
        """
        self.place = place
        self.bound = False
        self.asked: dict[int, _Asked] = {}
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[str] = self._loop.create_future()
        self._delivered = delivered
        self._changed = changed
        self._frames = Frames()
        self._transport: asyncio.Transport | None = None
        self._sequence = 0
        self._heard_at = self._loop.time()
        self._probed_at: float | None = None
        self._silent = 0  # messages in a row that were not answered

    @property
    def has_room(self) -> bool:
        """Whether a message may be written now."""
        return self.bound and not self._over.done() and len(self.asked) < self.place.window

    async def bind(self, command: int) -> None:
        """Introduce ourselves.

        Raises:
            BindRefusedError: the SMSC does not want us.
            ConnectionError: the connection ended.
            TimeoutError: no answer came.
        """
        body = pdu.bind_body(self.place.system_id, self.place.password, self.place.system_type)
        answer = self._ask(command, body)
        async with asyncio.timeout(BIND_S):
            said = await answer
        if isinstance(said, Unanswered):
            raise ConnectionError(said.reason)
        if said.status != pdu.OK:
            raise BindRefusedError(said.status)
        self.bound = True
        self._changed()

    def submit(
        self, message: Callable[[int], bytes], told: Callable[[Answered], None]
    ) -> asyncio.Future[Answer]:
        """Write a message, made with its sequence number; call it only when it `has_room`.

        ``told`` hears the answer before anything that comes after it is looked at: a report may be next.
        """
        sequence = self._next()
        return self._write(sequence, message(sequence), told)

    def acknowledge(self, answers: list[tuple[int, int]]) -> None:
        """Answer what was delivered: sequence numbers and what is said to them."""
        if self._transport is not None and not self._over.done():
            self._transport.write(b"".join(pdu.deliver_answer(*answer) for answer in answers))

    async def lasts(self) -> str:
        """Watch over the connection until it ends; return why it did."""
        every = min(self.place.answer_s, self.place.enquire_s) / LOOKS
        while not self._over.done():
            await asyncio.wait((self._over,), timeout=every)
            self._look(self._loop.time())
        return self._over.result()

    async def leave(self, patience_s: float) -> None:
        """Wait for what is under way, take leave, and hang up."""
        asked = [one.answer for one in self.asked.values()]
        if asked and not self._over.done():
            await asyncio.wait(asked, timeout=patience_s)
        if self.bound and not self._over.done():
            self.bound = False
            await asyncio.wait((self._ask(pdu.UNBIND),), timeout=UNBIND_S)
        self.end("we took leave")

    def end(self, reason: str) -> None:
        """Hang up at once; what was not answered stays so."""
        if self._over.done():
            return
        self._over.set_result(reason)
        if self._transport is not None:
            self._transport.abort()
        asked, self.asked = self.asked, {}
        for one in asked.values():
            if not one.answer.done():
                one.answer.set_result(Unanswered(reason))
        self._changed()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        self._transport = cast(asyncio.Transport, transport)
        if self._over.done():
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The other end hung up, or the network did."""
        self.end("the connection ended" if exc is None else f"the connection ended ({type(exc).__name__})")

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        try:
            for frame in self._frames.feed(data):
                # A whole PDU is a sign of life; single bytes that trickle in are not.
                self._heard_at = self._loop.time()
                self._probed_at = None
                self._take(frame)
        except pdu.BrokenStreamError as exc:
            self.end(f"the far side does not speak SMPP ({exc})")

    def _take(self, frame: Frame) -> None:
        if frame.command & pdu.RESPONSE:
            self._answered(frame)
        elif frame.command == pdu.DELIVER_SM:
            self._delivered(self, frame)
        elif frame.command in (pdu.ENQUIRE_LINK, pdu.UNBIND):
            self._send(pdu.frame(frame.command | pdu.RESPONSE, frame.sequence))
            if frame.command == pdu.UNBIND:
                self.end("the far side took leave")
        elif frame.command not in (pdu.OUTBIND, pdu.ALERT_NOTIFICATION):
            self._send(pdu.frame(pdu.GENERIC_NACK, frame.sequence, pdu.INVALID_COMMAND))

    def _answered(self, frame: Frame) -> None:
        one = self.asked.pop(frame.sequence, None)
        if one is None:
            return  # a sign of life, or too late
        self._silent = 0
        status = frame.status or (pdu.INVALID_COMMAND if frame.command == pdu.GENERIC_NACK else pdu.OK)
        answer = Answered(status, frame.text)
        if one.told is not None:
            one.told(answer)
        if not one.answer.done():
            one.answer.set_result(answer)
        self._changed()

    def _look(self, now: float) -> None:
        patience = self.place.answer_s
        overdue = [key for key, one in self.asked.items() if now - one.at >= patience]
        for key in overdue:
            answer = self.asked.pop(key).answer
            if not answer.done():
                answer.set_result(Unanswered(f"no answer within {patience:.0f} s"))
        if overdue:
            self._silent += len(overdue)
            self._changed()
        if self._silent >= self.place.window:
            self.end("the far side answers no message")
        elif self._probed_at is not None and now - self._probed_at >= min(patience, LIFE_S):
            self.end("the far side gives no sign of life")
        elif self._probed_at is None and now - self._heard_at >= self.place.enquire_s:
            self._probed_at = now
            self._send(pdu.frame(pdu.ENQUIRE_LINK, self._next()))

    def _ask(self, command: int, body: bytes = b"") -> asyncio.Future[Answer]:
        sequence = self._next()
        return self._write(sequence, pdu.frame(command, sequence, body=body))

    def _write(
        self, sequence: int, data: bytes, told: Callable[[Answered], None] | None = None
    ) -> asyncio.Future[Answer]:
        answer: asyncio.Future[Answer] = self._loop.create_future()
        if self._over.done():
            answer.set_result(Unanswered(self._over.result()))
        else:
            self.asked[sequence] = _Asked(answer, self._loop.time(), told)
            self._send(data)
        return answer

    def _send(self, data: bytes) -> None:
        if self._transport is not None and not self._over.done():
            self._transport.write(data)

    def _next(self) -> int:
        self._sequence = self._sequence % pdu.LAST_SEQUENCE + 1
        return self._sequence
