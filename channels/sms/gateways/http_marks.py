"""Marks: what a request carries so that its messages are found again when its answer was lost; pure.

The clouds know no idempotency, but hand a request's own words back with each of its messages. A mark has a few
characters for every message of the request: whoever asks about a number afterwards sees by them whether a message to
it was this delivery or another.
"""

import base64
import hashlib
from collections.abc import Sequence

LONGEST = 8
SHORTEST = 2  # 12 bits; a number that is texted twice within minutes is rare already
HEAD = "zd"


def mark(delivery_ids: Sequence[str], room: int) -> str:
    """Return the mark of a request with these deliveries, at most ``room`` characters; empty where they do not fit.

    It is ``zd``, the length of each message's characters, ``.``, and those.
    """
    each = min(LONGEST, (room - len(HEAD) - 2) // max(1, len(delivery_ids)))
    if each < SHORTEST:
        return ""
    return f"{HEAD}{each}." + "".join(_characters(one)[:each] for one in delivery_ids)


def marked(said: str, delivery_id: str) -> bool | None:
    """Whether the request with this mark carried a delivery; None where the mark is none of ours."""
    head, dot, body = said.partition(".")
    width = head.removeprefix(HEAD)
    if not dot or not head.startswith(HEAD) or not width.isdecimal() or not int(width):
        return None
    each = int(width)
    wanted = _characters(delivery_id)[:each]
    return any(body[start : start + each] == wanted for start in range(0, len(body), each))


def _characters(delivery_id: str) -> str:
    digest = hashlib.sha256(delivery_id.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()[:LONGEST]
