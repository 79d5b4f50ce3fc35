"""Many senders, one disk sync: events that arrive while a write is under way share the next one."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from faust.exceptions import ProducerSendError
from faust.types import TP, RecordMetadata

from streams.transport.errors import LogUnavailable
from streams.transport.records import NewRecord

logger = logging.getLogger(__name__)

MAX_BATCH_RECORDS = 2_000
MAX_BATCH_BYTES = 8 * 1024 * 1024

Write = Callable[[list[NewRecord]], Awaitable[list[int]]]
_Waiting = tuple[NewRecord, "asyncio.Future[RecordMetadata]"]


class GroupCommit:
    """A queue of events with one writer; each event's future tells when it is durable.

    Args:
        write: Appends a batch in one transaction and returns the offsets; raises ProducerSendError if it could not.
    """

    def __init__(self, write: Write) -> None:
        self._write = write
        self._waiting: deque[_Waiting] = deque()
        self._filled = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def put(self, record: NewRecord) -> asyncio.Future[RecordMetadata]:
        """Queue an event; the future ends with its offset once it is durable, or with a ProducerSendError."""
        future: asyncio.Future[RecordMetadata] = asyncio.get_running_loop().create_future()
        self._waiting.append((record, future))
        self._idle.clear()
        self._filled.set()
        return future

    async def flush(self) -> None:
        """Wait until every event queued so far is durable or refused."""
        await self._idle.wait()

    async def run(self) -> None:
        """Write until cancelled. What is still queued then is refused, never silently dropped."""
        try:
            while True:
                await self._filled.wait()
                while self._waiting:
                    await self._write_batch(self._take())
                self._filled.clear()
                self._idle.set()
        finally:
            _refuse(list(self._waiting), "the producer was stopped before the event was written")
            self._waiting.clear()
            self._idle.set()

    def _take(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size = 0
        while self._waiting and len(batch) < MAX_BATCH_RECORDS and size < MAX_BATCH_BYTES:
            record, future = self._waiting.popleft()
            size += len(record.key or b"") + len(record.value or b"")
            batch.append((record, future))
        return batch

    async def _write_batch(self, batch: list[_Waiting]) -> None:
        try:
            offsets = await self._write([record for record, _ in batch])
        except asyncio.CancelledError:
            _refuse(
                batch, "the producer was stopped while the event was written: it may or may not be in the log"
            )
            raise
        except ProducerSendError as exc:
            logger.warning("%d events refused: %s", len(batch), exc)
            _refuse(batch, str(exc))
        except Exception as exc:
            # The writer must outlive any surprise, or later events would wait for ever.
            logger.exception("%d events refused", len(batch))
            _refuse(batch, repr(exc))
        else:
            for (record, future), offset in zip(batch, offsets, strict=True):
                if not future.done():
                    future.set_result(_metadata(record, offset))


def _metadata(record: NewRecord, offset: int) -> RecordMetadata:
    tp = TP(record.topic, record.partition)
    return RecordMetadata(record.topic, record.partition, tp, offset, record.timestamp_ms, 0)


def _refuse(batch: list[_Waiting], reason: str) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(LogUnavailable(reason))
