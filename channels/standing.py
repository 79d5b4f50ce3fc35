"""What a channel does beside sending: it keeps a line open on which it hears, and can be asked what it knows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from channels.heard import FarReport


@dataclass(frozen=True)
class Sent:
    """A text that a gateway took, or may have taken; ``message_id`` is None where its answer was lost."""

    delivery_id: str
    number: str = field(repr=False)
    message_id: str | None
    sent_at: datetime


class StandingLine(Protocol):
    """A channel with far sides that speak by themselves, or answer questions about what they took."""

    @property
    def name(self) -> str:
        """The channel's."""
        ...

    @property
    def asked(self) -> tuple[str, ...]:
        """The names of its far sides that can be asked."""
        ...

    async def open(self) -> None:
        """Begin to listen; it neither waits for a far side nor raises when one is away."""
        ...

    async def query(self, gateway: str, sent: Sequence[Sent]) -> Sequence[FarReport]:
        """Return what a far side knows about messages by now; nothing where it cannot be asked.

        Raises:
            TransportError: it cannot be asked at the moment.
        """
        ...
