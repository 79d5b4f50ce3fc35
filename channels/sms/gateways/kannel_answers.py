"""What Kannel's answer means for a message, and what its reports say; pure functions, one of them with a table.

The words are those of Kannel 1.4.5 (gw/smsbox.c), seen on a running one.
"""

import re

from channels.errors import (
    AccountError,
    ContentError,
    PermanentError,
    TemporaryError,
    ThrottledError,
    TransportError,
    UnknownOutcomeError,
)
from channels.heard import Failure, Status
from channels.mask import mask_contacts
from channels.message import Progress, Receipt
from channels.sms.codes import ACCOUNT_S, BUSY_S, REASON_CHARS, Codes

GATEWAY = "kannel"

ACCEPTED = 202
CONTENT = re.compile(r"charset|body|coding|udh|message|text|garbage", re.IGNORECASE)
NUMBER = re.compile(r"receiver|number|\bto\b", re.IGNORECASE)
LISTED = re.compile(r"white- and/or black-lists", re.IGNORECASE)
ROUTE = re.compile(r"not routable", re.IGNORECASE)


def outcome_of(status: int, text: str, retry_after: str | None = None) -> Receipt | TransportError:
    """Return what an answer to ``sendsms`` means.

    Args:
        status: of HTTP.
        text: the body; numbers in it are masked in the reason.
        retry_after: the header of that name.
    """
    if status == ACCEPTED:
        # 0: handed to the carrier's line, 3: kept until that line is there. Neither is a delivery.
        return Receipt(Progress.SENT)
    reason = mask_contacts(f"{status} {' '.join(text.split())}".encode("utf-8", "replace").decode())
    reason = reason[:REASON_CHARS]
    if status == 429:
        return ThrottledError(reason, _seconds(retry_after))
    if status in (502, 504):
        # Said by something in front of the gateway, which may have taken it.
        return UnknownOutcomeError(reason)
    if status == 403 and ROUTE.search(text):
        return PermanentError(reason)
    if status in (401, 403, 404, 405):
        return AccountError(reason, ACCOUNT_S)
    if status == 400 and (NUMBER.search(text) or CONTENT.search(text)):
        return _refused(reason, text)
    return TemporaryError(reason)


def _refused(reason: str, text: str) -> TransportError:
    # A list may be wrong tomorrow, a number that is none will never be one; whatever else it refuses is the text.
    if LISTED.search(text):
        return PermanentError(reason)
    return PermanentError(reason, dead=True) if NUMBER.search(text) else ContentError(reason)


def _seconds(retry_after: str | None) -> float:
    return float(retry_after) if retry_after and retry_after.isdecimal() else BUSY_S


def status_of(code: int) -> Status:
    """Return what Kannel's report ``code`` (a sum of bits) says.

    1 delivered, 2 failed, 4 queued in the gateway, 8 taken by the carrier, 16 refused by it, 32 expired (34 = 2 + 32).

    Raises:
        ValueError: it has none of these bits.
    """
    if code & (2 | 16 | 32):
        return "failed"
    if code & 1:
        return "delivered"
    if code & (4 | 8):
        return "accepted"
    raise ValueError(f"{code} is no delivery status of Kannel")


def failure_of(code: int, words: str, codes: Codes) -> Failure:
    """Return why a message failed: what the carrier's words mean, else what Kannel's code says.

    Args:
        code: Kannel's.
        words: the carrier's, maybe empty.
        codes: what carriers' words mean.
    """
    known = codes.known(GATEWAY, words)
    return known or ("off" if code & 32 else "rejected" if code & 16 else "undelivered")
