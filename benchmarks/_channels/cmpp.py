"""CMPP: from the first text until the last report has been handed over; with barer clients beside it, in the same run.

The far side is the tests' ISMG in a process of its own. The bare loop has the same codec and window and nothing else:
no parts, no outcomes, no queue, and it acknowledges reports that nobody has seen. pycmpp (2.0, not written here) sends
without a window and hears no reports: its figure is of answers only.
"""

import asyncio
import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from channels.heard import FarReport, Heard, Reply
from channels.message import Receipt
from channels.sms.codes import load_codes
from channels.sms.gateways.cmpp import open_gateway
from channels.sms.gateways.cmpp.authenticator import source_proof
from channels.sms.gateways.cmpp.codec import decode, encode
from channels.sms.gateways.cmpp.pdus import V30, Connect, Deliver, DeliverResp, Submit, SubmitResp
from channels.sms.gateways.cmpp.wire import Frames
from channels.sms.gateways.gateway import GatewayBuilding, Text
from channels.sms.links import SmsLinks
from streams.receipts.hearing import Hearing
from tests.servers.ismg import SECRET, SOURCE, USER
from tests.servers.ports import free_port, wait_for_port
from tests.servers.processes import spawn, stop
from tests.support.flow import open_flow

SERVER = Path(__file__).parent / "cmpp_server.py"
PYCMPP = Path(__file__).parents[2] / "tests" / "servers" / "ismg_pycmpp.py"
TEXT = "【某市政务】{}号申报的高新技术企业认定补贴已受理，退订回T"  # one part, to each their own
LONG = "【某市政务】{}号申报的" + "高新技术企业认定补贴已受理，" * 6 + "退订回T"  # two
BATCH = 100
ABREAST = 4  # batches at a time, as the deliver step has them
WINDOW = 16
FIRST_NUMBER = 13_800_000_000
WAIT_S = 120.0
PEER = "bare loop over the codec, 3.0, window 16"

Way = Callable[[int, int], Awaitable[float]]


class Counting:
    """Counts what is handed over, and hands it on where somebody keeps it."""

    def __init__(self, keeps: Heard | None = None) -> None:
        self.keeps = keeps
        self.count = 0
        self.wanted = 0
        self.all = asyncio.Event()

    async def reports(self, found: Sequence[FarReport]) -> None:
        """Count reports that are durable."""
        if self.keeps is not None:
            await self.keeps.reports(found)
        self.count += len(found)
        if self.count >= self.wanted:
            self.all.set()

    async def replies(self, found: Sequence[Reply]) -> None:
        """Nobody replies here."""


async def gateway_s(
    port: int,
    count: int,
    *,
    scheme: str = "cmpp",
    text: str = TEXT,
    parts: int = 1,
    keeps: Heard | None = None,
) -> float:
    """Return the seconds in which our gateway sends so many texts and hands over as many reports."""
    heard = Counting(keeps)
    heard.wanted = count * parts
    building = GatewayBuilding("cmpp", "某市政务", SmsLinks("", b"key"), heard, load_codes())
    gateway = open_gateway(
        f"{scheme}://{USER}:{SECRET}@127.0.0.1:{port}?src={SOURCE}&window={WINDOW}", building
    )
    texts = [Text(f"d-{one}", f"+86{FIRST_NUMBER + one}", text.format(one)) for one in range(count)]
    room = asyncio.Semaphore(ABREAST)

    async def batch(some: Sequence[Text]) -> None:
        async with room:
            for outcome in await gateway.submit(some):
                assert isinstance(outcome, Receipt), outcome

    try:
        # Connecting is not measured.
        await gateway.submit([Text("warm", f"+86{FIRST_NUMBER}", TEXT, wants_report=False)])
        began = time.perf_counter()
        await asyncio.gather(*(batch(texts[at : at + BATCH]) for at in range(0, count, BATCH)))
        async with asyncio.timeout(WAIT_S):
            await heard.all.wait()
        return time.perf_counter() - began
    finally:
        await gateway.close()


