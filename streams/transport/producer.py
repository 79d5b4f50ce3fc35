"""The producing half of `embedded://`."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any, cast

from aiokafka.partitioner import murmur2
from faust.transport import base
from faust.types import TP, HeadersArg, RecordMetadata
from mode.utils.times import Seconds, want_seconds

from streams.transport.errors import EventTooLarge, LogUnavailable, UnknownTopic
from streams.transport.group_commit import GroupCommit
from streams.transport.records import NewRecord, encode_headers

if TYPE_CHECKING:
    from streams.transport.transport import Transport


def partition_for_key(key: bytes, partitions: int) -> int:
    """The partition that Kafka's default partitioner picks, so that both logs agree on every key."""
    return (int(murmur2(key)) & 0x7FFFFFFF) % partitions


def topic_config(
    config: Mapping[str, Any] | None,
    retention: Seconds | None,
    compacting: bool | None,
    deleting: bool | None,
) -> dict[str, str]:
    """Faust's topic options under Kafka's names; explicit `config` entries win, as they do on Kafka."""
    out: dict[str, str] = {}
    policies = [name for name, wanted in (("compact", compacting), ("delete", deleting)) if wanted]
    if policies:
        out["cleanup.policy"] = ",".join(policies)
    if retention:
        out["retention.ms"] = str(int(want_seconds(retention) * 1000))
    return out | {name: str(value) for name, value in (config or {}).items()}


class Producer(base.Producer):
    """Appends events by group commit; a send's future ends when the event is durable or refused."""

    _commits: GroupCommit | None = None

    @property
    def _home(self) -> Transport:
        return cast("Transport", self.transport)

    async def on_start(self) -> None:
        """Open the log and start the writer."""
        await super().on_start()
        await self._home.acquire()
        self._commits = GroupCommit(self._home.append)
        self.add_future(self._commits.run())

    async def on_stop(self) -> None:
        """Write what is queued."""
        await super().on_stop()
        await self.flush()

    async def on_shutdown(self) -> None:
        """Close the log, now that the writer has ended."""
        if self._commits is not None:
            self._commits = None
            await self._home.release()

    async def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None,
        timestamp: float | None,
        headers: HeadersArg | None,
        *,
        transactional_id: str | None = None,
    ) -> Awaitable[RecordMetadata]:
        """Queue an event.

        Args:
            topic: A declared topic.
            key: Chooses the partition, as on Kafka, if `partition` is None; without a key it is random.
            value: The body.
            partition: An explicit partition.
            timestamp: UTC seconds; None for now.
            headers: Names with bytes.
            transactional_id: Not used.

        Returns:
            A future of the event's place, which ends when it is durable or with a ProducerSendError.

        Raises:
            UnknownTopic: No such topic or partition.
            EventTooLarge: Above `producer_max_request_size`.
            LogUnavailable: The producer is not running.
        """
        if self._commits is None:
            raise LogUnavailable(f"log {self._home.path}: the producer is not running")
        size = len(key or b"") + len(value or b"")
        if size > self.max_request_size:
            raise EventTooLarge(
                f"{topic}: an event of {size} bytes, at most {self.max_request_size} are allowed"
            )
        place = await self._partition(topic, key, partition)
        # The producer's clock stamps an event, as on Kafka.
        stamp = int((time.time() if timestamp is None else timestamp) * 1000)
        return self._commits.put(NewRecord(topic, place, stamp, key, value, encode_headers(headers)))

    async def send_and_wait(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None,
        timestamp: float | None,
        headers: HeadersArg | None,
        *,
        transactional_id: str | None = None,
    ) -> RecordMetadata:
        """`send`, and wait until the event is durable."""
        return await (await self.send(topic, key, value, partition, timestamp, headers))

    async def _partition(self, topic: str, key: bytes | None, partition: int | None) -> int:
        count = self._home.partitions.get(topic)
        if count is None:
            await self._home.refresh()  # another process may have declared it
            count = self._home.partitions.get(topic)
        if count is None or (partition is not None and not 0 <= partition < count):
            raise UnknownTopic(f"log {self._home.path}: there is no {topic}[{partition}]; was it declared?")
        if partition is not None:
            return partition
        return random.randrange(count) if key is None else partition_for_key(key, count)

    async def flush(self) -> None:
        """Wait until every event sent so far is durable or refused."""
        await self.buffer.flush()
        if self._commits is not None:
            await self._commits.flush()

    async def create_topic(
        self,
        topic: str,
        partitions: int,
        replication: int,
        *,
        config: Mapping[str, Any] | None = None,
        timeout: Seconds = 30.0,
        retention: Seconds | None = None,
        compacting: bool | None = None,
        deleting: bool | None = None,
        ensure_created: bool = False,
    ) -> None:
        """Declare a topic; an existing one keeps its partitions and takes the new configuration.

        Raises:
            LogUnavailable: It is new or changed, and could not be written.
        """
        await self._home.create_topic(
            topic, partitions, topic_config(config, retention, compacting, deleting)
        )

    def key_partition(self, topic: str, key: bytes) -> TP:
        """Where an event with this key goes.

        Raises:
            UnknownTopic: No such topic.
        """
        count = self._home.partitions.get(topic)
        if count is None:
            raise UnknownTopic(f"log {self._home.path}: there is no topic {topic}; was it declared?")
        return TP(topic, partition_for_key(key, count))

    def supports_headers(self) -> bool:
        """Headers are stored."""
        return True
