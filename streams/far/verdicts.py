"""What the reports about a message's parts mean for the message, pure."""

from collections.abc import Sequence
from dataclasses import dataclass

ACCEPTED, DELIVERED, FAILED = "accepted", "delivered", "failed"
FINAL = (DELIVERED, FAILED)
# Failures that say nothing about the number or the text: another try is worth it, and no double, because the far side
# itself says that it did not arrive.
PASSING = ("ambiguous", "busy")
# Which of several parts' failures is the message's.
GRAVEST_FIRST = (
    "gone",
    "opted_out",
    "content",
    "account",
    "rejected",
    "off",
    "expired",
    "undelivered",
    "ambiguous",
    "busy",
)


@dataclass(frozen=True)
class Part:
    """A part of a message as it stands: what was said about it last, if anything."""

    status: str | None = None
    failure: str | None = None


@dataclass(frozen=True)
class Verdict:
    """How far a message came. ``again``: nothing of it arrived, for a reason that may pass."""

    status: str
    failure: str | None = None
    again: bool = False


def heard(part: Part, said: Part) -> Part:
    """Return a part after a report about it. What is final stays: reports may come twice and in any order."""
    if part.status in FINAL or said.status is None:
        return part
    return said if said.status in FINAL or part.status is None else part


def verdict(parts: Sequence[Part], expected: int) -> Verdict | None:
    """Return what the parts of a message mean for it: delivered when all are, failed when one is.

    Where the only failures are passing ones, the verdict waits for every part: a message of which a part arrived does
    not go again.

    Args:
        parts: those whose ids are known.
        expected: how many there are; 0 where the answer was lost and each row stands for the whole message.

    Returns:
        None as long as nothing that counts was said.
    """
    failures = [part.failure or "undelivered" for part in parts if part.status == FAILED]
    arrived = [part for part in parts if part.status == DELIVERED]
    if not expected:
        if arrived:
            return Verdict(DELIVERED)
        expected = len(parts)
    settled = len(failures) + len(arrived) >= expected
    if failures and (settled or not all(failure in PASSING for failure in failures)):
        gravest = min(failures, key=GRAVEST_FIRST.index)
        return Verdict(FAILED, gravest, again=settled and not arrived and gravest in PASSING)
    if settled and arrived:
        return Verdict(DELIVERED)
    return Verdict(ACCEPTED) if any(part.status for part in parts) else None
