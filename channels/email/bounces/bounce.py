"""What a message that came back says, in few words."""

from dataclasses import dataclass, field
from typing import Literal

# gone: nobody has the address. full, ambiguous: the address failed, which proves nothing by itself. content: text or
# sender is refused, whoever the recipient. undelivered: it failed, the address is not to blame. expired: the server on
# the way gave up trying. temporary: it goes on trying. complained: the recipient calls it spam. auto_reply: a machine
# answers for somebody who is away. other: nothing that tells of a delivery.
Word = Literal[
    "gone",
    "full",
    "ambiguous",
    "content",
    "undelivered",
    "expired",
    "temporary",
    "complained",
    "auto_reply",
    "other",
]


@dataclass(frozen=True)
class Bounce:
    """A message read.

    Attributes:
        word: what it means.
        status: as in RFC 3463 (``5.1.1``), where there is one.
        rule: the id of the rule that decided, or what else did: ``arf``, ``dsn``, ``auto_submitted`` …
        detail: what the far side said, on one line, without addresses.
        message_id: of the delivery, from the Message-ID of what was returned.
        return_path: the envelope's sender of what was returned, where it is told.
    """

    word: Word
    status: str | None = None
    rule: str = ""
    detail: str = ""
    message_id: str | None = None
    return_path: str | None = field(default=None, repr=False)
