"""What the transport's contract tests share: small apps, and a worker process that can be killed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from faust.types import EventT, TopicT

from streams.transport import HonestApp, done
from tests.servers.processes import kill9, pid_alive, spawn

PARTITIONS = 4
WORKER = Path(__file__).with_name("transport_worker.py")
ROOT = Path(__file__).resolve().parents[2]

Handle = Callable[[EventT], Awaitable[None]]


class Seen(NamedTuple):
    key: bytes | None
    value: bytes
    partition: int
    offset: int
    headers: dict[str, bytes]


def seen(event: EventT) -> Seen:
    message = event.message
    return Seen(message.key, event.value, message.partition, message.offset, dict(event.headers))


def new_name(what: str) -> str:
    """A topic or group of the test's own."""
    return f"{what}-{uuid4().hex[:8]}"


def make_app(url: str, group: str, datadir: Path, **settings: Any) -> HonestApp:
    return HonestApp(
        group,
        broker=url,
        datadir=str(datadir),
        web_enabled=False,
        topic_partitions=PARTITIONS,
        topic_replication_factor=1,
        broker_session_timeout=3.0,
        broker_heartbeat_interval=1.0,
        topic_disable_leader=True,
        **({"stream_wait_empty": False, "broker_commit_interval": 0.2} | settings),
    )


def raw_topic(app: HonestApp, name: str) -> TopicT:
    return app.topic(
        name,
        key_type=bytes,
        key_serializer="raw",
        value_type=bytes,
        value_serializer="raw",
        partitions=PARTITIONS,
        internal=True,
    )


@asynccontextmanager
async def reading(
    url: str, group: str, topic: str, datadir: Path, handle: Handle, **settings: Any
) -> AsyncIterator[HonestApp]:
    """A worker in this process that gives each event to `handle` and then marks it as done."""
    app = make_app(url, group, datadir, **settings)

    async def agent(stream: Any) -> None:
        async for event in stream.events():
            await handle(event)
            done(event)

    app.agent(raw_topic(app, topic), name=f"agent-{topic}")(agent)
    await app.start()
    try:
        yield app
    finally:
        await app.stop()


@asynccontextmanager
async def sending(url: str, topic: str, datadir: Path) -> AsyncIterator[TopicT]:
    """A declared topic of a producer without a consumer."""
    app = make_app(url, new_name("sender"), datadir)
    app.producer_only = True
    channel = raw_topic(app, topic)
    await app.start()
    try:
        await channel.maybe_declare()
        yield channel
    finally:
        await app.stop()


async def send_durably(channel: TopicT, values: list[bytes], **options: Any) -> None:
    """Send in this order and wait until all are durable."""
    for future in [await channel.send(value=value, **options) for value in values]:
        await future


async def eventually(true: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Wait until it is true; fail when it is not in time."""
    async with asyncio.timeout(timeout_s):
        while not true():
            await asyncio.sleep(0.02)


class Collector:
    """A handler that remembers; by value, it can raise, or block until the worker is stopped."""

    def __init__(self, raise_at: bytes | None = None, block_at: bytes | None = None) -> None:
        self.events: list[Seen] = []
        self._raise_at = raise_at
        self._block_at = block_at

    async def __call__(self, event: EventT) -> None:
        self.events.append(seen(event))
        if event.value == self._raise_at:
            raise ValueError("this event's work fails")
        if event.value == self._block_at:
            await asyncio.sleep(3600)

    @property
    def values(self) -> list[bytes]:
        return [event.value for event in self.events]


class WorkerProcess:
    """A worker in a process of its own, which writes each event's value to a file before it marks it as done."""

    def __init__(self, url: str, group: str, topic: str, out: Path) -> None:
        self.out = out
        self._process = spawn("transport worker", [sys.executable, WORKER, url, group, topic, out], cwd=ROOT)

    @property
    def alive(self) -> bool:
        return pid_alive(self._process.pid)

    def lines(self) -> list[str]:
        return self.out.read_text().splitlines() if self.out.exists() else []

    def kill9(self) -> None:
        kill9(self._process)


@contextmanager
def worker_process(url: str, group: str, topic: str, out: Path) -> Iterator[WorkerProcess]:
    worker = WorkerProcess(url, group, topic, out)
    try:
        yield worker
    finally:
        worker.kill9()
