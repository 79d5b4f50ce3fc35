"""What keeps the indexes small while they are asked and changed: they are built anew, and kept as snapshots."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from time import perf_counter

from config.database import Record
from config.logging import get_logger
from config.metrics import COMPACTION_SECONDS
from streams.matching.keeping.compaction import Compaction
from streams.matching.keeping.held import Held
from streams.matching.keeping.loaded import Loaded
from streams.matching.keeping.shelf import Shelf
from subscribers.stamps import stamps

log = get_logger(__name__)

WORTH_KEEPING = 500  # changes; with fewer the next start catches up faster than a snapshot is written
STUCK_S = 5.0  # beyond the time for a stop


class Tending:
    """Builds indexes anew, one at a time, in the background.

    Args:
        record: tells the order of who came since.
        shelf: where snapshots are kept, if they are.
        renewed: told whenever an index has taken another one's place.
    """

    def __init__(self, record: Record, shelf: Shelf | None, renewed: Callable[[], None]) -> None:
        self._record, self._shelf, self._renewed = record, shelf, renewed
        self._at_work: dict[int, asyncio.Task[None]] = {}
        self._one_at_a_time = asyncio.Semaphore(1)  # each takes a processor and a copy of the shard

    def look_at(self, shard: int, loaded: Loaded) -> None:
        """Have a shard built anew if that is due."""
        if loaded.index.needs_compaction and shard not in self._at_work:
            task = asyncio.create_task(self._in_background(shard, loaded))
            self._at_work[shard] = task
            task.add_done_callback(lambda _: self._at_work.pop(shard))

    async def _in_background(self, shard: int, loaded: Loaded) -> None:
        try:
            await self.renew(shard, loaded)
        except Exception as exc:  # noqa: BLE001  the old index goes on; the next change tries again
            log.warning("index.not_compacted", shard=shard, why=f"{type(exc).__name__}: {exc}"[:300])

    async def renew(self, shard: int, loaded: Loaded) -> None:
        """Build a shard's index anew and keep a snapshot of it; what changes meanwhile is in the new index, too."""
        async with self._one_at_a_time:
            began = perf_counter()
            order = await self._order(shard) if loaded.held.new else None
            # From here to the thread nothing else runs: index and stamps are of one moment.
            work, held, unsaved = Compaction(loaded.index), loaded.held.copy(), loaded.unsaved
            loaded.held.noted = {}
            try:
                ordered, kept = await asyncio.to_thread(self._built, shard, work, held, order)
            except BaseException:
                work.abandon()
                loaded.held.noted = None
                raise
            # From here on nothing else runs, either.
            loaded.index, loaded.held = work.finish(), loaded.held.renewed(ordered)
            loaded.unsaved -= unsaved if kept else 0
            seconds = perf_counter() - began
        self._renewed()
        COMPACTION_SECONDS.observe(seconds)
        log.info(
            "index.compacted",
            shard=shard,
            subscribers=len(loaded.index),
            kept=kept,
            seconds=round(seconds, 3),
        )

    def _built(self, shard: int, work: Compaction, held: Held, order: list[str] | None) -> tuple[Held, bool]:
        index = work.build()
        ordered = held if order is None else held.in_order(order)
        return ordered, self._shelf is not None and self._shelf.put(shard, index, ordered)

    async def _order(self, shard: int) -> list[str]:
        async with self._record.read() as conn:
            return [who async for page in stamps(conn, shard) for who, _ in page]

    async def close(self, shards: Mapping[int, Loaded], *, seconds: float) -> None:
        """End what is at work, then keep the shards that changed much, most changed first, until the time is up."""
        until = perf_counter() + seconds
        for task in self._at_work.values():
            task.cancel()
        await asyncio.gather(*self._at_work.values(), return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds + STUCK_S):  # a record that is away must not keep the process
                await self._keep(shards, until)

    async def _keep(self, shards: Mapping[int, Loaded], until: float) -> None:
        for shard, loaded in sorted(shards.items(), key=lambda item: -item[1].unsaved):
            if self._shelf is None or loaded.unsaved < WORTH_KEEPING or not self._shelf.keeps(loaded.held):
                continue
            if perf_counter() > until:
                log.info("snapshot.left_out", shard=shard, why="no time left: the next start catches up")
                continue
            await self._in_background(shard, loaded)