async def recorded_s(port: int, count: int) -> float:
    """The same with reports in a record (SQLite on disk, every commit synced) before they are acknowledged."""
    with tempfile.TemporaryDirectory(prefix="zhengda-cmpp-") as folder:
        async with open_flow(f"sqlite:///{folder}/record.db") as flow:
            keeps = Hearing(flow.record, flow.desk.vault, flow.desk.log, flow.clock)
            return await gateway_s(port, count, keeps=keeps)


async def bare_s(port: int, count: int) -> float:
    """Return the seconds of a loop that does nothing but CMPP."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    at = 101000000
    writer.write(encode(Connect(USER, source_proof(USER, SECRET, at), V30, at), 0, V30))
    contents = [TEXT.format(one).encode("utf-16-be") for one in range(count)]
    frames, sent, answered, heard = Frames(), 0, 0, 0
    began = 0.0
    while heard < count:
        out = []
        for frame in frames.feed(await reader.read(1 << 16)):
            sequence, pdu = decode(frame, V30)
            if isinstance(pdu, Deliver):
                heard += 1
                out.append(encode(DeliverResp(pdu.msg_id, 0), sequence, V30))
            elif isinstance(pdu, SubmitResp):
                answered += 1
        began = began or time.perf_counter()
        while sent < count and sent - answered < WINDOW:
            numbers = (str(FIRST_NUMBER + sent),)
            submit = Submit(SOURCE, numbers, contents[sent], USER, registered_delivery=1)
            sent += 1
            out.append(encode(submit, sent, V30))
        writer.write(b"".join(out))
    spent = time.perf_counter() - began
    writer.close()
    return spent


async def pycmpp_s(port: int, count: int) -> float:
    """Return the seconds in which pycmpp sends so many and is answered; it asks for no reports."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, PYCMPP, "bench", str(port), USER, SECRET, str(count), stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(WAIT_S):
            out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return float(out)


@asynccontextmanager
async def server() -> AsyncIterator[int]:
    """Run the ISMG; its port."""
    port = free_port()
    # -P: what lies beside the script (`email.py`) is not meant when the standard library is.
    process = spawn("ISMG", [sys.executable, "-P", SERVER, str(port)])
    try:
        assert await asyncio.to_thread(wait_for_port, port)
        yield port
    finally:
        await asyncio.to_thread(stop, process)


@dataclass(frozen=True)
class _Row:
    way: str
    run: Way
    to: str = "report"


def ways() -> list[_Row]:
    """Return what is measured here."""
    found = [
        _Row("zhengda, 3.0, window 16", gateway_s),
        _Row("zhengda, 2.0, window 16", partial(gateway_s, scheme="cmpp2")),
        _Row("zhengda, 3.0, texts of two parts", partial(gateway_s, text=LONG, parts=2)),
        _Row("zhengda, 3.0, one text for all", partial(gateway_s, text=TEXT.format("您"))),
        _Row("zhengda, 3.0, reports in SQLite", recorded_s),
        _Row(PEER, bare_s),
    ]
    if importlib.util.find_spec("pycmpp") is None:
        print("without pycmpp (PyPI: pycmpp)")
        return found
    return [*found, _Row("pycmpp, 2.0, no window, no reports", pycmpp_s, "answer")]


async def measure(count: int = 10_000, rounds: int = 3) -> list[dict[str, Any]]:
    """Return a row for each way: texts per second from the first one to the last report.

    Args:
        count: texts a round.
        rounds: the ways take turns; the median counts.
    """
    rows = ways()
    took: dict[str, list[float]] = {row.way: [] for row in rows}
    load = os.getloadavg()[0]
    for _ in range(rounds):
        for row in rows:
            async with server() as port:
                took[row.way].append(await row.run(port, count))
    peer = median(took[PEER])
    return [
        {
            "channel": "sms",
            "protocol": "CMPP",
            "far_side": "ISMG of the tests",
            "way": row.way,
            "to": row.to,
            "messages": count,
            "rounds": rounds,
            "per_s": round(count / median(took[row.way])),
            "of_peer": round(peer / median(took[row.way]), 2),
            "load_before": round(load, 2),
        }
        for row in rows
    ]
