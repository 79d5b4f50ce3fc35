"""A channel that keeps to a pace: of its own, and of the providers that its recipients have their mailboxes with."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from channels.channel import Channel, Outcome
from channels.errors import NotBegunError
from channels.guards.pace import Leftover, Rate
from channels.guards.rates import Pace, Turns, sent_away
from channels.leaving import leaving, pause
from channels.message import Message
from config.mail_domains import Family

# A batch does not wait for its slowest domain: the others in it would wait as well.
PATIENCE_S = 0.25
URGENT_PATIENCE_S = 5.0
BURST_S = 3.0  # who was sent away comes back by the second, and a little late
NO_FAMILIES: Mapping[str, Family] = MappingProxyType({})


class PacedChannel:
    """Sends as the channel inside does, as fast as the rates allow; what has to wait for long comes back at its turn.

    Urgent messages wait on the spot for a moment rather than to be sent away behind a broad campaign.
    """

    def __init__(
        self,
        channel: Channel,
        turns: Turns,
        pace: Pace | None = None,
        families: Mapping[str, Family] = NO_FAMILIES,
    ) -> None:
        """Wrap ``channel``.

        Args:
            channel: that sends.
            turns: where the families' turns are given.
            pace: of the channel as a whole; None: as fast as it goes.
            families: by recipient domain, those that have a rate of their own.
        """
        self.channel = channel
        self.turns = turns
        self.pace = pace
        self.families = families

    @property
    def name(self) -> str:
        """That of the channel inside."""
        return self.channel.name

    async def send(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        """Send ``batch``; see `Channel.send`."""
        outcomes: dict[int, Outcome] = {}
        waits: defaultdict[float, list[int]] = defaultdict(list)
        capped = self._by_family(batch)
        of_none = set(range(len(batch))).difference(*capped.values())
        if of_none:
            waits[0.0] += sorted(of_none)
        for (family, urgent), places in capped.items():
            rate = Rate(family.per_second, BURST_S)
            patience_s = URGENT_PATIENCE_S if urgent else PATIENCE_S
            leftover = Leftover.AHEAD if urgent else Leftover.BEHIND_ALL
            line = f"{self.name}:{family.name}"
            turn = await self.turns.take(line, rate, len(places), patience_s, leftover)
            waits[turn.wait_s] += places[: turn.going]
            away = places[turn.going :]
            outcomes |= zip(away, sent_away(turn, rate, len(away), family.name), strict=True)
        parts = [(wait_s, places) for wait_s, places in waits.items() if places]
        sent = await asyncio.gather(
            *(self._after(wait_s, [batch[at] for at in part]) for wait_s, part in parts)
        )
        for (_, places), found in zip(parts, sent, strict=True):
            outcomes |= zip(places, found, strict=True)
        return [outcomes[at] for at in range(len(batch))]

    async def close(self) -> None:
        """Give back connections; the channel can be used again afterwards."""
        await self.channel.close()

    def _by_family(self, batch: Sequence[Message]) -> dict[tuple[Family, bool], list[int]]:
        found: defaultdict[tuple[Family, bool], list[int]] = defaultdict(list)
        if self.families:
            for at, message in enumerate(batch):
                family = self.families.get(message.address.rpartition("@")[2].lower())
                if family is not None:
                    found[family, message.urgent].append(at)
        return found

    async def _after(self, wait_s: float, part: Sequence[Message]) -> Sequence[Outcome]:
        if wait_s:
            await pause(wait_s)
        if leaving():
            return [NotBegunError() for _ in part]
        if self.pace is None:
            return await self.channel.send(part)
        # A lane's batch is urgent as a whole; a notice among others lends them its turn.
        return await self.pace.send(part, self.channel.send, urgent=any(one.urgent for one in part))
