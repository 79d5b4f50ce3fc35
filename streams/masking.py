"""Counts as strangers may see them, pure: below five a count could point at somebody (rule 6, 防范数据汇聚).

A figure is shown as it is only when both it and what it leaves of its whole are at least five: who knows the whole and
subtracts learns no more than who reads. A figure below five reads ``<5``, zero included; one that leaves less than five
reads ``≥`` and the least that it may be, so that neither tells a small number apart from none.
"""

from dataclasses import dataclass

FEW = 5
BELOW = f"<{FEW}"

Shown = int | str


@dataclass(frozen=True)
class Reach:
    """How far a policy came among the members of an association.

    Attributes:
        members: active ones.
        by_agency: of these, whom the agency's own push reached.
        by_relay: whom only the relay reached.
        read: of those reached, who opened or acknowledged it.
    """

    members: int
    by_agency: int
    by_relay: int
    read: int


@dataclass(frozen=True)
class ReachShown:
    """A reach as the association sees it; the fields are those of `Reach`."""

    members: Shown
    by_agency: Shown
    by_relay: Shown
    read: Shown


def few(count: int) -> Shown:
    """Return a count that is no part of another; none at all is said."""
    return count if count == 0 or count >= FEW else BELOW


def part(count: int, whole: int) -> Shown:
    """Return a count of ``whole``, which the reader knows."""
    return _between(count, whole)


def masked(reach: Reach) -> ReachShown:
    """Return the figures of a reach so that no difference of them, nor from the members, betrays a small one.

    Each figure is a part of what the figures before it, as they are shown, leave over. Those read are a part of those
    reached; where that sum is not shown exactly, of the least that it may be.
    """
    whole = reach.members
    by_agency = part(reach.by_agency, whole)
    left = whole - by_agency if isinstance(by_agency, int) else whole
    by_relay = part(reach.by_relay, left)
    surely = sum(least(shown) for shown in (by_agency, by_relay))
    return ReachShown(
        members=whole if whole >= FEW else BELOW,
        by_agency=by_agency,
        by_relay=by_relay,
        read=_between(reach.read, surely),
    )


def least(shown: Shown) -> int:
    """Return the smallest count that may stand behind a shown one."""
    if isinstance(shown, int):
        return shown
    return int(shown[1:]) if shown.startswith("≥") else 0


def _between(count: int, whole: int) -> Shown:
    if count < FEW:
        return BELOW
    return count if whole - count >= FEW else f"≥{max(FEW, whole - FEW + 1)}"
