"""Fan-out, pure: matches become planned rows, one per campaign, subscriber, channel and contact."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from config.database.jsontext import from_text, to_text
from streams.campaigns.occurrences import kind_of
from streams.campaigns.record import Campaign
from streams.fanout.actionable import may_go
from streams.fanout.delivery_ids import DeliveryIds
from streams.matching.index import Contact, Match, Why
from streams.names import DELIVERIES

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


class Planned(NamedTuple):
    """A ledger row to be, as far as it is its own: a broad policy's lie in memory by the ten thousand.

    They sort by ``delivery_id``; ``reasons`` are JSON already.
    """

    delivery_id: str
    shard: int
    subscriber_id: str
    channel: str
    contact_id: str
    reasons: str


def planned(
    campaign: Campaign, shard: int, audience: Iterable[tuple[str, Routes]], *, can_act: bool = False
) -> Iterator[Planned]:
    """Yield the rows to be of some subscribers; channels that this house does not have are passed over.

    Args:
        campaign: on which occasion.
        shard: of the subscribers.
        audience: who, and where it would go to them, and why.
        can_act: whether one can act on the policy; what one cannot act on does not go by SMS.
    """
    kind, id_of = kind_of(campaign.occurrence), DeliveryIds(campaign.campaign_id)
    for subscriber_id, routes in audience:
        for (channel, contact_id), whys in routes.items():
            if channel in DELIVERIES and may_go(channel, kind, FORMER_WHY in whys, can_act=can_act):
                reasons = to_text(
                    [{"subscription": one.subscription_id, "labels": one.labels} for one in whys]
                )
                made = id_of(subscriber_id, channel, contact_id)
                yield Planned(made, shard, subscriber_id, channel, contact_id, reasons)


def shared_values(campaign_id: str, now: datetime) -> dict[str, Any]:
    """Return what all rows of a campaign that are planned at ``now`` have in common."""
    moments = dict.fromkeys(("due_at", "handed_at", "planned_at"), now)
    return {"campaign_id": campaign_id, "state": "planned", "attempts": 0} | moments


def planned_rows(
    campaign: Campaign,
    shard: int,
    subscriber_id: str,
    routes: Routes,
    now: datetime,
    *,
    can_act: bool = False,
) -> Iterator[dict[str, Any]]:
    """Yield the whole ledger rows of one subscriber; as `planned`, for who plans a few."""
    shared = shared_values(campaign.campaign_id, now)
    for row in planned(campaign, shard, [(subscriber_id, routes)], can_act=can_act):
        yield row._asdict() | {"reasons": from_text(row.reasons)} | shared


def batches(delivery_ids: list[str], size: int) -> Iterator[list[str]]:
    """Yield the ids in batches of at most ``size``."""
    for start in range(0, len(delivery_ids), size):
        yield delivery_ids[start : start + size]


def routes_of(match: Match) -> Routes:
    """Return a match's routes, to be merged with others."""
    return dict(match.routes)
