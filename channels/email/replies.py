"""What a mail server's reply means: field notes as a table, and the rule that reads it. Pure."""

import re
from enum import Enum, auto

from channels.errors import (
    ContentError,
    DoubtfulError,
    PermanentError,
    TemporaryError,
    ThrottledError,
    TransportError,
    UnreachableError,
)
from channels.mask import mask_contacts

GONE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.10"})
DOUBTFUL = frozenset({"5.2.1", "5.2.2"})  # disabled, full: it may be another matter next week
GONE_WORDS = re.compile(
    r"user unknown|unknown user|no such (?:user|mailbox|recipient)|user not found|mailbox not found"
    r"|does not exist|doesn't exist|用户不存在|邮箱不存在|地址不存在",
    re.IGNORECASE,
)
# NetEase says in words of its own that it has seen too much of us: wait, and no attempt is counted.
BUSY = {"MI:DMC": 60.0, "HL:ICC": 300.0, "HL:IFC": 600.0}
SPAM = "DT:SPM"
STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
REASON_LENGTH = 300


class Phase(Enum):
    """How far the conversation was when the server said no."""

    CONNECT = auto()  # nothing was said about any message
    SENDER = auto()
    RECIPIENT = auto()
    DATA = auto()  # refused before or after the text; either way it is not taken


def classify(phase: Phase, code: int, text: str) -> TransportError:
    """Return what the reply ``code text`` means for the message.

    Args:
        phase: what the server answered to.
        code: the three digits, 400 to 599; anything else counts as a server that is out of order.
        text: the rest, maybe with an enhanced status (RFC 3463). Addresses in it are masked in the reason.
    """
    reason = mask_contacts(f"{code} {text}".encode("utf-8", "replace").decode("utf-8"))[:REASON_LENGTH]
    found = STATUS.search(text)
    status = found[1] if found else ""
    if phase is Phase.CONNECT:
        # A closed door or a wrong password is the operator's to mend, and no message's fault.
        return UnreachableError(reason)
    if SPAM in text:
        return ContentError(reason)
    if not 500 <= code <= 599:
        waits = [wait for word, wait in BUSY.items() if word in text]
        return ThrottledError(reason, waits[0]) if waits else TemporaryError(reason)
    if status.startswith("5.7.") or phase is Phase.SENDER:
        # Whoever refuses our sender address refuses every recipient of the campaign.
        return ContentError(reason)
    if status in DOUBTFUL:
        return DoubtfulError(reason)
    return PermanentError(reason, dead=_is_gone(status, text))


def says_busy(text: str) -> bool:
    """Whether the server says that it has seen too much of us."""
    return any(word in text for word in BUSY)


def _is_gone(status: str, text: str) -> bool:
    # A full or disabled mailbox (5.2.x) speaks of itself, whatever its words; without a status the words decide.
    return status in GONE or (status in ("", "5.0.0", "5.5.0") and GONE_WORDS.search(text) is not None)
