"""Fan-out, pure: matches become planned rows, one per campaign, subscriber, channel and contact."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from streams.actionable import may_go
from streams.campaigns import Campaign, delivery_id
from streams.matching.index import Contact, Match, Why
from streams.names import DELIVERIES
from streams.occurrences import kind_of

NAMED = "named"  # the subscription of a reason that is no subscription: the policy names its audience itself
NAMED_WHY = Why(NAMED, ())
FORMER = "former"  # … or the subscriber got an earlier revision and is told what became of it
FORMER_WHY = Why(FORMER, ())
RELAYED = "relayed"  # … or an association that it is a member of hands the policy on
RELAYED_WHY = Why(RELAYED, ())
WITHOUT_SUBSCRIPTION = (NAMED, FORMER, RELAYED)

Routes = dict[Contact, tuple[Why, ...]]


def merge(routes: Routes, more: Iterable[tuple[Contact, tuple[Why, ...]]]) -> None:
    """Add routes: the same contact keeps one message with the reasons of all."""
    for contact, whys in more:
        routes[contact] = (*routes.get(contact, ()), *whys)


def planned_rows(
    campaign: Campaign,
    shard: int,
    subscriber_id: str,
    routes: Routes,
    now: datetime,
    *,
    can_act: bool = False,
) -> Iterator[dict[str, Any]]:
    """Yield the ledger rows of one subscriber; channels that this house does not have are passed over.

    Args:
        campaign: on which occasion.
        shard: of the subscriber.
        subscriber_id: who.
        routes: where it would go, and why.
        now: when it is planned.
        can_act: whether one can act on the policy; what one cannot act on does not go by SMS.
    """
    kind = kind_of(campaign.occurrence)
    for (channel, contact_id), whys in routes.items():
        if channel not in DELIVERIES or not may_go(channel, kind, FORMER_WHY in whys, can_act=can_act):
            continue
        yield {
            "delivery_id": delivery_id(campaign, subscriber_id, channel, contact_id),
            "campaign_id": campaign.campaign_id,
            "shard": shard,
            "subscriber_id": subscriber_id,
            "channel": channel,
            "contact_id": contact_id,
            "reasons": [{"subscription": why.subscription_id, "labels": list(why.labels)} for why in whys],
            "state": "planned",
            "attempts": 0,
            "due_at": now,
            "handed_at": now,
            "planned_at": now,
        }


def batches(delivery_ids: list[str], size: int) -> Iterator[list[str]]:
    """Yield the ids in batches of at most ``size``."""
    for start in range(0, len(delivery_ids), size):
        yield delivery_ids[start : start + size]


def routes_of(match: Match) -> Routes:
    """Return a match's routes, to be merged with others."""
    return dict(match.routes)
