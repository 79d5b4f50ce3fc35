"""Recipients that nobody is: what goes to them is answered here and never touches the network."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from channels.channel import Channel, Outcome
from channels.errors import (
    ContentError,
    DoubtfulError,
    PermanentError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
)
from channels.message import Message, Progress, Receipt
from config.simulated import simulated_outcomes

OUTCOMES: Mapping[str, Callable[[], Outcome]] = MappingProxyType(
    {
        "delivered": lambda: Receipt(Progress.DELIVERED, "simulated"),
        "sent": lambda: Receipt(Progress.SENT, "simulated"),
        "gone": lambda: PermanentError("simulated: 550 5.1.1 nobody has this address", dead=True),
        "full": lambda: DoubtfulError("simulated: 552 5.2.2 the mailbox is full"),
        "unknown": lambda: UnknownOutcomeError("simulated: the connection ended before the answer"),
        "temporary": lambda: TemporaryError("simulated: 451 4.3.0 try again later"),
        "throttled": lambda: ThrottledError("simulated: 450 4.7.1 too much at once", 60.0),
        "content": lambda: ContentError("simulated: 554 5.7.1 the text is refused"),
    }
)


class SimulatingChannel:
    """Answers for the recipients of ``config/simulated.toml`` itself and hands all others to the channel inside."""

    def __init__(self, channel: Channel) -> None:
        """Wrap ``channel``; outermost, so that what is simulated counts for no breaker and no pace."""
        self.channel = channel

    @property
    def name(self) -> str:
        """That of the channel inside."""
        return self.channel.name

    async def send(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        """Send ``batch``; see `Channel.send`."""
        played = simulated_outcomes()
        real = [message for message in batch if message.address.lower() not in played]
        if len(real) == len(batch):
            return await self.channel.send(batch)
        outcomes = iter(await self.channel.send(real) if real else ())
        return [
            OUTCOMES[played[message.address.lower()]]()
            if message.address.lower() in played
            else next(outcomes)
            for message in batch
        ]

    async def close(self) -> None:
        """Give back connections; the channel can be used again afterwards."""
        await self.channel.close()
