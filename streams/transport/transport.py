"""`embedded:///abs/path/log.db`: a Faust transport that needs no broker.

The shell around `store.Log`: it owns the file, a thread that writes and a thread that reads, and wakes readers when
something was written.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar, get_args

from faust.exceptions import ImproperlyConfigured
from faust.transport import base
from faust.types import TP
from yarl import URL

from streams.transport.consumer import Consumer
from streams.transport.errors import LogUnavailable
from streams.transport.producer import Producer
from streams.transport.records import NewRecord, StoredRecord
from streams.transport.retention import parts_with_readers, trim_step
from streams.transport.store import Bounds, Log, Sync

T = TypeVar("T")

OTHER_PROCESSES_POLL_S = 0.05


def parse_url(url: URL) -> tuple[str, Sync]:
    """The file and the durability that a URL asks for.

    Args:
        url: `embedded:///abs/path/log.db`, optionally with `?sync=FULL` (default) or `?sync=NORMAL`.

    Raises:
        ImproperlyConfigured: The URL is not of that form.
    """
    options = dict(url.query)
    sync = options.pop("sync", "FULL")
    if url.host or not url.path.startswith("/") or url.path.endswith("/"):
        raise ImproperlyConfigured(f"the log needs an absolute path, embedded:///dir/log.db, not {url}")
    if options or sync not in get_args(Sync):
        raise ImproperlyConfigured(
            f"the log's URL takes ?sync=FULL or ?sync=NORMAL and nothing else, not {url}"
        )
    return url.path, "FULL" if sync == "FULL" else "NORMAL"


class Transport(base.Transport):
    """The log of one app: opened by whoever starts first, closed when producer and consumer have both stopped."""

    Consumer: ClassVar[Any] = Consumer
    Producer: ClassVar[Any] = Producer
    default_port = 0
    driver_version = "embedded=1"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.path, self._sync = parse_url(self.url[0])
        self.partitions: dict[str, int] = {}
        self._users = 0
        self._opening = asyncio.Lock()
        self._log: Log | None = None
        self._writing: ThreadPoolExecutor | None = None
        self._reading: ThreadPoolExecutor | None = None
        self._written = asyncio.Event()
        self._seen_version = 0

    # -- life

    async def acquire(self) -> None:
        """Open the log, or join those who already use it.

        Raises:
            LogUnavailable: The file cannot be opened or made.
        """
        async with self._opening:
            if self._log is None:
                await self._open()
            self._users += 1
        await self.refresh()

    async def _open(self) -> None:
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        writing = ThreadPoolExecutor(1, "log-write")
        try:
            self._log = await asyncio.get_running_loop().run_in_executor(writing, Log, self.path, self._sync)
        except BaseException:
            writing.shutdown(wait=False)
            raise
        self._writing, self._reading = writing, ThreadPoolExecutor(1, "log-read")

    async def release(self) -> None:
        """Close the log when its last user has gone; work in its threads is finished first."""
        async with self._opening:
            self._users -= 1
            if self._users or self._log is None or self._writing is None or self._reading is None:
                return
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, self._reading.shutdown)
            await loop.run_in_executor(None, self._writing.shutdown)
            self._log.close()
            self._log = self._writing = self._reading = None

    async def _in(self, thread: ThreadPoolExecutor | None, work: Callable[[Log], T]) -> T:
        log = self._log
        if log is None or thread is None:
            raise LogUnavailable(f"log {self.path}: it is not open")
        try:
            return await asyncio.get_running_loop().run_in_executor(thread, work, log)
        except sqlite3.Error as exc:
            raise LogUnavailable.because(self.path, exc) from exc

    async def _write(self, work: Callable[[Log], T]) -> T:
        return await self._in(self._writing, work)

    async def _read(self, work: Callable[[Log], T]) -> T:
        return await self._in(self._reading, work)

    # -- writing

    async def append(self, records: list[NewRecord]) -> list[int]:
        """Append durably, in one transaction; wakes readers. Errors as `Log.append`."""
        offsets = await self._write(lambda log: log.append(records))
        self._written.set()
        return offsets

    async def commit(self, group: str, offsets: Mapping[TP, int]) -> None:
        """Commit a group's offsets durably. Errors as `Log.commit`."""
        await self._write(lambda log: log.commit(group, offsets))

    async def create_topic(self, name: str, partitions: int, config: Mapping[str, str]) -> None:
        """Make or reconfigure a topic. Errors as `Log.create_topic`."""
        await self._write(lambda log: log.create_topic(name, partitions, config))
        await self.refresh()

    async def join(self, group: str, tps: Iterable[TP]) -> None:
        """Note a group as a reader. Errors as `Log.join`."""
        await self._write(lambda log: log.join(group, tps))

    async def trim(self, now_ms: int) -> int:
        """Apply retention and compaction (see `retention`), a partition at a time; appends get in between its steps.

        Args:
            now_ms: The time, UTC milliseconds.

        Returns:
            The number of events removed.

        Raises:
            LogUnavailable: It stopped early; call again later.
        """
        total = 0
        for part in await self._write(parts_with_readers):
            while removed := await self._write(partial(trim_step, part=part, now_ms=now_ms)):
                total += removed
        return total

    async def forget_group(self, group: str) -> None:
        """Drop a group that was given up on, so that it no longer holds up retention."""
        await self._write(lambda log: log.forget_group(group))

    # -- reading

    async def refresh(self) -> None:
        """Learn of topics that other processes made."""
        self.partitions = await self._read(lambda log: log.partitions())

    async def bounds(self) -> dict[TP, Bounds]:
        """Earliest and next offset of every partition."""
        return await self._read(lambda log: log.bounds())

    async def committed(self, group: str) -> dict[TP, int]:
        """A group's committed offsets."""
        return await self._read(lambda log: log.committed(group))

    async def lag(self) -> dict[str, dict[TP, int]]:
        """Group → partition → events not finished yet."""
        return await self._read(lambda log: log.lag())

    async def fetch(
        self, positions: Mapping[TP, int], max_records: int, max_bytes: int
    ) -> tuple[dict[TP, list[StoredRecord]], dict[TP, Bounds]]:
        """What there is from these positions on (limits per partition), and the bounds it was read at."""
        self._seen_version, records, bounds = await self._read(
            lambda log: _fetch(log, positions, max_records, max_bytes)
        )
        return records, bounds

    def watch_for_writes(self) -> None:
        """Call before a fetch: writes from now on end the next `wait_for_write`."""
        self._written.clear()

    async def wait_for_write(self, timeout_s: float) -> None:
        """Return when something was written since `watch_for_writes`, or after `timeout_s` seconds.

        Our own writes are noticed at once, another process's within `OTHER_PROCESSES_POLL_S`.
        """
        end = time.monotonic() + timeout_s
        while (left := end - time.monotonic()) > 0:
            try:
                await asyncio.wait_for(self._written.wait(), min(left, OTHER_PROCESSES_POLL_S))
                return
            except TimeoutError:
                if await self._read(lambda log: log.data_version()) != self._seen_version:
                    return


def _fetch(
    log: Log, positions: Mapping[TP, int], max_records: int, max_bytes: int
) -> tuple[int, dict[TP, list[StoredRecord]], dict[TP, Bounds]]:
    version = log.data_version()  # first: a write during this read must look new afterwards
    bounds = log.bounds()
    waiting = [(tp, start) for tp, start in positions.items() if tp in bounds and start < bounds[tp].next]
    found = {tp: log.read(tp, start, max_records, max_bytes) for tp, start in waiting}
    return version, {tp: records for tp, records in found.items() if records}, bounds
