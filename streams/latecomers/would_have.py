"""What somebody would have got: the openly released policies of the last 90 days against criteria or a profile.

Only what was pushed to everybody whom it fits counts: the newest revision, open, not targeted, with the labels that it
was pushed with. It is evaluated policy by policy (`Query.fits`), which for some thousands of them is quick enough, and
needs no index of subscribers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from streams.latecomers.pairs import Pairs, may_hold_any, places_of
from streams.matching.conditions import admits, day_number
from streams.matching.matter import Ancestors, Matter
from streams.matching.query import Query, explicit_query, profile_query
from subscribers.criteria import Criteria
from subscribers.model import Profile


@dataclass(frozen=True)
class Pushed:
    """A policy that was pushed, as criteria see it.

    Attributes:
        at: when it was pushed.
        matter: what it is to a query.
        pairs: of its text, see `streams.latecomers.pairs`.
        ended: whether its window or its validity was over when it was released: then nobody got it.
    """

    agency_id: str
    policy_id: str
    revision: int
    title: str
    issuer: str
    at: datetime
    matter: Matter
    pairs: Pairs
    ended: bool


@dataclass(frozen=True)
class Had:
    """A policy that would have come.

    Attributes:
        policy: which.
        labels: what made it fit, ``dimension:code`` or ``keyword:…``; none where the policy is for everybody.
        by_profile: whether what the enterprise is made it fit, not what it asked for.
    """

    policy: Pushed
    labels: tuple[str, ...]
    by_profile: bool


@dataclass(frozen=True)
class Wanted:
    """What somebody wants: criteria, a profile with its numbers, or either."""

    asked: Query | None = None
    itself: Query | None = None
    staff: int | None = None
    revenue: int | None = None
    founded: int | None = None  # days since 1970-01-01


def wanted(criteria: Criteria | None, kind: str, profile: Profile | None, ancestors: Ancestors) -> Wanted:
    """Return criteria and profile as they are matched.

    Args:
        criteria: of a subscription; None: none.
        kind: of the subscriber, a code of the dimension subject.
        profile: of the subscriber; None: it is not matched.
        ancestors: of a code in a dimension, nearest first.
    """
    asked = explicit_query(criteria.plain(), ancestors) if criteria else None
    if profile is None:
        return Wanted(asked)
    itself = profile_query(kind, profile.model_dump(mode="json"), ancestors)
    founded = day_number(profile.founded) if profile.founded else None
    return Wanted(asked, itself, profile.staff, profile.revenue, founded)


def would_have(pushed: Iterable[Pushed], wants: Wanted, shown: int) -> tuple[int, Sequence[Had]]:
    """Return how many policies would have come, and the first of them, each once with all its reasons.

    Args:
        pushed: what was pushed.
        wants: who asks.
        shown: how many to give reasons for.
    """
    words = places_of(wants.asked.keywords) if wants.asked else ()
    count, first = 0, list[Had]()
    for policy in pushed:
        if policy.ended:
            continue
        by_asking, by_being = _asks(policy, wants, words), _is(policy, wants)
        if by_asking or by_being:
            count += 1
            if count <= shown:
                labels = _reasons(
                    policy.matter, wants.asked if by_asking else None, wants.itself if by_being else None
                )
                first.append(Had(policy, labels, not by_asking))
    return count, first


def _asks(policy: Pushed, wants: Wanted, words: Sequence[Sequence[int]]) -> bool:
    if wants.asked is None or (words and not may_hold_any(policy.pairs, words)):
        return False  # to look through a text is what costs time
    return wants.asked.fits(policy.matter)


def _is(policy: Pushed, wants: Wanted) -> bool:
    asks = policy.matter.requirements
    return (
        wants.itself is not None
        and admits(asks, staff=wants.staff, revenue=wants.revenue, founded=wants.founded)
        and wants.itself.fits(policy.matter)
    )


def _reasons(matter: Matter, *queries: Query | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label for query in queries if query for label in query.reasons(matter)))
