"""One connection to a gateway: requests go out, answers find them, and what the gateway asks is handed over."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, cast

from channels.sms.gateways.cmpp.codec import DELIVER, RESPONSE, decode, encode, header
from channels.sms.gateways.cmpp.pdus import (
    WRONG_STRUCTURE,
    ActiveTest,
    ActiveTestResp,
    Deliver,
    DeliverResp,
    Pdu,
    Terminate,
    TerminateResp,
)
from channels.sms.gateways.cmpp.wire import HEADER, CmppError, Frames
from config.logging import get_logger

log = get_logger(__name__)

SEQUENCES = 1 << 32
Then = Callable[[Pdu | CmppError | None], None]
"""Told the answer to a request; None: the connection ended, or too long nothing came; an error: it made no sense."""


class Takes(Protocol):
    """Who is told what happens on a connection; none of it may wait.

    Attributes:
        where: the gateway and its place, for log lines.
    """

    where: Mapping[str, str]

    def delivered(self, connection: "Connection", sequence: int, deliver: Deliver) -> None:
        """A DELIVER came; `Connection.answer` it when what it says is durable."""
        ...

    def room(self) -> None:
        """Answers came: there is room in the window again."""
        ...


@dataclass(slots=True)
class _Asked:
    order: int
    at: float
    then: Then


class Connection(asyncio.Protocol):
    """The bytes of one connection as PDUs. Made by `login.connect`, looked after by `tick`.

    Attributes:
        ended: done when the connection is, with the reason in words.
        useful: whether anything but the CONNECT was answered.
    """

    def __init__(self, version: int, takes: Takes) -> None:
        self.version = version
        self.takes = takes
        self.useful = False
        loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[str] = loop.create_future()
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._frames = Frames()
        self._asked: dict[int, _Asked] = {}
        self._quiet = asyncio.Event()  # nobody waits for an answer
        self._quiet.set()
        self._order = 0  # of the last request
        self._answered = 0  # the order of the last one that was answered
        self._heard_at = loop.time()
        self._out: list[bytes] = []
        self._reason = ""

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name

    def data_received(self, data: bytes) -> None:
        """Take what came, frame by frame."""
        self._heard_at = self._loop.time()
        answered = self._answered
        try:
            for frame in self._frames.feed(data):
                self._take(frame)
        except CmppError as exc:
            self.abort(str(exc))
        if self._answered != answered:
            self.takes.room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell everybody who waits for an answer that none will come."""
        self._reason = self._reason or (
            f"it broke ({type(exc).__name__})" if exc else "the gateway closed it"
        )
        asked, self._asked = self._asked, {}
        self._quiet.set()
        for one in asked.values():
            one.then(None)
        if not self.ended.done():
            self.ended.set_result(self._reason)

    # What its owners call

    @property
    def why(self) -> str:
        """Why it ended, in words; "" while it has not."""
        return self._reason

    @property
    def waiting(self) -> int:
        """How many requests wait for their answer."""
        return len(self._asked)

    @property
    def usable(self) -> bool:
        """Whether a request may still be answered."""
        return not self._reason and self._transport is not None and not self._transport.is_closing()

    def ask(self, request: Pdu | bytes, then: Then) -> None:
        """Send a request; a frame made before gets its sequence here.

        Raises:
            CmppError: a field does not fit; nothing was sent.
        """
        order = self._order + 1
        sequence = order % SEQUENCES
        if isinstance(request, bytes):
            frame = request[:8] + sequence.to_bytes(4, "big") + request[12:]
        else:
            frame = encode(request, sequence, self.version)
        self._order = order
        self._asked[sequence] = _Asked(order, self._loop.time(), then)
        self._quiet.clear()
        self._write(frame)

    async def answer_to(self, request: Pdu) -> Pdu:
        """Send a request and return its answer.

        Raises:
            CmppError: the answer makes no sense.
            ConnectionError: none came.
        """
        future: asyncio.Future[Pdu] = self._loop.create_future()

        def then(answer: Pdu | CmppError | None) -> None:
            if future.done():
                return
            if answer is None:
                future.set_exception(ConnectionError(self._reason or "no answer in time"))
            elif isinstance(answer, CmppError):
                future.set_exception(answer)
            else:
                future.set_result(answer)

        self.ask(request, then)
        return await future

    def answer(self, sequence: int, answer: Pdu) -> None:
        """Answer a request of the gateway; nothing happens when the connection has ended: it will ask again."""
        if self._transport is not None and not self._transport.is_closing():
            self._write(encode(answer, sequence, self.version))

    def tick(self, answer_s: float, idle_s: float) -> None:
        """Look after the time; to be called now and then.

        A request that alone is not answered, while later ones are, is given up. Where no answer comes at all, the
        connection is ended, as the specification has it.
        """
        now = self._loop.time()
        while self._asked:
            sequence, oldest = next(iter(self._asked.items()))
            if now - oldest.at < answer_s:
                break
            if oldest.order > self._answered:
                self.abort(f"no answer in {answer_s:g} s")
                return
            del self._asked[sequence]
            if not self._asked:
                self._quiet.set()
            oldest.then(None)
            self.takes.room()
        if now - self._heard_at >= idle_s and not self._asked:
            self.ask(ActiveTest(), lambda _answer: None)

    def listen(self, to: bool) -> None:
        """Read on, or leave what comes in the network's hands for now."""
        if self._transport is None or self._transport.is_closing():
            return
        if to:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def abort(self, reason: str) -> None:
        """End the connection without another word."""
        self._reason = self._reason or reason
        if self._transport is not None:
            self._transport.abort()

    async def terminate(self, patience_s: float) -> None:
        """End the connection as it should be: the last answers, TERMINATE, its answer, and then."""
        if self.usable:
            try:
                async with asyncio.timeout(patience_s):
                    await self._quiet.wait()
                    await self.answer_to(Terminate())
            except (TimeoutError, ConnectionError, CmppError) as exc:
                log.info("cmpp.not_terminated", **self.takes.where, why=type(exc).__name__)
        self._reason = self._reason or "we ended it"
        if self._transport is not None:
            self._transport.close()

    # Within

    def _take(self, frame: bytes) -> None:
        sequence, command = header(frame)
        answers = bool(command & RESPONSE)
        try:
            _, pdu = decode(frame, self.version)
        except CmppError as exc:
            log.warning("cmpp.not_understood", **self.takes.where, command=f"{command:#x}", why=str(exc))
            if answers:
                self._answer_came(sequence, exc)
            else:
                self._refuse(sequence, command, frame)
            return
        if answers:
            self._answer_came(sequence, pdu)
        elif isinstance(pdu, Deliver):
            self.takes.delivered(self, sequence, pdu)
        elif isinstance(pdu, ActiveTest):
            self.answer(sequence, ActiveTestResp())
        elif isinstance(pdu, Terminate):
            self._end(sequence)
        else:
            log.warning("cmpp.unknown_request", **self.takes.where, command=f"{command:#x}")

    def _answer_came(self, sequence: int, answer: Pdu | CmppError) -> None:
        asked = self._asked.pop(sequence, None)
        if asked is None:
            log.warning("cmpp.late_answer", **self.takes.where, sequence=sequence)
            return
        self.useful = self.useful or asked.order > 1
        self._answered = max(self._answered, asked.order)
        if not self._asked:
            self._quiet.set()
        asked.then(answer)

    def _refuse(self, sequence: int, command: int, frame: bytes) -> None:
        """Say that a DELIVER makes no sense; nobody else expects an answer."""
        if command == DELIVER:
            msg_id = int.from_bytes(frame[HEADER.size : HEADER.size + 8].ljust(8, b"\0"), "big")
            self.answer(sequence, DeliverResp(msg_id, WRONG_STRUCTURE))

    def _end(self, sequence: int) -> None:
        self._reason = self._reason or "the gateway ended it"
        self.answer(sequence, TerminateResp())
        self._flush()
        if self._transport is not None:
            self._transport.close()

    def _write(self, frame: bytes) -> None:
        """Write at the end of this turn of the loop, together with what else is written in it."""
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(frame)

    def _flush(self) -> None:
        out, self._out = self._out, []
        if out and self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(out))
