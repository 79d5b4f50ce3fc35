"""Whether a claimed row may go now, and as what message. Pure but for the signing of its link."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from channels.message import Content, Message, Reason
from channels.message import Occasion as Kind
from streams.campaigns.contents import reasons_in_words
from streams.campaigns.occasions import Occasion
from streams.campaigns.occurrences import REPEAL, kind_of
from streams.campaigns.record import NEVER, STOPPED
from streams.campaigns.validity import ended
from streams.delivery.outcomes import not_sent
from streams.desk import Desk
from streams.digests.carried import Digest, Row
from streams.fanout.lanes import TIME_TO_ACT, is_urgent
from streams.fanout.rows import FORMER, RELAYED, WITHOUT_SUBSCRIPTION
from streams.relay.relay import CLOSED, NO_MEMBER, is_closed
from subscribers.digest import next_boundary
from subscribers.model import Preferences
from subscribers.standing import Recipient, Standing
from subscribers.verdict import Hold, Stop, judge

NOT_NAMED = "not_named"  # the reason of a row of a targeted policy that does not name its recipient any more
NEVER_HAD = (
    "never_had"  # … of one that tells what became of a policy which, after all, did not reach its recipient
)


@dataclass(frozen=True)
class Known:
    """What is true now of the rows of a claim.

    Attributes:
        occasions: of their campaigns and of those of their items, by ``campaign_id``.
        standings: of their recipients; one that is gone is missing.
        names: of what they subscribed to, by ``subscription_id``.
        digests: what the digests among them carry, by ``delivery_id``.
        strangers: the relays among them whose recipient has left the association, by ``delivery_id``.
        unnamed: those of targeted policies whose recipient is not named any more, by ``delivery_id``.
        newcomers: those that were planned because of an earlier push, which went to nobody, by ``delivery_id``.
    """

    occasions: Mapping[str, Occasion]
    standings: Mapping[Recipient, Standing]
    names: Mapping[str, str]
    digests: Mapping[str, Digest]
    strangers: frozenset[str] = frozenset()
    unnamed: frozenset[str] = frozenset()
    newcomers: frozenset[str] = frozenset()

    def reasons(self, row: Row) -> list[dict[str, Any]]:
        """Return why a row goes, by what is true now."""
        had_one = row["delivery_id"] not in self.newcomers
        return [why for why in row["reasons"] if had_one or why["subscription"] != FORMER]


def recipient(row: Row) -> Recipient:
    """Return whom a row is for."""
    return (row["subscriber_id"], row["channel"], row["contact_id"])


def refusal(row: Row, known: Known, now: datetime, *, gathered: bool = False) -> dict[str, Any] | None:
    """Return the values of a row that may not go, None for one that may.

    Args:
        row: claimed, or carried by a claimed digest.
        known: of its campaign and its recipient.
        now: the moment.
        gathered: it has waited for its digest, which is going out.
    """
    occasion, standing = known.occasions[row["campaign_id"]], known.standings.get(recipient(row))
    if row["delivery_id"] in known.strangers:
        return not_sent(row, "suppressed", NO_MEMBER, now)
    if row["delivery_id"] in known.unnamed:
        return not_sent(row, "suppressed", NOT_NAMED, now)
    if is_closed(row, standing):
        return not_sent(row, "suppressed", CLOSED, now)
    if over := ended(occasion.campaign, occasion.view, now):
        return not_sent(row, *over, now)
    if occasion.campaign.state != "running":
        return not_sent(row, "held", STOPPED, now, NEVER)
    whys = [why["subscription"] for why in known.reasons(row)]
    if row["reasons"] and not whys:
        return not_sent(row, "suppressed", NEVER_HAD, now)
    owed = any(why in WITHOUT_SUBSCRIPTION for why in whys)
    at_once = gathered or (standing is not None and urgent(occasion, standing.preferences, now))
    match judge(
        standing, channel=row["channel"], reasons_subscriptions=whys, now=now, owed=owed, at_once=at_once
    ):
        case Stop(state, reason):
            return not_sent(row, state, reason, now)
        case Hold(until, reason):
            return not_sent(row, "held", reason, now, until)
    return None


def urgent(occasion: Occasion, preferences: Preferences, now: datetime) -> bool:
    """Whether it must not wait for the recipient's next digest.

    A withdrawal never waits, nor does what will have lost its sense before a day has passed after that digest: who
    reads it at 08:30 still has to act.
    """
    if preferences.frequency == "instant" or kind_of(occasion.campaign.occurrence) == REPEAL:
        return True
    read_at = next_boundary(preferences.frequency, now)
    return ended(occasion.campaign, occasion.view, read_at + TIME_TO_ACT) is not None


def message_of(desk: Desk, row: Row, known: Known, now: datetime) -> Message:
    """Return the message of a row that may go."""
    occasion, standing = known.occasions[row["campaign_id"]], known.standings[recipient(row)]
    subscribed = [why["subscription"] for why in row["reasons"] if why["subscription"] in known.names]
    token = desk.tokens.unsubscribe(row["subscriber_id"], row["channel"], subscribed)
    return Message(
        delivery_id=row["delivery_id"],
        subscriber_id=row["subscriber_id"],
        recipient=standing.name,
        address=standing.address,
        content=content_for(row, known),
        reasons=why(desk, row, known),
        unsubscribe_url=f"{desk.base_url}/unsubscribe/{token}",
        occurrence=occasion.campaign.occurrence,
        at=now,
        urgent=is_urgent(occasion.campaign.occurrence, occasion.view.data, now),
    )


def content_for(row: Row, known: Known) -> Content:
    """Return what a row says: whom an amendment is the first to reach is told of the policy, not of what it was."""
    content = known.occasions[row["campaign_id"]].content
    had_one = any(why["subscription"] == FORMER for why in known.reasons(row))
    if content.occasion is not Kind.AMENDMENT or had_one:
        return content
    return replace(content, occasion=Kind.POLICY, change_note=None)


def why(desk: Desk, row: Row, known: Known) -> tuple[Reason, ...]:
    """Return the reasons of a row in words."""
    occasion = known.occasions[row["campaign_id"]]
    names = {**known.names, RELAYED: occasion.content.relayed_by}
    return reasons_in_words(known.reasons(row), occasion.labels, names, desk.taxonomy)
