"""The consuming half of `embedded://`: group membership, positions, fetching."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from faust.exceptions import ConsumerNotStarted
from faust.transport.consumer import Consumer as BaseConsumer
from faust.types import TP, ConsumerMessage

from streams.transport.committer import Committer
from streams.transport.errors import LogUnavailable
from streams.transport.group_lock import GroupLock
from streams.transport.producer import partition_for_key
from streams.transport.records import StoredRecord, decode_headers
from streams.transport.store import Bounds

if TYPE_CHECKING:
    from streams.transport.transport import Transport

STANDBY_POLL_S = 0.25
OUTAGE_PAUSE_S = 1.0
DEFAULT_POLL_RECORDS = 500


class Consumer(BaseConsumer):
    """Reads all partitions of its topics on behalf of one group, starting at the earliest event.

    One process consumes for a group; a second one stands by and takes over as soon as the first has ended.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._assigned: set[TP] | None = None
        self._positions: dict[TP, int] = {}
        self._highwaters: dict[TP, int] = {}
        self._rebalance_turn = asyncio.Lock()
        self._group: str = self.app.conf.id
        self._lock = GroupLock(self._home.path, self._group)
        self._committer = Committer(self._write_offsets)
        self._outage = False

    @property
    def _home(self) -> Transport:
        return cast("Transport", self.transport)

    async def on_start(self) -> None:
        """Open the log."""
        await super().on_start()
        await self._home.acquire()
        self._assigned = set()
        self.add_future(self._committer.run())

    async def on_stop(self) -> None:
        """Commit what is finished; then let another process have the group."""
        await super().on_stop()
        if not await self._committer.commit({}):
            self.log.warning(
                "stopped with uncommitted offsets, these events will be done again: %r",
                dict(self._committer.owed),
            )
        self._lock.release()

    async def on_shutdown(self) -> None:
        """Close the log."""
        if self._assigned is not None:
            self._assigned = None
            await self._home.release()

    # -- membership

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Consume these topics from now on. Returns at once; the assignment follows when the group is ours."""
        names = set(topics)
        if self.app.client_only:
            await self._watch_the_end(names)
        else:
            # Not awaited: the assignment's callbacks wait for the conductor, which is waiting for this call.
            self.add_future(self._rebalance(names))

    async def _watch_the_end(self, topics: set[str]) -> None:
        await self._home.refresh()
        self._assigned = self._partitions_of(topics)
        bounds = await self._home.bounds()
        self._positions = {tp: bounds[tp].next for tp in self._assigned}

    async def _rebalance(self, topics: set[str]) -> None:
        async with self._rebalance_turn:
            if not await self._own_the_group():
                return
            await self._declare_missing(topics)
            self.app.on_rebalance_start()
            await self.on_partitions_revoked(self.assignment())
            self.app.consumer_generation_id += 1
            self._assigned = self._partitions_of(topics)
            await self.seek_to_committed()
            await self.on_partitions_assigned(self.assignment(), self.app.consumer_generation_id)

    async def _own_the_group(self) -> bool:
        told = False
        while not self.should_stop:
            if self._lock.take():
                return True
            if not told:
                self.log.warning("group %s is consumed by another process: standing by", self._group)
                told = True
            await self.sleep(STANDBY_POLL_S)
        return False

    async def _declare_missing(self, topics: set[str]) -> None:
        """Make the topics and note the group, waiting out an outage of the log."""
        while not self.should_stop:
            try:
                await self._home.refresh()
                for topic in topics - self._home.partitions.keys():
                    await self._home.create_topic(topic, self.app.conf.topic_partitions, {})
                await self._home.join(self._group, self._partitions_of(topics))
                return
            except LogUnavailable as exc:
                self.log.warning("cannot join group %s yet: %s", self._group, exc)
                await self.sleep(OUTAGE_PAUSE_S)

    def _partitions_of(self, topics: Iterable[str]) -> set[TP]:
        counts = self._home.partitions
        return {TP(topic, number) for topic in topics for number in range(counts.get(topic, 0))}

    def assignment(self) -> set[TP]:
        """The partitions that this process consumes; empty while it stands by."""
        if self._assigned is None:
            raise ConsumerNotStarted("the embedded consumer is not started")
        return set(self._assigned)

    # -- positions

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Go to the group's committed offsets (or the earliest event, where retention is past them)."""
        committed = await self._home.committed(self._group)
        bounds = await self._home.bounds()
        for tp in self.assignment():
            self._positions[tp] = max(committed.get(tp, 0), bounds[tp].earliest)
            self._highwaters[tp] = bounds[tp].next
        return {tp: committed.get(tp, 0) for tp in self.assignment()}

    async def _seek(self, partition: TP, offset: int) -> None:
        self._positions[partition] = offset

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """Go to these offsets."""
        for tp, offset in partitions.items():
            await self.seek(tp, offset)

    async def position(self, tp: TP) -> int | None:
        """The offset that is fetched next."""
        return self._positions.get(tp)

    def highwater(self, tp: TP) -> int:
        """The offset that the next event gets, as of the last fetch."""
        return self._highwaters.get(tp, 0)

    async def earliest_offsets(self, *partitions: TP) -> Mapping[TP, int]:
        """The first offset that is still stored, by partition."""
        bounds = await self._home.bounds()
        return {tp: bounds[tp].earliest for tp in partitions if tp in bounds}

    async def highwaters(self, *partitions: TP) -> Mapping[TP, int]:
        """The offset that the next event gets, by partition."""
        bounds = await self._home.bounds()
        return {tp: bounds[tp].next for tp in partitions if tp in bounds}

    def topic_partitions(self, topic: str) -> int | None:
        """The number of a topic's partitions, None if it is unknown."""
        return self._home.partitions.get(topic)

    def key_partition(self, topic: str, key: bytes | None, partition: int | None = None) -> int | None:
        """Where an event goes; None if that is not determined by its key."""
        count = self._home.partitions.get(topic)
        if partition is not None or count is None or key is None:
            return partition
        return partition_for_key(key, count)

    async def create_topic(self, topic: str, partitions: int, replication: int, **options: Any) -> None:
        """Declare a topic."""
        await self.app.producer.create_topic(topic, partitions, replication, **options)

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        return await self._committer.commit(offsets)

    async def _write_offsets(self, offsets: dict[TP, int]) -> None:
        await self._home.commit(self._group, offsets)

    # -- fetching

    async def _getmany(
        self, active_partitions: set[TP] | None, timeout: float
    ) -> dict[TP, list[StoredRecord]]:
        deadline = time.monotonic() + timeout
        while self.flow_active and not self.should_stop:
            wanted = self.assignment() if active_partitions is None else set(active_partitions)
            try:
                out = await self._fetch(wanted)
                left = deadline - time.monotonic()
                if out or left <= 0:
                    return out
                await self._home.wait_for_write(left)
            except LogUnavailable as exc:
                await self._wait_out(exc)
        return {}

    async def _wait_out(self, error: LogUnavailable) -> None:
        if not self._outage and not self.should_stop:
            self.log.warning("cannot read, will be tried again: %s", error)
        self._outage = True
        await self.sleep(OUTAGE_PAUSE_S)

    async def _fetch(self, wanted: set[TP]) -> dict[TP, list[StoredRecord]]:
        before = {tp: self._positions.get(tp, 0) for tp in wanted}
        limit = self.app.conf.broker_max_poll_records or DEFAULT_POLL_RECORDS
        self._home.watch_for_writes()
        fetched, bounds = await self._home.fetch(before, limit, self.app.conf.consumer_max_fetch_size)
        self._outage = False
        self._note_ends(bounds)
        return self._advance(before, fetched)

    def _note_ends(self, bounds: Mapping[TP, Bounds]) -> None:
        self._highwaters.update({tp: edge.next for tp, edge in bounds.items()})

    def _advance(
        self, before: dict[TP, int], fetched: dict[TP, list[StoredRecord]]
    ) -> dict[TP, list[StoredRecord]]:
        """Move past what was fetched, except where a seek happened meanwhile: the seek wins."""
        out = {tp: records for tp, records in fetched.items() if self._positions.get(tp, 0) == before[tp]}
        self._positions.update({tp: records[-1].offset + 1 for tp, records in out.items()})
        return out

    def _new_topicpartition(self, topic: str, partition: int) -> TP:
        return TP(topic, partition)

    def _to_message(self, tp: TP, record: StoredRecord) -> ConsumerMessage:
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            record.offset,
            record.timestamp_ms / 1000.0,
            0,
            decode_headers(record.headers),
            record.key,
            record.value,
            None,
            tp=tp,
            generation_id=self.app.consumer_generation_id,
        )
