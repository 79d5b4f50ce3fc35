"""SMPP: from the first text until the last report has been handed over; with a plain smpp34 client beside it.

One row more has the record behind it: rows of the ledger are claimed, sent, settled, and delivered by their reports.

The far side runs in a process of its own: `smpp34.Server` (Rust), and npm's `smpp` (node) where it is installed. The
client loop of smpp34 acknowledges reports before anybody has seen them, cuts nothing into parts and keeps nothing: it
is what the machine gives at most.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import smpp34

from benchmarks._channels.sms_ledger import ledger_s
from channels.heard import FarReport, Reply
from channels.message import Receipt
from channels.sms.codes import load_codes
from channels.sms.gateways.gateway import GatewayBuilding, Text
from channels.sms.gateways.smpp import SmppGateway, place_of
from channels.sms.links import SmsLinks
from tests.servers.npm_smsc import NpmSmsc, smsc_program
from tests.servers.ports import free_port, wait_for_port
from tests.servers.processes import spawn, stop

SERVER = Path(__file__).parent / "smpp_server.py"
TEXT = "【某市政务】您申报的高新技术企业认定补贴已受理，退订回T"  # one part
BATCH = 100
ABREAST = 4  # batches at a time, as the deliver step has them
WINDOW = 32
FIRST_NUMBER = 13_800_000_000
WAIT_S = 120.0
RUST, NPM = "smpp34.Server", "npm smpp"
PEER = f"smpp34's own client, window {2 * WINDOW}"

Way = Callable[[int, int], Awaitable[float]]


class CountingHeard:
    """Counts what is handed over."""

    def __init__(self) -> None:
        self.count = 0
        self.wanted = 0
        self.all = asyncio.Event()

    async def reports(self, found: Sequence[FarReport]) -> None:
        """Count reports."""
        self.count += sum(one.status == "delivered" for one in found)
        if self.count >= self.wanted:
            self.all.set()

    async def replies(self, found: Sequence[Reply]) -> None:
        """Nobody replies here."""


async def gateway_s(port: int, count: int, *, binds: int = 2) -> float:
    """Return the seconds in which our gateway sends so many texts and hands over as many reports."""
    heard = CountingHeard()
    heard.wanted = count
    url = f"smpp://gov:secret@127.0.0.1:{port}?from=10690001&window={WINDOW}&binds={binds}"
    building = GatewayBuilding("smpp", "某市政务", SmsLinks("", b"key"), heard, load_codes())
    gateway = SmppGateway(place_of(url), building)
    texts = [Text(f"d-{one}", f"+86{FIRST_NUMBER + one}", TEXT) for one in range(count)]
    room = asyncio.Semaphore(ABREAST)

    async def batch(some: Sequence[Text]) -> None:
        async with room:
            for outcome in await gateway.submit(some):
                assert isinstance(outcome, Receipt), outcome

    try:
        # The binding is not measured.
        await gateway.submit([Text("warm", f"+86{FIRST_NUMBER - 1}", TEXT, wants_report=False)])
        await asyncio.sleep(0.2)
        heard.count = 0
        heard.all.clear()
        began = time.perf_counter()
        await asyncio.gather(*(batch(texts[at : at + BATCH]) for at in range(0, count, BATCH)))
        async with asyncio.timeout(WAIT_S):
            await heard.all.wait()
        return time.perf_counter() - began
    finally:
        await gateway.close()


async def through_the_ledger_s(port: int, count: int) -> float:
    """Return the seconds in which so many planned rows of the ledger are delivered."""
    place = place_of(f"smpp://gov:secret@127.0.0.1:{port}?from=10690001&window={WINDOW}&binds=2")
    return await ledger_s(lambda building: SmppGateway(place, building), "smpp", count)


async def client_s(port: int, count: int) -> float:
    """Return the seconds in which a plain loop over smpp34's client sends so many and sees as many reports."""
    client = smpp34.Client(
        "127.0.0.1", port, "gov", "secret", window_size=WINDOW * 2, inbound_capacity=100_000
    )
    smsc = await client.connect()
    heard, all_heard = 0, asyncio.Event()

    async def listen() -> None:
        nonlocal heard
        while isinstance(await smsc.next(), smpp34.DeliverSmEvent):
            heard += 1
            if heard >= count:
                all_heard.set()

    room = asyncio.Semaphore(WINDOW * 2)

    async def one(number: int) -> None:
        async with room:
            answer = await smsc.submit_sm(
                str(FIRST_NUMBER + number),
                body,
                source_addr="10690001",
                dest_addr_ton=1,
                dest_addr_npi=1,
                data_coding=8,
                registered_delivery=1,
            )
            assert answer.is_success

    body = TEXT.encode("utf-16-be")
    listening = asyncio.create_task(listen())
    try:
        began = time.perf_counter()
        await asyncio.gather(*(one(number) for number in range(count)))
        async with asyncio.timeout(WAIT_S):
            await all_heard.wait()
        return time.perf_counter() - began
    finally:
        listening.cancel()
        await smsc.unbind()
        await client.stop()


@asynccontextmanager
async def rust_server() -> AsyncIterator[int]:
    """Run `smpp34.Server` in a process of its own; its port."""
    port = free_port()
    # -P: what lies beside the script (`email.py`) is not meant when the standard library is.
    command = [sys.executable, "-P", SERVER, str(port)]
    process = spawn("smpp34 server", command, stdout=subprocess.DEVNULL)
    try:
        assert await asyncio.to_thread(wait_for_port, port)
        yield port
    finally:
        await asyncio.to_thread(stop, process)


@asynccontextmanager
async def npm_server(node: str) -> AsyncIterator[int]:
    """Run npm's SMSC; its port."""
    server = NpmSmsc(node, password="secret", stat="DELIVRD", reportMs=0, quiet=True)
    await asyncio.to_thread(server.start)
    try:
        yield server.port
    finally:
        await asyncio.to_thread(server.close)


@dataclass(frozen=True)
class _Row:
    server: str
    way: str
    run: Way
    count: int


async def measure(count: int = 10_000, rounds: int = 3, ledger: int = 1_000) -> list[dict[str, Any]]:
    """Return a row for each way and far side: messages per second from the first text to the last report.

    Args:
        count: texts a round.
        rounds: the ways take turns; the median counts.
        ledger: rows of the way through the ledger; 0 leaves it out.
    """
    node, missing = smsc_program()
    ways = [
        _Row(RUST, f"zhengda, 2 binds of {WINDOW}", gateway_s, count),
        _Row(RUST, PEER, client_s, count),
    ]
    if node is not None:
        ways += [_Row(NPM, way.way, way.run, count) for way in ways]
    else:
        print(f"without npm's SMSC: {missing}")
    if ledger:
        ways.append(_Row(RUST, "zhengda through the ledger (SQLite)", through_the_ledger_s, ledger))
    took: dict[_Row, list[float]] = {way: [] for way in ways}
    load = os.getloadavg()[0]
    for _ in range(rounds):
        for way in ways:
            async with rust_server() if node is None or way.server == RUST else npm_server(node) as port:
                took[way].append(await way.run(port, way.count))
    speeds = {way: way.count / median(seconds) for way, seconds in took.items()}
    peers = {way.server: speed for way, speed in speeds.items() if way.way == PEER}
    return [
        {
            "channel": "sms",
            "protocol": "SMPP 3.4",
            "far_side": way.server,
            "way": way.way,
            "messages": way.count,
            "rounds": rounds,
            "per_s": round(speed),
            "of_peer": round(speed / peers[way.server], 2),
            "load_before": round(load, 2),
        }
        for way, speed in speeds.items()
    ]
