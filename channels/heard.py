"""What far sides tell later, out of any channel and into the record: reports about messages, replies of people."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

Status = Literal["accepted", "delivered", "failed"]

# Why a message failed, in the words of the code tables. gone: nobody has that number. opted_out: it is on a black list.
# off: it was not reached in time. ambiguous: the carrier does not say. content: text or signature is refused. account:
# ours is wrong, or spent. busy: too much at once.
Failure = Literal[
    "gone",
    "ambiguous",
    "off",
    "opted_out",
    "content",
    "account",
    "busy",
    "expired",
    "rejected",
    "undelivered",
]


@dataclass(frozen=True)
class FarReport:
    """What became of a message that a gateway took earlier.

    Attributes:
        gateway: the gateway's name, as in the `Receipt` of that message.
        message_id: the far side's own id of the message, or of one of its parts, as in ``Receipt.ids``.
        number: E.164 where one id covers several numbers (CMPP), else None.
        status: how far it came.
        failure: why it failed; None unless it did.
        detail: the code or the words of the carrier, without any address.
        whose: E.164, the number that it is about, where the far side surely names it and ``message_id`` is the only
            name of this report; so that a message whose id was never heard may be found by it. None else.
    """

    gateway: str
    message_id: str
    number: str | None = field(repr=False)
    status: Status
    failure: Failure | None = None
    detail: str = ""
    whose: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Reply:
    """What somebody answered to a text message; ``number`` is E.164, ``message_id`` the gateway's, maybe empty."""

    gateway: str
    number: str = field(repr=False)
    text: str = field(repr=False)
    message_id: str = ""


class Heard(Protocol):
    """Takes what a gateway hears. Who hands it over acknowledges to the far side only when this returned."""

    async def reports(self, found: Sequence[FarReport]) -> None:
        """Keep reports, in any order and as often as they come; they are durable when this returns.

        Raises:
            Exception: the record is away. Nothing is acknowledged to the far side then, which tells it again.
        """
        ...

    async def replies(self, found: Sequence[Reply]) -> None:
        """Keep replies, and do at once what they ask for (退订); raises as `reports` does."""
        ...


class Deaf:
    """Takes nothing: for who looks at a gateway without using it."""

    async def reports(self, found: Sequence[FarReport]) -> None:
        """Refuse them, so that nothing is acknowledged.

        Raises:
            ConnectionError: always.
        """
        raise ConnectionError("nobody listens here")

    async def replies(self, found: Sequence[Reply]) -> None:
        """Refuse them, as `reports` does."""
        raise ConnectionError("nobody listens here")
