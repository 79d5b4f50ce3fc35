"""A log and a channel that live in memory and do what a test scripts."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from channels.channel import Outcome
from channels.message import Message, Progress, Receipt
from streams.log import Position


@dataclass(frozen=True)
class Logged:
    """One message as it stands in the log."""

    at: Position
    key: bytes | None
    value: bytes
    headers: dict[str, bytes]

    @property
    def json(self) -> dict[str, Any]:
        """Its value, read."""
        value: dict[str, Any] = orjson.loads(self.value)
        return value


class FakeLog:
    """``streams.log.Produce`` in memory; ``breaks`` names topics and what writing there raises instead."""

    def __init__(self) -> None:
        self.messages: list[Logged] = []
        self.breaks: dict[str, Exception] = {}
        self._next: defaultdict[tuple[str, int], int] = defaultdict(int)

    async def __call__(
        self,
        topic: str,
        *,
        key: bytes | None,
        value: bytes,
        headers: Mapping[str, bytes] | None = None,
        partition: int | None = None,
    ) -> Position:
        """Keep the message and say where."""
        if topic in self.breaks:
            raise self.breaks[topic]
        place = (topic, partition or 0)
        at = Position(*place, self._next[place])
        self._next[place] += 1
        self.messages.append(Logged(at, key, value, dict(headers or {})))
        return at

    def on(self, topic: str) -> list[Logged]:
        """What was written to ``topic``."""
        return [message for message in self.messages if message.at.topic == topic]

    async def highwater(self, shard: int) -> int:
        """The next offset of a shard's subscription changes."""
        return self._next["subscription.changes", shard]


Script = Callable[[Message], Outcome]


def arrives(message: Message) -> Outcome:
    """The script of a channel that works."""
    return Receipt(Progress.SENT, f"ref-{message.delivery_id[:8]}")


class FakeChannel:
    """A channel that remembers what it was given and answers by its script; ``meanwhile`` runs during a send."""

    def __init__(self, name: str, script: Script = arrives) -> None:
        self.name = name
        self.script = script
        self.sent: list[Message] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def send(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        """See `channels.channel.Channel.send`."""
        self.sent += batch
        if self.meanwhile is not None:
            await self.meanwhile()
        return [self.script(message) for message in batch]

    async def close(self) -> None:
        """Nothing is open."""
