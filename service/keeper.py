"""Keeps the streams alive: a crashed Faust app is replaced by a new one while everything else goes on."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from itertools import count
from typing import Any

from config.clock import Clock
from config.logging import get_logger
from config.metrics import LAG
from config.settings import Settings
from service.kernels import prepare_kernels
from streams.agents import install
from streams.app import Streams
from streams.desk import Desk
from streams.log import LogUnavailable, Message, Position
from streams.matching.keeping.shelf import Shelf
from streams.matching.shards import Shards

log = get_logger(__name__)

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 15.0
STOP_TIMEOUT_S = 20.0
TEND_EVERY_S = 15.0
SNAPSHOTS_OF = "snapshots of the index"  # what the name of an installation is derived for
TRIM_EVERY = 40  # turns: ten minutes


def shelf_of(settings: Settings, desk: Desk) -> Shelf | None:
    """Return where this worker keeps snapshots of its shards, by whose name no other installation's are used."""
    directory = settings.index_directory
    if directory is None:
        return None
    house = desk.vault.derive(SNAPSHOTS_OF).hex()
    return Shelf(directory, {"house": house, "shards": settings.shards, "program": version("zhengda")})


class Keeper:
    """Owns this process's Faust apps: one that only writes, and for workers one that also works.

    The writing one is needed from the start (the API takes events before a worker is up, or while it is replaced).
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._writer: Streams | None = None
        self._worker: Streams | None = None
        self.state = "starting"
        self.written = "starting"

    async def open_writer(self) -> None:
        """Start writing; waits for the broker, with growing pauses, until it is there."""
        wait_s = FIRST_WAIT_S
        while True:
            writer = self._streams(consuming=False)
            try:
                await writer.start()
            except Exception as exc:  # noqa: BLE001  Faust wraps a missing broker in many types; all of them pass
                log.warning("log.awaited", broker=self._settings.broker, why=str(exc)[:300])
                await _stopped(writer)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, LONGEST_WAIT_S)
            else:
                self._writer, self.written = writer, "ok"
                return

    async def produce(
        self,
        topic: str,
        *,
        key: bytes | None,
        value: bytes,
        headers: Mapping[str, bytes] | None = None,
        partition: int | None = None,
    ) -> Position:
        """Write one message; see `streams.log.Produce`."""
        through = self._through()
        return await through.produce(topic, key=key, value=value, headers=headers, partition=partition)

    async def produce_all(self, topic: str, messages: Sequence[Message]) -> None:
        """Write several messages; see `streams.log.ProduceAll`."""
        await self._through().produce_all(topic, messages)

    def _through(self) -> Streams:
        if self._writer is None:
            raise LogUnavailable("the log is not reached yet; try again in a moment")
        # In one process the working app writes, too: its own consumer then wakes at once instead of by looking.
        return self._worker if self._worker is not None and self.state == "ok" else self._writer

    async def work(self, desk: Desk) -> None:
        """Run the agents until cancelled; whatever ends them, they are started anew from what was committed."""
        await asyncio.to_thread(prepare_kernels, self._settings)
        wait_s = FIRST_WAIT_S
        while True:
            worker = self._streams(consuming=True)
            shards = Shards(
                desk.record, desk.taxonomy.ancestors, worker.highwater, shelf_of(self._settings, desk)
            )
            install(worker.app, worker.topics, desk, shards, worker.highwater)
            worker.app.on_rebalance_complete.connect(self._loader(worker, shards), weak=False)
            began = asyncio.get_running_loop().time()
            try:
                await worker.start()
                self._worker = worker
                await worker.ended()
                log.error("streams.ended", why="the Faust app stopped by itself")
            except asyncio.CancelledError:
                raise
            except Exception as exc:  # noqa: BLE001  whatever crashed the app, a new one goes on
                log.error("streams.crashed", why=f"{type(exc).__name__}: {exc}"[:500])
            finally:
                self.state, self._worker = "away: restarting", None
                await _stopped(worker)
                await shards.close()
            if asyncio.get_running_loop().time() - began > LONGEST_WAIT_S:
                wait_s = FIRST_WAIT_S
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    async def tend(self, clock: Clock) -> None:
        """Until cancelled: tell how far the work lags behind, and let the embedded log go of what it need not keep."""
        for turn in count():
            if (worker := self._worker) is not None and self.state == "ok":
                for topic, behind in worker.lag().items():
                    LAG.labels(topic).set(behind)
                if turn % TRIM_EVERY == 0:
                    await self._trim(worker, clock)
            await asyncio.sleep(TEND_EVERY_S)

    async def _trim(self, worker: Streams, clock: Clock) -> None:
        try:
            removed = await worker.trim(clock.now())
        except LogUnavailable as exc:
            log.warning("log.not_trimmed", why=str(exc)[:300])
        else:
            if removed:
                log.info("log.trimmed", messages=removed)

    async def close(self) -> None:
        """Stop writing; `work` stops by cancellation."""
        if self._writer is not None:
            await _stopped(self._writer)
            self._writer = None

    def _streams(self, *, consuming: bool) -> Streams:
        s = self._settings
        return Streams(s.broker_url, s.shards, s.data, consuming=consuming, replication=s.kafka_replication)

    def _loader(self, worker: Streams, shards: Shards) -> Callable[..., Any]:
        async def load(*_: Any, **__: Any) -> None:
            # Partitions resume only after this returns; a record that is away now is read by the first task instead.
            try:
                await shards.assign(worker.assigned_shards())
            except Exception as exc:  # noqa: BLE001  the first task loads what could not be loaded here
                log.warning("shards.not_loaded", why=str(exc)[:300])
            self.state = "ok"
            log.info("streams.ready", shards=sorted(worker.assigned_shards()))

        return load


async def _stopped(streams: Streams) -> None:
    try:
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await streams.stop()
    except Exception as exc:  # noqa: BLE001  it is being thrown away
        log.warning("streams.stop_failed", why=f"{type(exc).__name__}: {exc}"[:300])
