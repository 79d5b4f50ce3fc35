"""How a shard comes into memory: by what it was held as before, by its snapshot, or by the record alone."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter

from config.database import Record
from config.logging import get_logger
from config.metrics import INDEX_LOADS
from streams.matching.keeping.catching_up import missed, take
from streams.matching.keeping.compaction import Loading
from streams.matching.keeping.held import Held
from streams.matching.keeping.loaded import Loaded
from streams.matching.keeping.shelf import Shelf
from streams.matching.matter import Ancestors
from subscribers.shards import load_shard
from subscribers.stamps import Stamp, stamps

log = get_logger(__name__)

Highwater = Callable[[int], Awaitable[int]]

MANY = 0.5  # of a shard: if more has changed, all of it is read, at one go


@dataclass(frozen=True)
class Loader:
    """Brings shards into memory.

    Attributes:
        record: where subscribers stand.
        ancestors: of a code in a dimension.
        highwater: the next offset of a shard's partition of subscription changes.
        shelf: where snapshots are kept, if they are.
    """

    record: Record
    ancestors: Ancestors
    highwater: Highwater
    shelf: Shelf | None

    async def load(self, shard: int, before: Loaded | None) -> Loaded:
        """Return a shard as fresh as the log.

        Args:
            shard: its number.
            before: as it was held until now, to be brought up to date; it stays usable, whatever goes wrong.
        """
        began = perf_counter()
        # The record is written before the log, so what it holds from now on covers every change logged until now.
        applied = await self.highwater(shard)
        found, source = before, "memory"
        if found is None and self.shelf is not None:
            found, source = await self._from_shelf(self.shelf, shard), "snapshot"
        caught_up = None if found is None else await self._catch_up(shard, found)
        if found is None or caught_up is None:
            found, source = await self._read(shard), "record"
        found.applied = applied
        found.moved.set()
        INDEX_LOADS.labels(source).inc()
        seconds = round(perf_counter() - began, 3)
        log.info(
            "shard.loaded",
            shard=shard,
            source=source,
            subscribers=len(found.index),
            missed=caught_up,
            seconds=seconds,
        )
        return found

    async def _from_shelf(self, shelf: Shelf, shard: int) -> Loaded | None:
        taken = await asyncio.to_thread(shelf.take, shard, self.ancestors)
        return None if taken is None else Loaded(*taken, applied=0)

    async def _catch_up(self, shard: int, found: Loaded) -> int | None:
        """Take what was missed; returns how much, None where reading all of it takes less."""
        async with self.record.read() as conn:
            changed, gone = await missed(conn, shard, found.held)
            count = len(changed) + len(gone)
            if count > max(1, MANY * len(found.held.versions)):
                return None
            await take(conn, shard, found, changed, gone)
        found.unsaved += count
        return count

    async def _read(self, shard: int) -> Loaded:
        loading, listed = Loading(self.ancestors), list[tuple[str, Stamp]]()
        async with self.record.read() as conn:
            async for page in stamps(conn, shard):  # before the rows, which may then be newer
                listed += page
            async for row in load_shard(conn, shard):
                loading.add(row)
        return await asyncio.to_thread(self._built, shard, loading, listed)

    def _built(self, shard: int, loading: Loading, listed: list[tuple[str, Stamp]]) -> Loaded:
        index, held = loading.done(), Held.of(listed)
        kept = self.shelf is not None and self.shelf.put(shard, index, held)
        return Loaded(index, held, applied=0, unsaved=0 if kept else len(listed))
