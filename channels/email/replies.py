"""What a mail server's reply means for the message and for its recipient. Pure; the tables are data.

What is refused for good is read by the table of bounces (config/mail_bounces.toml, and the office's own), so that a
refusal means the same whether it comes at once or later by mail; config/mail_replies.toml has the words that ask us to
slow down.
"""

import re
from collections.abc import Mapping
from enum import Enum, auto
from functools import cache
from pathlib import Path
from types import MappingProxyType

import tomli

import config
from channels.email.bounces.rules import Rules, load_rules
from channels.email.bounces.words import plain
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

BUSY = Path(config.__file__).parent / "mail_replies.toml"
GONE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.10"})
SPAM = "DT:SPM"  # NetEase says it with a 451, too
STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
# Names of hosts and pages say nothing: "see https://antispam.example.com" stands under any refusal.
NAMES = re.compile(r"https?://\S+|[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}(?:/\S*)?")
REASON_LENGTH = 300


class Phase(Enum):
    """How far the conversation was when the server said no."""

    CONNECT = auto()  # nothing was said about any message
    SENDER = auto()
    RECIPIENT = auto()
    DATA = auto()  # refused before or after the text; either way it is not taken


def classify(
    phase: Phase, code: int, text: str, *, domain: str = "", rules: Rules | None = None
) -> TransportError:
    """Return what the reply ``code text`` means for the message.

    Args:
        phase: what the server answered to.
        code: the three digits, 400 to 599; anything else counts as a server that is out of order.
        text: the rest, maybe with an enhanced status (RFC 3463). Addresses in it are masked in the reason.
        domain: the recipient's; some providers have words of their own.
        rules: the table of bounces; the shipped one where it is None.
    """
    said = mask_contacts(f"{code} {text}".encode("utf-8", "replace").decode("utf-8"))
    reason = said[:REASON_LENGTH]
    if phase is Phase.CONNECT:
        # A closed door or a wrong password is the operator's to mend, and no message's fault.
        return UnreachableError(reason)
    if SPAM in text:
        return ContentError(reason)
    if not 500 <= code <= 599:
        return _later(text, reason)
    found = STATUS.search(text)
    status = found[1] if found else "5.0.0"
    if status in GONE and phase is not Phase.SENDER:
        return PermanentError(reason, dead=True)
    rule = (rules or load_rules()).of_reply(status, plain(NAMES.sub(" ", said)), {domain.lower()})
    word = rule.word if rule else "undelivered"
    if word == "temporary" or (rule and rule.id == "status.refused" and says_busy(text)):
        return _later(text, reason)
    if word == "content" or phase is Phase.SENDER:
        # Whoever refuses our sender address refuses every recipient of the campaign.
        return ContentError(reason)
    if word in ("full", "ambiguous") or (word == "gone" and status.startswith("5.2.")):
        # A full or disabled mailbox (5.2.x) speaks of itself, whatever its words.
        return DoubtfulError(reason)
    return PermanentError(reason, dead=word == "gone")


def says_busy(text: str) -> bool:
    """Whether the server says that it has seen too much of us."""
    return _wait(text) is not None


def _later(text: str, reason: str) -> TemporaryError:
    wait_s = _wait(text)
    return TemporaryError(reason) if wait_s is None else ThrottledError(reason, wait_s)


def _wait(text: str) -> float | None:
    said = plain(text)
    return next((wait_s for words, wait_s in _busy().items() if words in said), None)


@cache
def _busy() -> Mapping[str, float]:
    rows = tomli.loads(BUSY.read_text(encoding="utf-8"))["busy"]
    return MappingProxyType({plain(words): float(row["wait_s"]) for row in rows for words in row["words"]})
