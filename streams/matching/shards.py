"""The shards this worker holds: loaded before their tasks come, then kept up to date by the log's tail.

Where an index comes from: the one held before, or a snapshot, takes what it missed (`catching_up`); without either all
is read from the record. However it came, it is then what the record said at some moment after the log's end was asked.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack

from config.database import Record
from config.logging import get_logger
from config.metrics import INDEX_BYTES, INDEX_DELTA, INDEXED
from streams.matching.index import ShardIndex
from streams.matching.keeping.held import GONE
from streams.matching.keeping.loaded import Loaded
from streams.matching.keeping.loading import Highwater, Loader
from streams.matching.keeping.shelf import Shelf
from streams.matching.keeping.tending import Tending
from streams.matching.matter import Ancestors
from subscribers.shards import load_shard
from subscribers.stamps import Stamp, stamps_of

__all__ = ["Highwater", "Shards"]

log = get_logger(__name__)

PATIENCE_S = (
    10.0  # then a task no longer waits for the tail of changes but its shard is compared with the record
)
STOP_S = 5.0  # for snapshots at a stop; who stops the service does not wait for ever
TOGETHER = 4  # shards that are loaded at a time: while the record answers for one, another is worked on


class Shards:
    """The indexes of the shards that are assigned to this worker.

    Args:
        record: where subscribers stand.
        ancestors: of a code in a dimension.
        highwater: the next offset of a shard's partition of subscription changes.
        shelf: where snapshots are kept; without one all is read from the record at each start.
    """

    def __init__(
        self, record: Record, ancestors: Ancestors, highwater: Highwater, shelf: Shelf | None = None
    ) -> None:
        self._record = record
        self._highwater = highwater
        self._loaded: dict[int, Loaded] = {}
        # A change that comes while its shard is read would go into the index that is about to be replaced.
        self._busy: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._together = asyncio.Semaphore(TOGETHER)
        self._loader = Loader(record, ancestors, highwater, shelf)
        self._tending = Tending(record, shelf, self._measure)

    async def assign(self, shards: Iterable[int]) -> None:
        """Hold exactly these shards, each as fresh as the log.

        A shard that was held before may have been another worker's in between, who applied and committed changes that
        never came here: where the log is further than the index, it takes from the record what it missed.
        """
        wanted = set(shards)
        for shard in set(self._loaded) - wanted:
            del self._loaded[shard]
        done = await asyncio.gather(*map(self._refresh, sorted(wanted)), return_exceptions=True)
        self._measure()
        for failed in done:
            if isinstance(failed, BaseException):
                raise failed

    async def _refresh(self, shard: int) -> None:
        held = self._loaded.get(shard)
        await self._load(shard, anew=held is not None and await self._highwater(shard) > held.applied)

    async def apply(self, shard: int, offset: int, *subscriber_ids: str) -> None:
        """Take changes: the subscribers' newest state is read from the record, which had it before the log.

        Args:
            shard: theirs.
            offset: of the last of them.
            subscriber_ids: who changed.
        """
        await self.apply_together({shard: (offset, subscriber_ids)})

    async def apply_together(self, changes: Mapping[int, tuple[int, Sequence[str]]]) -> None:
        """Do `apply` for several shards with one reading of the record.

        Args:
            changes: shard → offset of the last change, who changed.
        """
        async with AsyncExitStack() as busy:
            for shard in sorted(changes):
                await busy.enter_async_context(self._busy[shard])
            due = {shard: loaded for shard in changes if (loaded := self._due(shard, changes[shard][0]))}
            if not due:
                return
            wanted = [subscriber_id for shard in due for subscriber_id in changes[shard][1]]
            async with self._record.read() as conn:
                one = next(iter(due)) if len(due) == 1 else None
                rows = {row.subscriber_id: row async for row in load_shard(conn, one, ids=wanted)}
                others: dict[str, Stamp] = {}
                if left := [who for who in wanted if who not in rows]:
                    others = await stamps_of(conn, left)  # before the rows, which may then be newer
                    rows |= {row.subscriber_id: row async for row in load_shard(conn, one, ids=left)}
            for at, (shard, loaded) in enumerate(due.items()):
                if at:
                    await asyncio.sleep(0)  # many changes at once must not hold up everybody else
                offset, subscriber_ids = changes[shard]
                for subscriber_id in subscriber_ids:
                    row = rows.get(subscriber_id)
                    if row is not None:
                        loaded.index.put(row)
                    else:
                        loaded.index.remove(subscriber_id)
                    stamp = others.get(subscriber_id, GONE) if row is None else row.stamp
                    loaded.held.take({subscriber_id: stamp})
                loaded.unsaved += len(subscriber_ids)
                loaded.applied = offset + 1
                loaded.moved.set()
                self._tending.look_at(shard, loaded)
        self._count()

    def _due(self, shard: int, offset: int) -> Loaded | None:
        loaded = self._loaded.get(shard)
        return None if loaded is None or offset < loaded.applied else loaded

    async def caught_up(self, shard: int, after: int) -> ShardIndex:
        """Return the shard's index once it holds every change below offset ``after``.

        It is for this policy: the next one asks again, because another index may have taken its place.
        """
        loaded = self._loaded.get(shard) or await self._load(shard)
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while loaded.applied < after:
            loaded.moved.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await loaded.moved.wait()
            except TimeoutError:
                log.warning("shard.reread", shard=shard, applied=loaded.applied, awaited=after)
                loaded = await self._load(shard, anew=True)
                break
        return loaded.index

    async def _load(self, shard: int, *, anew: bool = False) -> Loaded:
        async with self._busy[shard], self._together:
            before = self._loaded.get(shard)
            if before is None or anew:
                self._loaded[shard] = await self._loader.load(shard, before)
                self._tending.look_at(shard, self._loaded[shard])
                self._measure()
            return self._loaded[shard]

    async def close(self) -> None:
        """Keep snapshots of what changed much; nothing may be asked or applied any more."""
        await self._tending.close(self._loaded, seconds=STOP_S)

    def _count(self) -> None:
        INDEXED.set(sum(len(loaded.index) for loaded in self._loaded.values()))
        INDEX_DELTA.set(sum(loaded.index.register.changes for loaded in self._loaded.values()))

    def _measure(self) -> None:
        self._count()
        INDEX_BYTES.set(sum(loaded.index.nbytes for loaded in self._loaded.values()))
