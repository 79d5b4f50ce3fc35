"""What a gateway brings, made durable: a DELIVER is answered with 0 when what it says is kept, else refused."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from channels.heard import FarReport, Heard, Reply
from channels.sms.codes import Codes
from channels.sms.gateways.cmpp.connection import Connection
from channels.sms.gateways.cmpp.contents import piece_of, words
from channels.sms.gateways.cmpp.joining import Joining, Key
from channels.sms.gateways.cmpp.meaning import far_report
from channels.sms.gateways.cmpp.numbers import e164
from channels.sms.gateways.cmpp.pdus import BUSY, OK, WRONG_STRUCTURE, Deliver, DeliverResp
from channels.sms.gateways.cmpp.wire import CmppError
from config.logging import get_logger

log = get_logger(__name__)

T = TypeVar("T")

AT_ONCE = 500  # DELIVERs that become durable together
MOST = 4000  # that wait here; beyond them nothing more is read
AGAIN_S = 1.0  # after the record was away, and between looks at long replies that are not whole


@dataclass(frozen=True, slots=True)
class Brought:
    """A DELIVER and where its answer goes."""

    connection: Connection
    sequence: int
    deliver: Deliver
    at: float

    def answer(self, result: int) -> None:
        """Answer it; a gateway that hears anything but 0 brings it again."""
        self.connection.answer(self.sequence, DeliverResp(self.deliver.msg_id, result))


class Incoming:
    """Hands what comes on all connections of one gateway to `Heard`, many at a time."""

    def __init__(
        self,
        gateway: str,
        heard: Heard,
        codes: Codes,
        hold_s: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is begun before the first DELIVER.

        Args:
            gateway: its name, for reports and replies.
            heard: takes them.
            codes: what the stats of reports mean.
            hold_s: how long the answer to a piece of a long reply waits for the others.
            now: seconds of a clock that never goes back.
        """
        self.gateway = gateway
        self.heard = heard
        self.codes = codes
        self.hold_s = hold_s
        self.now = now
        self.joining = Joining()
        self._pending: deque[Brought] = deque()
        self._held: dict[Key, list[Brought]] = {}
        self._stopped: set[Connection] = set()
        self._wake = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None

    def delivered(self, connection: Connection, sequence: int, deliver: Deliver) -> None:
        """Take a DELIVER; where too many wait, leave the next ones in the network's hands."""
        self._pending.append(Brought(connection, sequence, deliver, self.now()))
        if len(self._pending) >= MOST and connection not in self._stopped:
            self._stopped.add(connection)
            connection.listen(False)
        self._wake.set()
        if self._worker is None or self._worker.done():  # an error of ours ended it: what it had comes again
            self._worker = asyncio.create_task(self._work())

    async def close(self) -> None:
        """Stop; what was not answered comes again. `delivered` may follow."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
        self._pending.clear()
        self._held.clear()
        self._stopped.clear()

    async def _work(self) -> None:
        while True:
            try:
                async with asyncio.timeout(AGAIN_S if self.joining.waiting else None):
                    await self._wake.wait()
            except TimeoutError:
                pass  # time to look at what is not whole
            self._wake.clear()
            while self._pending:
                count = min(AT_ONCE, len(self._pending))
                await self._keep([self._pending.popleft() for _ in range(count)])
                self._read_on()
            self._release()
            await self._keep_overdue()

    async def _keep(self, batch: Sequence[Brought]) -> None:
        reports: list[tuple[Brought, FarReport]] = []
        replies: list[tuple[Brought, Reply]] = []
        whole: dict[Key, Reply] = {}
        for one in batch:
            try:
                if one.deliver.registered_delivery:
                    reports.append((one, far_report(self.gateway, one.deliver, self.codes)))
                else:
                    self._sort(one, replies, whole)
            except CmppError as exc:
                log.warning("cmpp.not_understood", gateway=self.gateway, why=str(exc))
                one.answer(WRONG_STRUCTURE)
        if reports:
            result = await self._durable(self.heard.reports, [report for _, report in reports])
            for one, _ in reports:
                one.answer(result)
        if replies or whole:
            result = await self._durable(
                self.heard.replies, [*(reply for _, reply in replies), *whole.values()]
            )
            for one, _ in replies:
                one.answer(result)
            for key in whole:
                self._whole(key, result)

    def _sort(self, one: Brought, replies: list[tuple[Brought, Reply]], whole: dict[Key, Reply]) -> None:
        """Put what somebody wrote where it belongs: among the replies, or with the pieces of a long one."""
        deliver = one.deliver
        piece = piece_of(deliver.content, deliver.udhi)
        number = e164(deliver.number)
        if number is None:
            log.info("cmpp.no_number", gateway=self.gateway)  # a service of the carrier: nobody of ours
            one.answer(OK)
        elif piece.total == 1:
            replies.append((one, self._reply(number, piece.content, deliver.msg_fmt, deliver.msg_id)))
        else:
            key = Key(number, deliver.dest_id, deliver.msg_fmt, piece.reference, piece.total)
            self.joining.take(key, piece, one.at)
            if self.joining.handed_over(key):
                one.answer(OK)
                return
            self._held.setdefault(key, []).append(one)
            content = self.joining.whole(key)
            if content is not None:
                whole[key] = self._reply(number, content, deliver.msg_fmt, deliver.msg_id)

    def _whole(self, key: Key, result: int) -> None:
        if result == OK:
            self.joining.done(key)
        for one in self._held.pop(key, ()):
            one.answer(result)

    def _release(self) -> None:
        """Have pieces brought again whose others do not come: a gateway may bring those only after an answer."""
        last = self.now() - self.hold_s
        for key in [key for key, held in self._held.items() if held[0].at <= last]:
            for one in self._held.pop(key):
                one.answer(BUSY)

    async def _keep_overdue(self) -> None:
        late = self.joining.overdue(self.now())
        replies = [self._reply(key.number, content, key.msg_fmt, 0) for key, content in late]
        if late and await self._durable(self.heard.replies, replies) == OK:
            for key, _ in late:
                self._whole(key, OK)

    async def _durable(self, keep: Callable[[Sequence[T]], Awaitable[None]], found: Sequence[T]) -> int:
        """Return the Result for what is to be kept: 0 when it is."""
        try:
            await keep(found)
        except Exception as exc:  # noqa: BLE001 - whatever it is: it is not kept, and so has to come again
            # Its words may hold numbers, its type does not.
            log.error("cmpp.not_kept", gateway=self.gateway, count=len(found), error=type(exc).__name__)
            await asyncio.sleep(AGAIN_S)  # a gateway that asks again at once would keep us both busy
            return BUSY
        return OK

    def _read_on(self) -> None:
        if self._stopped and len(self._pending) < MOST // 2:
            for connection in self._stopped:
                connection.listen(True)
            self._stopped.clear()

    def _reply(self, number: str, content: bytes, msg_fmt: int, msg_id: int) -> Reply:
        return Reply(self.gateway, number, words(content, msg_fmt), str(msg_id) if msg_id else "")
