"""An offset is committed only after the program has said that the work on the event is finished.

Stock Faust acknowledges an event when the agent's loop asks for the next one, and also when the agent raised, was
cancelled, or never saw the event because a rebalance skipped it: all of these are then committed, and lost. Here an
agent says so itself:

    async for event in stream.events():
        await work(event)
        done(event)

Faust's acknowledgements still serve `stream_wait_empty`, but no offset is derived from them: its compiled stream
iterator fills the consumer's list of acknowledged offsets without calling `Consumer.ack`, so overriding `ack` would
guard nothing. What is committed is computed from `Progress` alone.

An event whose agent raised stays unfinished: the partition's later events are worked on but not committed, and all of
them come again after the next start or rebalance. The same holds for a value or key that Faust could not decode, so use
raw values and decode in the agent. Topics declared with `acks=False` are not tracked.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import faust
from faust.exceptions import ImproperlyConfigured
from faust.transport.consumer import Consumer
from faust.transport.drivers import by_url
from faust.types import TP, EventT, Message, TransportT
from faust.types.transports import ConsumerCallback

from streams.transport.progress import Progress


class HonestConsumer(Consumer):
    """A mixin for the consumer of any Faust transport; use it through `HonestApp`."""

    callback: ConsumerCallback

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.progress = Progress()
        self._hand_out = self.callback
        self.callback = self._deliver

    async def _deliver(self, message: Message) -> None:
        if self.app.topics.acks_enabled_for(message.topic):
            self.progress.delivered(message.tp, message.offset, message.generation_id or 0)
        await self._hand_out(message)

    def worked(self, message: Message) -> bool:
        """Mark an event as finished.

        Returns:
            False if that has no effect: it was marked before, or a rebalance has happened since it was handed out (it
            is then handed out again, perhaps to another process).
        """
        return self.progress.worked(message.tp, message.offset, message.generation_id or 0)

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return (
            tp for tp in self.progress.partitions() if topics is None or tp in topics or tp.topic in topics
        )

    def _new_offset(self, tp: TP) -> int | None:
        # Faust's own list is not used; without this it would grow for ever.
        self._acked.pop(tp, None)
        self._acked_index.pop(tp, None)
        return self.progress.safe_offset(tp)

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Commit what is finished by now.

        Stock Faust lets a commit that is under way stand in for this one, although it may have begun before the last
        events were finished: a worker that stops in that moment would leave finished work to be done again.
        """
        while await self.maybe_wait_for_commit_to_finish():
            pass
        return bool(await super().commit(topics, start_new_transaction))

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Holes left by compaction need no bookkeeping: what was never handed out is not open."""

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Commit what was finished (Faust does), then start with a clean book."""
        await super().on_partitions_revoked(revoked)
        self.progress.forget(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Start with a clean book: everything uncommitted is handed out again."""
        self.progress.forget(self.progress.partitions())
        await super().on_partitions_assigned(assigned, generation_id)

    async def perform_seek(self) -> None:
        """Go back to the committed offsets, with a clean book."""
        self.progress.forget(self.progress.partitions())
        await super().perform_seek()

    async def seek(self, partition: TP, offset: int) -> None:
        """Go elsewhere in a partition, with a clean book for it."""
        self.progress.forget([partition])
        await super().seek(partition, offset)


class HonestApp(faust.App):
    """A Faust app whose consumer is honest, on whichever transport its broker URL names."""

    def _new_transport(self) -> TransportT:
        urls = self.conf.broker_consumer
        return _honest(by_url(urls[0]))(urls, self)


def done(event: EventT[Any]) -> bool:
    """Say that all work on an event is finished and its outputs are durable; only now may its offset be committed.

    Returns:
        As `HonestConsumer.worked`.

    Raises:
        ImproperlyConfigured: The event's app is not a `HonestApp`: nothing would be guaranteed.
    """
    consumer = event.app.consumer
    if not isinstance(consumer, HonestConsumer):
        raise ImproperlyConfigured("done() needs a HonestApp")
    return consumer.worked(event.message)


@cache
def _honest(transport: type[Any]) -> type[Any]:
    """The same transport, its consumer made honest."""
    consumer = type(f"Honest{transport.Consumer.__name__}", (HonestConsumer, transport.Consumer), {})
    return type(f"Honest{transport.__name__}", (transport,), {"Consumer": consumer})
