"""The shards this worker holds: loaded before their tasks come, then kept up to date by the log's tail."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from config.database import Record
from config.logging import get_logger
from config.metrics import INDEXED
from streams.matching.index import ShardIndex
from streams.matching.matter import Ancestors
from subscribers.shards import load_shard

log = get_logger(__name__)

PATIENCE_S = 10.0  # then a task no longer waits for the tail of changes but has its shard read anew

Highwater = Callable[[int], Awaitable[int]]


@dataclass
class _Loaded:
    index: ShardIndex
    applied: int  # every change below this offset is in the index
    moved: asyncio.Event = field(default_factory=asyncio.Event)


class Shards:
    """The indexes of the shards that are assigned to this worker.

    Args:
        record: where subscribers stand.
        ancestors: of a code in a dimension.
        highwater: the next offset of a shard's partition of subscription changes.
    """

    def __init__(self, record: Record, ancestors: Ancestors, highwater: Highwater) -> None:
        self._record = record
        self._ancestors = ancestors
        self._highwater = highwater
        self._loaded: dict[int, _Loaded] = {}
        # A change that comes while its shard is read would go into the index that is about to be replaced.
        self._busy: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def assign(self, shards: Iterable[int]) -> None:
        """Hold exactly these shards, each as fresh as the log.

        A shard that was held before may have been another worker's in between, who applied and committed changes that
        never came here: where the log is further than the index, it is read anew.
        """
        wanted = set(shards)
        for shard in set(self._loaded) - wanted:
            del self._loaded[shard]
        for shard in sorted(wanted):
            held = self._loaded.get(shard)
            await self._load(shard, anew=held is not None and await self._highwater(shard) > held.applied)
        self._count()

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
        async with AsyncExitStack() as held:
            for shard in sorted(changes):
                await held.enter_async_context(self._busy[shard])
            due = {shard: loaded for shard in changes if (loaded := self._due(shard, changes[shard][0]))}
            if not due:
                return
            wanted = [subscriber_id for shard in due for subscriber_id in changes[shard][1]]
            async with self._record.read() as conn:
                one = next(iter(due)) if len(due) == 1 else None
                rows = {row.subscriber_id: row async for row in load_shard(conn, one, ids=wanted)}
            for at, (shard, loaded) in enumerate(due.items()):
                if at:
                    await asyncio.sleep(0)  # many changes at once must not hold up everybody else
                offset, subscriber_ids = changes[shard]
                for subscriber_id in subscriber_ids:
                    if subscriber_id in rows:
                        loaded.index.put(rows[subscriber_id])
                    else:
                        loaded.index.remove(subscriber_id)
                loaded.applied = offset + 1
                loaded.moved.set()
        self._count()

    def _due(self, shard: int, offset: int) -> _Loaded | None:
        loaded = self._loaded.get(shard)
        return None if loaded is None or offset < loaded.applied else loaded

    async def caught_up(self, shard: int, after: int) -> ShardIndex:
        """Return the shard's index once it holds every change below offset ``after``."""
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

    async def _load(self, shard: int, *, anew: bool = False) -> _Loaded:
        async with self._busy[shard]:
            if shard in self._loaded and not anew:
                return self._loaded[shard]
            # The record is written before the log, so what it holds now covers every change logged until now.
            applied = await self._highwater(shard)
            index = ShardIndex(self._ancestors)
            async with self._record.read() as conn:
                async for row in load_shard(conn, shard):
                    index.put(row)
            self._loaded[shard] = _Loaded(index, applied)
            self._count()
            return self._loaded[shard]

    def _count(self) -> None:
        INDEXED.set(sum(len(loaded.index) for loaded in self._loaded.values()))
