"""The gateway over SMPP 3.4: standing lines, texts cut into parts, an outcome for each text."""

import asyncio
import random as chance
from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle

from channels.channel import Outcome
from channels.errors import ContentError, TemporaryError, ThrottledError, TransportError, UnreachableError
from channels.heard import FarReport
from channels.sms.gateways.gateway import GatewayBuilding, Text
from channels.sms.gateways.smpp import pdu
from channels.sms.gateways.smpp.ids import Names, plain
from channels.sms.gateways.smpp.intake import Intake
from channels.sms.gateways.smpp.joining import Joining
from channels.sms.gateways.smpp.line import Line
from channels.sms.gateways.smpp.parts import parts_of, submit_sm
from channels.sms.gateways.smpp.place import Place
from channels.sms.gateways.smpp.sending import Sending, is_busy
from channels.sms.gateways.smpp.session import Answer, Answered, Session
from channels.standing import Sent

BATCH_S = 120.0  # for all texts of a call: well within the time for which they are claimed
ROUNDS = 4  # as often parts are written again that were too much at once
QUIET_S = 1.0  # after "too much at once" nothing is written for so long, then for twice as long …
PATIENT_WITH = 3  # … and at the third in a row the rest of the batch goes back
LONGEST_QUIET_S = 30.0
LEAVE_S = 5.0  # for answers that are under way when the service ends


class SmppGateway:
    """Text messages over one SMSC."""

    def __init__(
        self, place: Place, building: GatewayBuilding, random: Callable[[], float] = chance.random
    ) -> None:
        """Nothing is opened before `open` or the first text.

        Args:
            place: where, and how.
            building: name, codes, and who hears what is delivered.
            random: returns a number from 0 to 1, for waits.
        """
        self.place = place
        self.name = building.name
        self._codes = building.codes
        self._building = building
        self._random = random
        self._names = Names(place.ids)
        self._lines: list[Line] = []
        self._intake: Intake | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._quiet_until = 0.0
        self._too_much = 0  # how often in a row

    async def open(self) -> None:
        """Begin to bind; it waits for nothing."""
        if self._tasks:
            return
        building, place = self._building, self.place
        self._changed = asyncio.Event()
        joining = Joining(place.charset)
        self._intake = Intake(
            self.name, building.heard, self._codes, self._names, joining, self._is_under_way, place.source
        )
        split = place.bind_type == "split"
        commands = [pdu.BIND_TRANSMITTER if split else pdu.BIND_TRANSCEIVER] * place.binds
        commands += [pdu.BIND_RECEIVER] * split
        takes, changed, told = self._intake.take, self._changed.set, self._line_told
        self._lines = [
            Line(self.name, place, command, self._codes, takes, changed, told, self._random)
            for command in commands
        ]
        self._turns = cycle(line for line in self._lines if line.command != pdu.BIND_RECEIVER)
        self._tasks = [asyncio.create_task(line.run()) for line in self._lines]
        self._tasks.append(asyncio.create_task(self._intake.run()))

    async def submit(self, texts: Sequence[Text]) -> Sequence[Outcome]:
        """Send ``texts``; see `Gateway.submit`. Waits for room, for answers, and a little where it is too much."""
        await self.open()
        prepared = [self._prepared(text) for text in texts]
        going = [one for one in prepared if isinstance(one, Sending)]
        deadline = asyncio.get_running_loop().time() + BATCH_S
        stopped: TransportError | None = None
        for _ in range(ROUNDS):
            stopped = await self._write(going, deadline)
            going = [one for one in going if one.left(self.name, self._codes)]
            if stopped or not going:
                break
        return [
            one.outcome(self.name, self._codes, stopped) if isinstance(one, Sending) else one
            for one in prepared
        ]

    async def query(self, sent: Sequence[Sent]) -> Sequence[FarReport]:
        """Return nothing: carriers report by themselves, and few answer ``query_sm``."""
        return ()

    async def close(self) -> None:
        """Wait a little for what is under way, take leave, and hang up; the gateway can be used again afterwards."""
        tasks, self._tasks = self._tasks, []
        lines, intake = self._lines, self._intake
        if not tasks or intake is None:
            return
        await intake.settle(LEAVE_S)
        await asyncio.gather(*(line.leave(LEAVE_S) for line in lines))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await intake.rest()
        self._lines, self._intake = [], None

    def _prepared(self, text: Text) -> Sending | ContentError:
        try:
            return Sending(text, parts_of(text.text, text.delivery_id, self.place.long))
        except ValueError as exc:
            return ContentError(f"the text cannot be cut into parts: {type(exc).__name__}")

    async def _write(self, sendings: Sequence[Sending], deadline: float) -> TransportError | None:
        """Write what is left of texts and take the answers; return why not all of it was written."""
        under_way: list[tuple[Sending, int, asyncio.Future[Answer]]] = []
        stopped: TransportError | None = None
        try:
            for one in sendings:
                for index in one.left(self.name, self._codes):
                    session = await self._room(deadline)
                    message = partial(submit_sm, self.place, one.text, one.parts[index])
                    answer = session.submit(message, partial(self._told, one.text.number))
                    under_way.append((one, index, answer))
        except TransportError as exc:
            stopped = exc
        for one, index, answer in under_way:
            one.answers[index] = await answer
        return stopped

    async def _room(self, deadline: float) -> Session:
        """Return a connection with room for a message.

        Raises:
            TransportError: there is none, or there will be none in time.
        """
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            if now >= deadline:
                raise TemporaryError("not reached in the time of this batch")
            if (quiet := self._quiet_until - now) > 0:
                if self._too_much >= PATIENT_WITH:
                    raise ThrottledError("the SMSC says that it is too much at once", quiet)
                await asyncio.sleep(min(quiet, deadline - now))
                continue
            for _, line in zip(self._lines, self._turns, strict=False):
                if line.session is not None and line.has_room:
                    return line.session
            self._hope()
            self._changed.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _hope(self) -> None:
        """Raise why every line that sends is down."""
        senders = [line for line in self._lines if line.command != pdu.BIND_RECEIVER]
        why = [line.why for line in senders if line.why is not None]
        if len(why) == len(senders):
            raise why[0] if why else UnreachableError("the gateway is closed")

    def _line_told(self) -> None:
        """Say whether the lines stand, one of each kind of bind: without a receiver no report comes."""
        standing = {line.command for line in self._lines if line.session is not None}
        missing = [line for line in self._lines if line.command not in standing]
        if not missing:
            if not self._building.line.in_use:
                self._building.line.stands()
            return
        for why in (line.why for line in missing):
            if why is not None:
                self._building.line.is_down(why.reason)
                return

    def _told(self, number: str, answer: Answered) -> None:
        """Note an answer: which id a message got, and whether it was too much at once."""
        if is_busy(answer, self.name, self._codes):
            now = asyncio.get_running_loop().time()
            if now >= self._quiet_until:
                quiet = min(QUIET_S * 2**self._too_much, LONGEST_QUIET_S)
                self._quiet_until = now + quiet * (1 + self._random() / 4)
                self._too_much += 1
        elif answer.status == pdu.OK:
            self._too_much = 0
            if answer.message_id:
                self._names.took(plain(answer.message_id), number)

    def _is_under_way(self) -> bool:
        return any(line.session is not None and line.session.asked for line in self._lines)
