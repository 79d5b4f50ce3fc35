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

EMAIL = "email"
# What is said of a mail, with the code that a server would send, and of a text message.
WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "delivered": ("", ""),
        "sent": ("", ""),
        "gone": ("550 5.1.1 nobody has this address", "nobody has this number"),
        "full": ("552 5.2.2 the mailbox is full", "the telephone's memory is full"),
        "unknown": ("the connection ended before the answer", "the connection ended before the answer"),
        "temporary": ("451 4.3.0 try again later", "try again later"),
        "throttled": ("450 4.7.1 too much at once", "too much at once"),
        "content": ("554 5.7.1 the text is refused", "the text is refused"),
    }
)
OUTCOMES: Mapping[str, Callable[[str], Outcome]] = MappingProxyType(
    {
        "delivered": lambda _: Receipt(Progress.DELIVERED, "simulated"),
        "sent": lambda _: Receipt(Progress.SENT, "simulated"),
        "gone": lambda said: PermanentError(said, dead=True),
        "full": DoubtfulError,
        "unknown": UnknownOutcomeError,
        "temporary": TemporaryError,
        "throttled": lambda said: ThrottledError(said, 60.0),
        "content": ContentError,
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
            self._played(played[message.address.lower()])
            if message.address.lower() in played
            else next(outcomes)
            for message in batch
        ]

    def _played(self, outcome: str) -> Outcome:
        of_mail, of_text = WORDS[outcome]
        return OUTCOMES[outcome](f"simulated: {of_mail if self.name == EMAIL else of_text}")

    async def close(self) -> None:
        """Give back connections; the channel can be used again afterwards."""
        await self.channel.close()
