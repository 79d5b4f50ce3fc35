"""The Faust app: made anew for every life of the streams, so that a crashed one can simply be replaced."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from aiokafka.errors import KafkaError
from faust.exceptions import ProducerSendError
from faust.types import TP

from streams.log import LogUnavailable, Message, Position
from streams.names import MATCH_TASKS, SUBSCRIPTION_CHANGES
from streams.topics import declare
from streams.transport import HonestApp, Transport

APP_ID = "zhengda"
PRODUCE_TIMEOUT_S = 10.0
BUFFERED = (
    100_000  # messages between agents are a few hundred bytes; a full buffer would stall every partition
)


class Streams:
    """One Faust app with its topics.

    Args:
        broker: ``kafka://…`` or ``embedded:///path/log.db``.
        shards: partitions of every topic.
        data: a directory for Faust's own files.
        consuming: False for roles that only write.
        replication: on how many brokers Kafka keeps each topic that it makes.
    """

    def __init__(
        self, broker: str, shards: int, data: Path, *, consuming: bool, replication: int = 1
    ) -> None:
        self.app = HonestApp(
            APP_ID,
            broker=broker,
            store="memory://",
            datadir=str(data / "faust"),
            web_enabled=False,
            topic_partitions=shards,
            topic_replication_factor=replication,
            topic_allow_declare=True,
            producer_acks=-1,
            producer_max_request_size=2 * 1024 * 1024,
            producer_linger=0.0,
            broker_commit_interval=0.5,
            broker_session_timeout=15.0,
            broker_heartbeat_interval=3.0,
            broker_max_poll_interval=600.0,
            stream_wait_empty=False,
            stream_buffer_maxsize=BUFFERED,
            consumer_auto_offset_reset="earliest",
        )
        self.app.producer_only = not consuming
        self.shards = shards
        self.topics: Mapping[str, Any] = declare(self.app, shards)

    async def start(self) -> None:
        """Start it; a consuming app goes on in the background and holds its partitions soon after."""
        if self.app.producer_only:
            await self.app.producer.start()
            for topic in self.topics.values():
                await topic.maybe_declare()
        else:
            await self.app.start()

    async def stop(self) -> None:
        """Stop it after what is in flight has been written."""
        if self.app.producer_only:
            await self.app.producer.stop()
        else:
            await self.app.stop()

    async def ended(self) -> None:
        """Wait until the app stops.

        Raises:
            Exception: what crashed it.
        """
        app = self.app
        waiting = [asyncio.ensure_future(event.wait()) for event in (app._stopped, app._crashed)]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        if app.crash_reason is not None:
            raise app.crash_reason

    async def produce(
        self,
        topic: str,
        *,
        key: bytes | None,
        value: bytes,
        headers: Mapping[str, bytes] | None = None,
        partition: int | None = None,
    ) -> Position:
        """Write one message and return where it durably stands.

        Raises:
            LogUnavailable: it was not confirmed.
        """
        try:
            async with asyncio.timeout(PRODUCE_TIMEOUT_S):
                sent = await self.app.producer.send(topic, key, value, partition, None, dict(headers or {}))
                meta = await sent
        except (ProducerSendError, KafkaError, TimeoutError, ConnectionError, OSError) as exc:
            raise LogUnavailable(f"the log did not confirm: {exc or type(exc).__name__}") from exc
        return Position(meta.topic, meta.partition, meta.offset)

    async def produce_all(self, topic: str, messages: Sequence[Message]) -> None:
        """Write messages together, under one time-out; a task for each would cost more than the writing.

        Raises:
            LogUnavailable: not all of them were confirmed.
        """
        send = self.app.producer.send
        try:
            async with asyncio.timeout(PRODUCE_TIMEOUT_S):
                sent = [await send(topic, m.key, m.value, m.partition, None, {}) for m in messages]
                await asyncio.gather(*sent)
        except (ProducerSendError, KafkaError, TimeoutError, ConnectionError, OSError) as exc:
            raise LogUnavailable(f"the log did not confirm: {exc or type(exc).__name__}") from exc

    async def highwater(self, shard: int) -> int:
        """Return the next offset of a shard's subscription changes.

        Raises:
            LogUnavailable: the broker does not answer.
        """
        tp = TP(SUBSCRIPTION_CHANGES, shard)
        try:
            async with asyncio.timeout(PRODUCE_TIMEOUT_S):
                return int((await self.app.consumer.highwaters(tp)).get(tp) or 0)
        except (KafkaError, TimeoutError, ConnectionError, OSError) as exc:
            raise LogUnavailable(f"the log does not tell its end: {exc or type(exc).__name__}") from exc

    def lag(self) -> dict[str, int]:
        """Return per topic how many messages of this worker's partitions are not worked off yet."""
        consumer, found = self.app.consumer, dict.fromkeys(self.topics, 0)
        for tp in consumer.assignment():
            done = consumer._committed_offset.get(tp) or 0
            found[tp.topic] = found.get(tp.topic, 0) + max(0, (consumer.highwater(tp) or 0) - done)
        return found

    async def trim(self, now: datetime) -> int:
        """Let go of what the embedded log need not keep; Kafka does so by itself. Returns how many messages went.

        Raises:
            LogUnavailable: the log's file could not be written.
        """
        if not isinstance(self.app.transport, Transport):
            return 0
        try:
            return await self.app.transport.trim(int(now.timestamp() * 1000))
        except ProducerSendError as exc:
            raise LogUnavailable(str(exc)) from exc

    def assigned_shards(self) -> set[int]:
        """Return the shards whose tasks come to this worker."""
        return {tp.partition for tp in self.app.consumer.assignment() if tp.topic == MATCH_TASKS}
