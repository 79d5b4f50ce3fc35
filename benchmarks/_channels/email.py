"""E-mail into Debian's ``smtp-sink`` over 16 connections: through the ledger and without it, signed and unsigned.

*Ledger*: planned rows of a record on SQLite (every commit is synced) are claimed, asked again, built, sent and settled
by the deliver step itself. *Channel*: the same mails by the channel alone. In turn with them, in the same run,
``smtp-source``, which only repeats one ready-made mail of the same size, sends over as many connections into the same
sink: that is what the machine gives at most.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import uvloop
from cryptography.hazmat.primitives.asymmetric import rsa

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from benchmarks.mime import message
from channels.email import EmailChannel, SmtpServer
from channels.email.dkim import Signer
from channels.email.mime import mail
from channels.email.verp import return_path
from channels.message import Receipt
from streams.names import MATCH_TASKS
from streams.steps.deliver import deliver
from subscribers.model import SubscriberIn, SubscriptionIn
from subscribers.registry import put_subscriber, put_subscriptions
from tests.servers.smtp_sink import SmtpSink, smtp_sink_program
from tests.support.flow import NOW, SHARDS, SOFTWARE, Flow, open_flow

SENDER = "政达政策推送 <push@policy.example.gov.cn>"
RETURNS = partial(return_path, domain="bounce.example.gov.cn", key=b"k" * 32)
CONNECTIONS = 16
BATCH = 500
CHUNK, ABREAST = 100, 4  # as the deliver step has them
PEER = f"smtp-source, {CONNECTIONS} connections"

Way = Callable[[str, int], float]


def channel_to(url: str, signer: Signer | None) -> EmailChannel:
    """The channel as the service builds it."""
    return EmailChannel(
        SmtpServer.from_url(url), SENDER, connections=CONNECTIONS, returns=RETURNS, signer=signer
    )


async def by_channel_s(url: str, count: int, signer: Signer | None) -> float:
    """Return the seconds in which the channel alone sends so many mails, each to another with reasons of its own."""
    channel = channel_to(url, signer)
    chunks = [[message(n) for n in range(at, min(at + CHUNK, count))] for at in range(0, count, CHUNK)]
    room = asyncio.Semaphore(ABREAST)

    async def one(chunk: list[Any]) -> None:
        async with room:
            for outcome in await channel.send(chunk):
                assert isinstance(outcome, Receipt), outcome

    began = time.perf_counter()
    await asyncio.gather(*(one(chunk) for chunk in chunks))
    took = time.perf_counter() - began
    await channel.close()
    return took


async def by_ledger_s(url: str, count: int, signer: Signer | None) -> float:
    """Return the seconds in which so many planned rows of the ledger are sent."""
    with tempfile.TemporaryDirectory(prefix="zhengda-benchmark-") as folder:
        async with open_flow(f"sqlite:///{Path(folder) / 'record.db'}") as flow:
            await _plan(flow, count)
            ids = [str(row["delivery_id"]) for row in await flow.rows(state="planned")]
            assert len(ids) == count, f"{len(ids)} rows instead of {count}"
            channel = channel_to(url, signer)
            began = time.perf_counter()
            for at in range(0, count, BATCH):
                await deliver(flow.desk, channel, {"delivery_ids": ids[at : at + BATCH]})
            took = time.perf_counter() - began
            await channel.close()
            sent = len(await flow.rows(state="sent"))
            assert sent == count, f"{sent} of {count} were sent"
            return took


async def _plan(flow: Flow, count: int) -> None:
    """So many subscribers with an address, each with a subscription of its own name, and a policy that fits them."""
    consent = {"basis": "申请表", "at": NOW, "evidence": "表 7"}
    for begin in range(0, count, BATCH):
        async with flow.record.write() as conn:
            for number in range(begin, min(begin + BATCH, count)):
                contact = {"channel": "email", "address": f"user{number}@example.cn", "consent": consent}
                given = SubscriberIn.model_validate(
                    {"name": f"{number} 公司", "contacts": [contact], "profile_matching": False}
                )
                wanted = SubscriptionIn(
                    id="soft", name=f"软件扶持 {number}", criteria=SOFTWARE, channels=["email"]
                )
                subscriber_id = f"S-{number}"
                await put_subscriber(
                    conn, flow.desk.vault, subscriber_id, given, shards=SHARDS, now=NOW, actor="benchmark"
                )
                await put_subscriptions(conn, subscriber_id, [wanted], now=NOW)
    await flow.campaign()
    await flow.pump(MATCH_TASKS)


def by_source_s(url: str, count: int, program: str) -> float:
    """Return the seconds in which smtp-source sends so many mails of the size of ours."""
    size = len(mail(message(0), "user0@example.cn", SENDER))
    command = [program, "-s", str(CONNECTIONS), "-l", str(size), "-m", str(count), "-d"]
    command += ["-f", "bench@example.com", "-t", "user@example.com", url.removeprefix("smtp://")]
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    return time.perf_counter() - began


@dataclass(frozen=True)
class _Row:
    way: str
    run: Way
    count: int


def _ways(program: str, count: int, ledger: int) -> list[_Row]:
    signer = Signer(rsa.generate_private_key(public_exponent=65537, key_size=2048), "example.gov.cn", "y2026")
    ways = [_Row(PEER, partial(by_source_s, program=program), max(count, ledger))]
    for name, key in (("", None), (", DKIM (RSA 2048)", signer)):
        for what, way, number in (
            ("zhengda through the ledger (SQLite)", by_ledger_s, ledger),
            ("zhengda, the channel alone", by_channel_s, count),
        ):
            if number:
                # On the loop that the service runs on.
                run = lambda url, n, way=way, key=key: uvloop.run(way(url, n, key))  # noqa: E731
                ways.append(_Row(what + name, run, number))
    return ways


async def measure(count: int = 10_000, rounds: int = 3, ledger: int = 5_000) -> list[dict[str, Any]]:
    """Return a row for each way: mails per second into the sink.

    Args:
        count: mails a round of the ways without the ledger.
        rounds: the ways take turns; the median counts.
        ledger: rows of the ways through the ledger; 0 leaves them out.
    """
    sink_program = smtp_sink_program()
    source = shutil.which("smtp-source", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if sink_program is None or source is None:
        raise SystemExit("smtp-sink and smtp-source are needed: Debian's package postfix")
    ways = _ways(source, count, ledger)
    took: dict[_Row, list[float]] = {way: [] for way in ways}
    load = os.getloadavg()[0]
    sink = SmtpSink(sink_program)
    await asyncio.to_thread(sink.start)
    try:
        for _ in range(rounds):
            for way in ways:
                took[way].append(await asyncio.to_thread(way.run, sink.url, way.count))
    finally:
        await asyncio.to_thread(sink.close)
    speeds = {way: way.count / median(seconds) for way, seconds in took.items()}
    peer = next(speed for way, speed in speeds.items() if way.way == PEER)
    return [
        {
            "channel": "email",
            "protocol": "SMTP",
            "far_side": "smtp-sink",
            "way": way.way,
            "messages": way.count,
            "rounds": rounds,
            "per_s": round(speed),
            "of_peer": round(speed / peer, 2),
            "load_before": round(load, 2),
        }
        for way, speed in speeds.items()
    ]


if __name__ == "__main__":
    for row in asyncio.run(measure()):
        print(json.dumps(row, ensure_ascii=False))
