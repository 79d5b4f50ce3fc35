"""The log as the rest of the house sees it: what is emitted is durable when the call returns."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import orjson

from streams.access import Actor
from streams.events import Event
from streams.events.changes import told
from streams.events.signing import API_PREFIX, REPLAY_HEADER, sign, signature_headers, verify
from streams.names import (
    DELIVERIES,
    MATCH_TASKS,
    POLICY_EVENTS,
    PREVIEW_TASKS,
    SUBSCRIPTION_CHANGES,
    URGENT,
)
from subscribers.contacts import Vault
from subscribers.model import Change

ABREAST = 5_000  # changes on their way at once; the log writes them together


class LogUnavailable(Exception):
    """The log did not confirm a write: the broker is away or its disk is full.

    Nothing was acknowledged to the sender. Bring the broker back (or free space on the log's disk) and send again; the
    same event id is never pushed twice.
    """


@dataclass(frozen=True)
class Position:
    """Where a message stands in the log."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


class Produce(Protocol):
    """Writes one message and returns when it is durable, or raises LogUnavailable."""

    async def __call__(
        self,
        topic: str,
        *,
        key: bytes | None,
        value: bytes,
        headers: Mapping[str, bytes] | None = None,
        partition: int | None = None,
    ) -> Position:
        """Write it."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """One of several messages that are written together."""

    partition: int
    key: bytes
    value: bytes


class ProduceAll(Protocol):
    """Writes messages of one topic and returns when all are durable, or raises LogUnavailable: some may be then."""

    async def __call__(self, topic: str, messages: Sequence[Message]) -> None:
        """Write them, each partition's in their order."""
        ...


class EventLog:
    """Everything that is written to the log, by its meaning.

    Args:
        produce: Writes one message.
        vault: Signs.
        produce_all: Writes many at less cost than ``produce`` for each, which is done without it.
    """

    def __init__(self, produce: Produce, vault: Vault, produce_all: ProduceAll | None = None) -> None:
        self.produce = produce
        self._vault = vault
        self._produce_all = produce_all or self._one_by_one

    async def emit(self, raw: bytes, event: Event, actor: Actor) -> Position:
        """Append an agency's event as it came, signed for ``actor``."""
        headers = signature_headers(API_PREFIX + actor.key_id, api_secret(self._vault, actor.key_id), raw)
        return await self.produce(
            POLICY_EVENTS, key=f"{actor.agency_id}/{event.policy_id}".encode(), value=raw, headers=headers
        )

    def replay_mark(self, at: Position, raw: bytes) -> bytes:
        """Return the header with which ``raw`` goes again as the message that stands at ``at``."""
        return replay_mark(self._vault, at, raw)

    async def announce(self, changes: Sequence[Change]) -> None:
        """Tell the shards which subscribers changed; the record already holds what changed."""
        for start in range(0, len(changes), ABREAST):
            messages = [Message(*one) for one in told(changes[start : start + ABREAST])]
            await self._produce_all(SUBSCRIPTION_CHANGES, messages)

    async def _one_by_one(self, topic: str, messages: Sequence[Message]) -> None:
        await asyncio.gather(
            *(self.produce(topic, key=m.key, value=m.value, partition=m.partition) for m in messages)
        )

    async def hand_over(self, channel: str, delivery_ids: Sequence[str], *, urgent: bool = False) -> None:
        """Put a batch of deliveries before their channel; what is urgent by its lane (`streams.fanout.lanes`)."""
        await self.produce(
            (URGENT if urgent else DELIVERIES)[channel],
            key=delivery_ids[0].encode(),
            value=orjson.dumps({"delivery_ids": list(delivery_ids)}),
        )

    async def ask_shard(self, campaign_id: str, shard: int, after: int) -> None:
        """Have ``shard`` match a campaign, once it has seen its subscription changes up to offset ``after``."""
        await self.produce(
            MATCH_TASKS,
            key=campaign_id.encode(),
            value=orjson.dumps({"campaign_id": campaign_id, "shard": shard, "after": after}),
            partition=shard,
        )

    async def ask_preview(self, preview_id: str, shards: int) -> None:
        """Have every shard count the audience of a preview."""
        for shard in range(shards):
            await self.produce(
                PREVIEW_TASKS,
                key=preview_id.encode(),
                value=orjson.dumps({"preview_id": preview_id, "shard": shard}),
                partition=shard,
            )


def api_secret(vault: Vault, key_id: str) -> bytes:
    """The secret with which the API signs for the holder of ``key_id``; it exists only inside this installation."""
    return vault.derive(f"api-event:{key_id}")


def replay_mark(vault: Vault, at: Position, raw: bytes) -> bytes:
    """Return the header that makes ``raw`` count as the message that stands at ``at``."""
    return f"{at}/{sign(vault.derive('replay'), f'{at} '.encode() + raw)}".encode()


def original(vault: Vault, headers: Mapping[str, str], raw: bytes, at: Position) -> Position:
    """Return where a message stood first, if it is a replay, and ``at`` otherwise.

    Anybody who may write to the log can write the header: a mark that was not signed here counts for nothing.
    """
    place, _, signature = headers.get(REPLAY_HEADER, "").rpartition("/")
    if not place or not verify(vault.derive("replay"), f"{place} ".encode() + raw, signature):
        return at
    topic, partition, offset = place.rsplit("/", 2)
    return Position(topic, int(partition), int(offset))
