"""What a campaign tells beyond its policy: an interpretation's text, an association's note, the days that are left."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from streams.campaigns.occurrences import FAQ, INTERPRETATION, RELAY, kind_of
from streams.campaigns.record import Campaign
from streams.explanations.record import told_of_item
from streams.policies import PolicyView
from streams.relay.relay import tell_relay

Telling = Callable[[AsyncConnection, Campaign, PolicyView], Awaitable[dict[str, Any]]]

TELLINGS: Mapping[str, Telling] = {
    INTERPRETATION: told_of_item,
    FAQ: told_of_item,
    RELAY: tell_relay,
}


async def telling(conn: AsyncConnection, campaign: Campaign, view: PolicyView) -> dict[str, Any]:
    """Return fields of `channels.message.Content` that the occasion gives; none for a policy's own push."""
    tell = TELLINGS.get(kind_of(campaign.occurrence))
    return {} if tell is None else await tell(conn, campaign, view)
