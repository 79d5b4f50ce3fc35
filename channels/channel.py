"""The one verb of a channel."""

from collections.abc import Sequence
from typing import Protocol

from channels.errors import TransportError
from channels.message import Message, Receipt

Outcome = Receipt | TransportError


class Channel(Protocol):
    """A way to reach people."""

    @property
    def name(self) -> str:
        """``email``, ``sms``, ``space`` …"""
        ...

    async def send(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        """Send every message of ``batch`` (at most some hundreds).

        Returns:
            An outcome per message, in the same order. Failures are values, so that one bad address does not stop its
            neighbours; nothing is raised but cancellation.
        """
        ...

    async def close(self) -> None:
        """Give back connections; the channel can be used again afterwards."""
        ...
