"""Connections that stand: kept up, each with its window; messages wait in one queue for room in any of them."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from channels.errors import (
    AccountError,
    PermanentError,
    TemporaryError,
    ThrottledError,
    TransportError,
    UnknownOutcomeError,
    UnreachableError,
)
from channels.guards.line import LineState
from channels.sms.gateways.cmpp.address import Address, CmppPatience
from channels.sms.gateways.cmpp.codec import encode
from channels.sms.gateways.cmpp.connection import Connection
from channels.sms.gateways.cmpp.login import connect
from channels.sms.gateways.cmpp.pdus import BUSY, Deliver, Pdu, Submit, SubmitResp
from channels.sms.gateways.cmpp.wire import CmppError
from config.clock import Clock
from config.logging import get_logger

log = get_logger(__name__)

TICK_S = 1.0
Delivered = Callable[[Connection, int, Deliver], None]


@dataclass(slots=True)
class _Waiting:
    frame: bytes
    answer: "asyncio.Future[SubmitResp]"
    since: float
    refused: int = 0


class Connections:
    """The connections of one gateway. `submit` works from any task of the loop that `start` ran in."""

    def __init__(
        self,
        name: str,
        address: Address,
        line: LineState,
        delivered: Delivered,
        clock: Clock,
        random: Callable[[], float],
        patience: CmppPatience,
    ) -> None:
        """Nothing is connected.

        Args:
            name: the gateway's, for log lines.
            address: of the gateway.
            line: told whether any of the connections stands.
            delivered: told of each DELIVER; it answers on the connection.
            clock: real time, for the gateway to compare with its own.
            random: returns a number from 0 to 1, for the waits between tries.
            patience: how long to wait for what.
        """
        self.address = address
        self.line = line
        self.where: Mapping[str, str] = {"gateway": name, "place": str(address)}
        self.delivered = delivered
        self.clock = clock
        self.random = random
        self.patience = patience
        self._keepers: list[asyncio.Task[None]] = []
        self._up: list[Connection] = []
        self._queue: deque[_Waiting] = deque()
        self._down: TransportError | None = None
        self._busy_until = 0.0
        self._busy = 0  # pauses in a row

    def start(self) -> None:
        """Begin to connect; nothing happens when that was begun before."""
        if not self._keepers:
            self._down = None
            self._keepers = [asyncio.create_task(self._keep()) for _ in range(self.address.connections)]

    async def close(self) -> None:
        """End the connections as the specification has it; `start` may follow."""
        keepers, self._keepers = self._keepers, []
        up = list(self._up)
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)
        self._down = TemporaryError("the gateway was closed")
        self._give_back(self._down)
        await asyncio.gather(*(one.terminate(self.patience.close_s) for one in up))

    def submit(self, submit: Submit) -> "asyncio.Future[SubmitResp]":
        """Send a message as soon as there is room in a window.

        Returns:
            Its answer, whatever that says; or an error: `UnknownOutcomeError` when it was sent and no answer came,
            `PermanentError` when it cannot be said, any other `TransportError` when it was not sent.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[SubmitResp] = loop.create_future()
        if self._down is not None:
            answer.set_exception(self._down)
            return answer
        try:
            frame = encode(submit, 0, self.address.version)
        except CmppError as exc:
            answer.set_exception(PermanentError(f"it cannot be said in CMPP: {exc}"))
            return answer
        self._queue.append(_Waiting(frame, answer, loop.time()))
        if len(self._queue) == 1:
            self.room()
        return answer

    # What a connection calls

    def room(self) -> None:
        """Fill the windows from the queue."""
        if asyncio.get_running_loop().time() < self._busy_until:
            return
        queue, window = self._queue, self.address.window
        for connection in self._up:
            while queue and connection.waiting < window and connection.usable:
                one = queue.popleft()
                if not one.answer.done():  # else whoever asked has gone
                    connection.ask(one.frame, partial(self._answered, connection, one))

    # Within

    async def _keep(self) -> None:
        """Keep one connection up, for as long as the gateway is wanted."""
        patience, wait_s = self.patience, 0.0
        while True:
            await asyncio.sleep(wait_s * (1 + self.random()) / 2)
            wait_s = max(min(wait_s * 2, patience.longest_wait_s), patience.first_wait_s)
            try:
                connection = await connect(self.address, self, self.clock.now(), patience.connect_s)
            except TransportError as exc:
                self._failed(exc)
                if isinstance(exc, AccountError):
                    wait_s = patience.refused_s
                continue
            log.info("cmpp.connected", **self.where)
            reason = await self._stay(connection)
            log.warning("cmpp.connection_ended", **self.where, reason=reason)
            if not self._up:
                self.line.is_down(reason)
            if connection.useful:
                wait_s = patience.first_wait_s  # what waits may wait: the gateway was there a moment ago
            else:
                self._failed(UnreachableError(f"the connection ended before it was of use: {reason}"))

    async def _stay(self, connection: Connection) -> str:
        """Look after a connection to its end; return why it ended."""
        self._down = None
        self._up.append(connection)
        if len(self._up) == 1:
            self.line.stands()
        self.room()
        try:
            while not connection.ended.done():
                await asyncio.wait([connection.ended], timeout=min(TICK_S, self.patience.answer_s / 4))
                connection.tick(self.patience.answer_s, self.patience.idle_s)
                self._end_of_patience()
        finally:
            self._up.remove(connection)
        return connection.ended.result()

    def _answered(self, connection: Connection, one: _Waiting, answer: Pdu | CmppError | None) -> None:
        if one.answer.done():
            return
        if isinstance(answer, SubmitResp):
            if answer.result == BUSY:
                self._refused(one, answer)
                return
            self._busy = 0
            one.answer.set_result(answer)
        elif answer is None:
            why = f"no answer came: {connection.why or 'others were answered'}"
            one.answer.set_exception(UnknownOutcomeError(why))
        else:
            one.answer.set_exception(
                UnknownOutcomeError(f"the answer makes no sense ({type(answer).__name__})")
            )

    def _refused(self, one: _Waiting, answer: SubmitResp) -> None:
        """Too much at once: pause, all of us, and offer it again; after the last pause it and the queue go back."""
        pauses, loop = self.patience.busy_s, asyncio.get_running_loop()
        if one.refused >= len(pauses) or self._down is not None:  # down: nobody would offer it again
            one.answer.set_result(answer)
            if self._busy >= len(pauses):
                self._give_back(ThrottledError("the gateway has too much to do (result 8)"))
            return
        one.refused += 1
        self._queue.appendleft(one)
        if loop.time() >= self._busy_until:
            pause = pauses[min(self._busy, len(pauses) - 1)]
            self._busy += 1
            self._busy_until = loop.time() + pause
            loop.call_at(self._busy_until, self.room)

    def _failed(self, why: TransportError) -> None:
        log.warning("cmpp.not_connected", **self.where, reason=why.reason)
        if not self._up:
            self.line.is_down(why.reason)
            self._down = why
            self._give_back(why)

    def _end_of_patience(self) -> None:
        last = asyncio.get_running_loop().time() - self.patience.turn_s
        while self._queue and self._queue[0].since < last:
            one = self._queue.popleft()
            if not one.answer.done():
                one.answer.set_exception(
                    ThrottledError(f"no room in the window for {self.patience.turn_s:g} s")
                )

    def _give_back(self, why: TransportError) -> None:
        queue, self._queue = self._queue, deque()
        for one in queue:
            if not one.answer.done():
                one.answer.set_exception(why)
