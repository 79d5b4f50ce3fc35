"""A channel whose one far side is left alone while it is down."""

from collections.abc import Sequence

from channels.channel import Channel, Outcome
from channels.guards.far_side import FarSide
from channels.guards.trying import tried
from channels.message import Message


class BreakingChannel:
    """Sends as the channel inside does, but makes no connection while the breaker of its far side is open.

    What comes then is parked: `ParkedError`, with the moment of the next trial. The trial is a single message, so that
    a server that is just coming back is not met by everything that has waited.
    """

    def __init__(self, channel: Channel, far_side: FarSide) -> None:
        """Wrap ``channel``, everything of which goes to ``far_side``."""
        self.channel = channel
        self.far_side = far_side

    @property
    def name(self) -> str:
        """That of the channel inside."""
        return self.channel.name

    async def send(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        """Send ``batch``, or park it; see `Channel.send`."""
        return await tried(self.far_side, batch, self._tell)

    async def close(self) -> None:
        """Give back connections; the channel can be used again afterwards."""
        await self.channel.close()

    async def _tell(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        outcomes = await self.channel.send(batch)
        self.far_side.told(outcomes)
        return outcomes
