"""What a digest says at the moment it goes: the newest of each item that its recipient still wants, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from channels.message import Content, Entry, Message, Occasion
from streams.campaigns.occurrences import FAQ, INTERPRETATION, RELAY, kind_of
from streams.campaigns.record import STOPPED, Campaign
from streams.delivery.outcomes import not_sent
from streams.delivery.sendable import Known, content_for, recipient, refusal, why
from streams.desk import Desk
from streams.digests.carried import Row

NOTHING_LEFT = "nothing_left"
NEWER = "newer_in_digest"
LINKED = (
    8  # subscriptions in an unsubscribe link, which has to stay short; the page of its channel ends them all
)


@dataclass(frozen=True)
class Composed:
    """A digest at its moment.

    Attributes:
        refused: the digest's values where it does not go now.
        carried: the items that go with it, or go on waiting with it.
        left_out: items that are not part of it any more, each with its values.
    """

    refused: dict[str, Any] | None
    carried: list[Row]
    left_out: list[tuple[Row, dict[str, Any]]]


def compose(row: Row, known: Known, now: datetime) -> Composed:
    """Return what becomes of a digest and its items.

    Each item is asked again whether it may go. What may never go, or waits for a stopped campaign, leaves the digest;
    hours in which its recipient must not hear anything hold the digest as a whole; with nothing left it ends unsent.
    """
    carried: list[Row] = []
    left_out: list[tuple[Row, dict[str, Any]]] = []
    hold: dict[str, Any] | None = None
    for item in known.digests[row["delivery_id"]].items:
        no = refusal(item, known, now, gathered=True)
        if no is None or (no["state"] == "held" and no["reason"] != STOPPED):
            carried.append(item)
            hold = no or hold
        else:
            left_out.append((item, no | {"digest_id": None}))
    newest = _newest(carried, known)
    stays = {item["delivery_id"] for item in newest}
    for item in carried:
        if item["delivery_id"] not in stays:
            left_out.append((item, not_sent(item, "superseded", NEWER, now) | {"digest_id": None}))
    if not newest:
        return Composed(not_sent(row, "suppressed", NOTHING_LEFT, now), [], left_out)
    refused = not_sent(row, "held", hold["reason"], now, hold["due_at"]) if hold else None
    return Composed(refused, newest, left_out)


def _newest(items: Sequence[Row], known: Known) -> list[Row]:
    """Return the items but those that a later one replaces; the newest stands where the first of its kind stood."""
    chosen: dict[tuple[str, ...], Row] = {}
    for item in items:
        campaign = known.occasions[item["campaign_id"]].campaign
        key = subject_of(campaign)
        before = chosen.get(key)
        if before is None or known.occasions[before["campaign_id"]].campaign.revision <= campaign.revision:
            chosen[key] = item
    return list(chosen.values())


def subject_of(campaign: Campaign) -> tuple[str, ...]:
    """Return what two campaigns have in common of which only the later is worth telling.

    An interpretation, a FAQ and a relay have an id of their own; everything else is about the policy.
    """
    kind = kind_of(campaign.occurrence)
    own = campaign.occurrence.split(":")[1:2] if kind in (INTERPRETATION, FAQ, RELAY) else []
    return (campaign.agency_id, campaign.policy_id, kind, *own)


def digest_message(desk: Desk, row: Row, composed: Composed, known: Known, now: datetime) -> Message:
    """Return the one message of a digest that goes; its reasons stand with each of its entries."""
    entries = tuple(Entry(content_for(item, known), why(desk, item, known)) for item in composed.carried)
    standing = known.standings[recipient(row)]
    occurrence = known.digests[row["delivery_id"]].occurrence
    reasons = {(one.subscription_id, one.subscription): one for entry in entries for one in entry.reasons}
    subscribed = [key[0] for key in reasons if key[0] in known.names][:LINKED]
    token = desk.tokens.unsubscribe(row["subscriber_id"], row["channel"], [one for one in subscribed if one])
    return Message(
        delivery_id=row["delivery_id"],
        subscriber_id=row["subscriber_id"],
        recipient=standing.name,
        address=standing.address,
        content=content_of_digest(row["delivery_id"], occurrence, entries, desk.base_url),
        reasons=tuple(replace(one, evidence=()) for one in reasons.values()),
        unsubscribe_url=f"{desk.base_url}/unsubscribe/{token}",
        occurrence=occurrence,
        at=now,
    )


def content_of_digest(digest_id: str, occurrence: str, entries: tuple[Entry, ...], base_url: str) -> Content:
    """Return a digest's content: its title names the day and the first entry, its link leads to the enterprise space.

    Args:
        digest_id: of the ledger.
        occurrence: ``digest:<date>``.
        entries: at least one.
        base_url: of this service.
    """
    day = date.fromisoformat(occurrence.partition(":")[2])
    more = f"等{len(entries)}项" if len(entries) > 1 else ""
    return Content(
        content_id=digest_id,
        occasion=Occasion.DIGEST,
        agency_id="",
        policy_id="",
        revision=0,
        issuer="",
        title=f"{day.month}月{day.day}日政策汇总：《{entries[0].content.title}》{more}",
        document_number=None,
        summary="",
        url=f"{base_url}/my",
        entries=entries,
    )
