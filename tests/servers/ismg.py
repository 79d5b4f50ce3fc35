"""A carrier's gateway (ISMG) inside the test: it takes messages, reports and brings replies, and misbehaves as told."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count

from channels.sms.gateways.cmpp.authenticator import gateway_proof, source_proof
from channels.sms.gateways.cmpp.codec import decode, encode
from channels.sms.gateways.cmpp.pdus import (
    OK,
    UCS2,
    V20,
    V30,
    ActiveTest,
    ActiveTestResp,
    Connect,
    ConnectResp,
    Deliver,
    DeliverResp,
    Pdu,
    Query,
    QueryResp,
    Submit,
    SubmitResp,
    Terminate,
    TerminateResp,
)
from channels.sms.gateways.cmpp.report import StateReport
from channels.sms.gateways.cmpp.wire import Frames
from tests.servers.ismg_report import write_report

USER, SECRET, SOURCE = "900001", "s3cret", "10690001"
MOMENT = "2611221830"


@dataclass
class Faults:
    """How it misbehaves; nothing by default.

    Attributes:
        statuses: answers to the next CONNECTs.
        results: answers to the next SUBMITs; None: it is taken, and its answer is lost.
        stats: what the reports about numbers say; DELIVRD for all others.
        report_first: the report goes before the SUBMIT_RESP.
        copies: of each report; 0 loses them.
        hold_reports: keep them until `Ismg.bring` is called.
        silent: takes SUBMITs and says nothing.
        deaf: says nothing to anything, CONNECT excepted.
        torn: so many SUBMITs later it closes in the middle of an answer.
        bytes_per_s: how fast it speaks, after CONNECT; None: as fast as it can.
        again_s: after so long it brings again what was not taken.
        lie: proves itself with another secret.
        only_two: speaks 2.0, whatever it is asked in.
    """

    statuses: deque[int] = field(default_factory=deque)
    results: deque[int | None] = field(default_factory=deque)
    stats: dict[str, str] = field(default_factory=dict)
    report_first: bool = False
    copies: int = 1
    hold_reports: bool = False
    silent: bool = False
    deaf: bool = False
    torn: int | None = None
    bytes_per_s: float | None = None
    again_s: float | None = None
    lie: bool = False
    only_two: bool = False


class Line:
    """One connection of an SP."""

    def __init__(self, ismg: "Ismg", writer: asyncio.StreamWriter) -> None:
        self.ismg = ismg
        self.writer = writer
        self.version = V30
        self.out: list[bytes] = []

    def say(self, pdu: Pdu, sequence: int) -> None:
        """Say it with what else is said in this turn."""
        self.out.append(encode(pdu, sequence, self.version))

    async def flush(self) -> None:
        """Write what was said."""
        raw, self.out = b"".join(self.out), []
        pace = self.ismg.faults.bytes_per_s
        for place in range(0, len(raw), 1 if pace else max(len(raw), 1)):
            self.writer.write(raw[place : place + 1] if pace else raw)
            if pace:
                await asyncio.sleep(1 / pace)

    def tear(self, pdu: Pdu, sequence: int) -> None:
        """Say the first half of it and hang up."""
        raw = encode(pdu, sequence, self.version)
        self.writer.write(b"".join(self.out) + raw[: len(raw) // 2])
        self.out = []
        self.writer.close()


# An ISMG's Msg_Ids tell when they were given, so that none comes again, not even from one started anew.
_IDS = count(0xB2B9DA8000020001)


class Ismg:
    """An ISMG for one SP. What came is in ``connects``, ``submits``, ``answers`` (to its DELIVERs), ``requests``."""

    def __init__(self, user: str = USER, secret: str = SECRET) -> None:
        self.user = user
        self.secret = secret
        self.faults = Faults()
        self.connects: list[Connect] = []
        self.submits: list[
            tuple[int, Submit]
        ] = []  # with the Msg_Id that each was given; refused ones have 0
        self.answers: list[DeliverResp] = []
        self.requests: list[type[Pdu]] = []
        self.lines: list[Line] = []
        self.port = 0
        self.keep = True  # what came; not where a benchmark sends much
        self._held: list[Deliver] = []
        self._unanswered: dict[int, Deliver] = {}
        self._ids = _IDS
        self._sequences = count(1)
        self._tasks: set[asyncio.Task[None]] = set()

    # What the tests say to it

    def url(self, scheme: str = "cmpp", **options: object) -> str:
        """As ZHENGDA_SMS_URL takes it."""
        more = "".join(f"&{name}={value}" for name, value in options.items())
        return f"{scheme}://{self.user}:{self.secret}@127.0.0.1:{self.port}?src={SOURCE}{more}"

    def texts(self) -> list[str]:
        """The texts that came, header of long ones left out."""
        return [(one.content[6:] if one.udhi else one.content).decode("utf-16-be") for _, one in self.submits]

    async def bring(self, order: Callable[[list[Deliver]], list[Deliver]] = list) -> None:
        """Send the reports that were held, in an order of one's own."""
        held, self._held = self._held, []
        for deliver in order(held):
            self._deliver(self.lines[-1], deliver)
        await self.lines[-1].flush()

    async def report(self, msg_id: int, number: str, stat: str = "DELIVRD") -> None:
        """StateReport about any message."""
        self._deliver(self.lines[-1], self._report(msg_id, number, stat, self.lines[-1].version))
        await self.lines[-1].flush()

    async def reply(
        self, number: str, content: bytes, *, msg_fmt: int = UCS2, udhi: int = 0, to: str = SOURCE
    ) -> int:
        """Bring what somebody wrote; returns its Msg_Id."""
        msg_id = next(self._ids)
        deliver = Deliver(msg_id, to, number, content, msg_fmt=msg_fmt, udhi=udhi)
        self._deliver(self.lines[-1], deliver)
        await self.lines[-1].flush()
        return msg_id

    async def send(self, pdu: Pdu) -> None:
        """Say anything to the SP."""
        self.lines[-1].say(pdu, next(self._sequences))
        await self.lines[-1].flush()

    async def send_raw(self, raw: bytes) -> None:
        """Say anything at all."""
        self.lines[-1].writer.write(raw)

    def hang_up(self) -> None:
        """Cut all connections."""
        for line in self.lines:
            line.writer.transport.abort()

    # Its side of the protocol

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        line, frames = Line(self, writer), Frames()
        try:
            while data := await reader.read(1 << 16):
                for frame in frames.feed(data):
                    self._take(line, *decode(frame, line.version))
                await line.flush()
        except ConnectionError:
            pass  # the SP has gone
        finally:
            if line in self.lines:
                self.lines.remove(line)
            writer.close()

    def _take(self, line: Line, sequence: int, pdu: Pdu) -> None:
        if self.keep:
            self.requests.append(type(pdu))
        if isinstance(pdu, Connect):
            self._let_in(line, sequence, pdu)
        elif self.faults.deaf:
            return
        elif isinstance(pdu, Submit):
            self._submit(line, sequence, pdu)
        elif isinstance(pdu, DeliverResp):
            self._answered(line, sequence, pdu)
        elif isinstance(pdu, ActiveTest):
            line.say(ActiveTestResp(), sequence)
        elif isinstance(pdu, Query):
            counts = (len(self.submits), len(self.submits), 0, 0, 0, 0, 0, 0)
            line.say(QueryResp(pdu.day, pdu.kind, pdu.code, *counts), sequence)
        elif isinstance(pdu, Terminate):
            line.say(TerminateResp(), sequence)

    def _let_in(self, line: Line, sequence: int, connect: Connect) -> None:
        self.connects.append(connect)
        line.version = V30 if connect.version >= V30 and not self.faults.only_two else V20
        proof = source_proof(self.user, self.secret, connect.timestamp)
        status = OK if (connect.user, connect.proof) == (self.user, proof) else 3
        if self.faults.statuses:
            status = self.faults.statuses.popleft()
        secret = "another" if self.faults.lie else self.secret
        known = gateway_proof(status, connect.proof, secret, line.version)
        line.say(ConnectResp(status, known, line.version), sequence)
        if status == OK:
            self.lines.append(line)

    def _submit(self, line: Line, sequence: int, submit: Submit) -> None:
        faults = self.faults
        result = faults.results.popleft() if faults.results else OK
        mute = faults.silent or result is None
        msg_id = 0 if result else next(self._ids)
        if self.keep:
            self.submits.append((msg_id, submit))
        answer = SubmitResp(msg_id, result or OK)
        if faults.torn is not None:
            faults.torn -= 1
            if faults.torn < 0:
                faults.torn = None
                line.tear(answer, sequence)
                return
        if not faults.report_first and not mute:
            line.say(answer, sequence)
        if not result and submit.registered_delivery:
            for number in submit.numbers:
                report = self._report(msg_id, number, faults.stats.get(number, "DELIVRD"), line.version)
                for _ in range(faults.copies):
                    self._bring_or_hold(line, report)
        if faults.report_first and not mute:
            line.say(answer, sequence)

    def _bring_or_hold(self, line: Line, report: Deliver) -> None:
        if self.faults.hold_reports:
            self._held.append(report)
        else:
            self._deliver(line, report)

    def _report(self, msg_id: int, number: str, stat: str, version: int) -> Deliver:
        content = write_report(StateReport(msg_id, stat, MOMENT, MOMENT, number), version)
        return Deliver(next(self._ids), SOURCE, number, content, registered_delivery=1)

    def _deliver(self, line: Line, deliver: Deliver) -> None:
        sequence = next(self._sequences)
        if self.faults.again_s is not None:
            self._unanswered[sequence] = deliver
        line.say(deliver, sequence)

    def _answered(self, line: Line, sequence: int, answer: DeliverResp) -> None:
        if self.keep:
            self.answers.append(answer)
        deliver = self._unanswered.pop(sequence, None)
        if deliver is not None and answer.result != OK:
            task = asyncio.create_task(self._again(line, deliver))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _again(self, line: Line, deliver: Deliver) -> None:
        await asyncio.sleep(self.faults.again_s or 0.0)
        self._deliver(line, replace(deliver))
        await line.flush()


@asynccontextmanager
async def running_ismg(port: int = 0) -> AsyncIterator[Ismg]:
    """An ISMG on 127.0.0.1; on a free port unless one is given."""
    ismg = Ismg()
    server = await asyncio.start_server(ismg.talk, "127.0.0.1", port)
    ismg.port = server.sockets[0].getsockname()[1]
    try:
        yield ismg
    finally:
        server.close()
        ismg.hang_up()
        for task in list(ismg._tasks):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*ismg._tasks, return_exceptions=True)
