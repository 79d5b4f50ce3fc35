"""What an SMSC delivers: read, handed over, and acknowledged only then."""

import asyncio
import contextlib
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from channels.heard import FarReport, Heard, Reply
from channels.sms.codes import Codes
from channels.sms.gateways.smpp import delivered, pdu
from channels.sms.gateways.smpp.delivered import Piece, Reported, sure_number
from channels.sms.gateways.smpp.ids import Names
from channels.sms.gateways.smpp.joining import Joining, Written
from channels.sms.gateways.smpp.session import Session
from config.logging import get_logger

log = get_logger(__name__)

MOST_AT_ONCE = 500
MOST_WAITING = 5000  # beyond, the SMSC is asked to come again
AFTER_FAILURE_S = 1.0
LOOK_S = 5.0  # how often texts with missing parts are looked through
ANSWER_WAITS, ANSWER_WAIT_S = 10, 0.05  # a report may overtake the answer that says its id


@dataclass(slots=True)
class _Delivered:
    session: Session
    frame: pdu.Frame
    status: int = pdu.OK


class Intake:
    """Takes what is delivered over all lines of a gateway, and hands over in batches what came meanwhile."""

    def __init__(
        self,
        name: str,
        heard: Heard,
        codes: Codes,
        names: Names,
        joining: Joining,
        under_way: Callable[[], bool],
        own: str = "",
    ) -> None:
        """Nothing runs before `run`.

        Args:
            name: the gateway's.
            heard: takes reports and replies.
            codes: why a message failed.
            names: which message an id means.
            joining: keeps parts of long texts.
            under_way: whether messages wait for their answers.
            own: the number that our messages come from.
        """
        self.name = name
        self._heard = heard
        self._codes = codes
        self._names = names
        self._joining = joining
        self._under_way = under_way
        self._own = own
        self._waiting: deque[_Delivered] = deque()
        self._came = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def take(self, session: Session, frame: pdu.Frame) -> None:
        """Take a ``deliver_sm``; it is answered when it is durable."""
        if len(self._waiting) >= MOST_WAITING:
            session.acknowledge([(frame.sequence, pdu.QUEUE_FULL)])
            return
        self._waiting.append(_Delivered(session, frame))
        self._idle.clear()
        self._came.set()

    async def run(self) -> None:
        """Hand over what comes until cancelled."""
        loop = asyncio.get_running_loop()
        looked_at = loop.time()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._came.wait()
            if loop.time() - looked_at >= LOOK_S:
                looked_at = loop.time()
                await self._hand_over_texts(self._joining.overdue(looked_at))
            if self._waiting:
                await self.hand_over()
            else:
                self._came.clear()

    async def hand_over(self) -> None:
        """Hand over what waits, at most some hundreds, and answer it."""
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_AT_ONCE))]
        try:
            kept = await self._hand_over_batch(batch)
        except Exception as exc:  # noqa: BLE001 - a mistake of ours: nothing is acknowledged for it
            log.error("smpp.intake_failed", gateway=self.name, count=len(batch), error=type(exc).__name__)
            kept = False
            for one in batch:
                one.status = pdu.NOT_NOW
        _acknowledge(batch)
        if not self._waiting:
            self._idle.set()
        if not kept:
            await asyncio.sleep(AFTER_FAILURE_S)

    async def settle(self, patience_s: float) -> None:
        """Wait until everything that was delivered is answered, so long at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self._idle.wait()

    async def rest(self) -> None:
        """Hand over texts as far as they came; before an end."""
        await self._hand_over_texts(self._joining.rest())

    async def _hand_over_batch(self, batch: Sequence[_Delivered]) -> bool:
        """Return whether everything is durable; each one's status says what it is answered."""
        reports: list[tuple[_Delivered, Reported]] = []
        texts: list[tuple[_Delivered, Written]] = []
        now = asyncio.get_running_loop().time()
        for one in batch:
            try:
                found = delivered.read(one.frame.raw, self._joining.charset, self._own)
            except ValueError as exc:
                log.warning("smpp.unreadable", gateway=self.name, reason=str(exc))
                one.status = pdu.NEVER
                continue
            if isinstance(found, Piece):
                written = self._joining.add(found, now)
                if written is not None:
                    texts.append((one, written))
            else:
                reports.append((one, found))
        safe = await self._hand_over_reports([found for _, found in reports])
        safe_texts = await self._hand_over_texts([written for _, written in texts])
        for one, _ in reports if not safe else ():
            one.status = pdu.NOT_NOW
        for one, _ in texts if not safe_texts else ():
            one.status = pdu.NOT_NOW
        return safe and safe_texts

    async def _hand_over_reports(self, found: Sequence[Reported]) -> bool:
        """Return whether the reports are durable."""
        if not found:
            return True
        for _ in range(ANSWER_WAITS):
            if all(self._names.meant(one.ids, one.numbers)[1] for one in found) or not self._under_way():
                break
            await asyncio.sleep(ANSWER_WAIT_S)
        reports = [report for one in found for report in self._reports(one)]
        try:
            await self._heard.reports(reports)
        except Exception as exc:  # noqa: BLE001 - whatever kept it from being durable: the SMSC tells it again
            log.warning(
                "smpp.reports_not_kept", gateway=self.name, count=len(found), error=type(exc).__name__
            )
            return False
        return True

    async def _hand_over_texts(self, written: Sequence[Written]) -> bool:
        """Return whether the texts are durable; those that are not stay where they wait for their parts."""
        if not written:
            return True
        replies = [Reply(self.name, one.number, one.text, str(uuid.uuid4())) for one in written]
        try:
            await self._heard.replies(replies)
        except Exception as exc:  # noqa: BLE001 - as above
            log.warning(
                "smpp.replies_not_kept", gateway=self.name, count=len(written), error=type(exc).__name__
            )
            return False
        for one in written:
            self._joining.forget(one)
        return True

    def _reports(self, found: Reported) -> list[FarReport]:
        """Return what the record is told: where the id may be several, each of them for that number alone."""
        ids, certain = self._names.meant(found.ids, found.numbers)
        failure = self._codes.failure(self.name, found.words) if found.status == "failed" else None
        number = found.numbers[0] if found.numbers and not certain and len(ids) > 1 else None
        whose = None if number else sure_number(found.numbers)
        return [
            FarReport(self.name, one, number, found.status, failure, found.words, whose)
            for one in (ids if number else ids[:1])
        ]


def _acknowledge(batch: Sequence[_Delivered]) -> None:
    answers: dict[Session, list[tuple[int, int]]] = {}
    for one in batch:
        answers.setdefault(one.session, []).append((one.frame.sequence, one.status))
    for session, said in answers.items():
        session.acknowledge(said)
