"""What the rows of a campaign share: read once and kept, but for what may change while they go out."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.message import Content
from channels.message import Occasion as Kind
from config.calendar import WorkingDays
from config.clock import SHANGHAI, Clock
from config.database.schema import campaigns, policy_revisions
from streams import policies
from streams.campaigns.contents import content_of
from streams.campaigns.record import Campaign, find_campaign
from streams.campaigns.tellings import telling
from streams.explanations.record import outdated
from streams.labelling import Label
from streams.policies import PolicyView
from streams.wrong import Wrong

KEPT = 64


@dataclass(frozen=True)
class Occasion:
    """A campaign with its content; ``view`` is without its body."""

    campaign: Campaign
    view: PolicyView
    content: Content
    labels: Mapping[str, Label]


class Occasions:
    """The campaigns that deliveries were lately about; a policy's body is not read again for each of their chunks.

    Args:
        clock: says which day it is, for what is said of the days that are left.
        calendar: counts them.
    """

    def __init__(self, clock: Clock, calendar: WorkingDays) -> None:
        self._clock = clock
        self._calendar = calendar
        self._kept: OrderedDict[str, Occasion] = OrderedDict()

    async def now(
        self, conn: AsyncConnection, campaign_ids: Iterable[str], base_url: str
    ) -> dict[str, Occasion]:
        """Return the occasions as they stand now: whether they were stopped or superseded is asked each time.

        Raises:
            Wrong: there is no such campaign, or no revision for it.
        """
        wanted = set(campaign_ids)
        states = await _states(conn, wanted)
        found = {}
        for campaign_id in wanted:
            if campaign_id not in states:
                raise Wrong(f"there is no campaign {campaign_id}, or no revision for it")
            running, stands = states[campaign_id]
            kept = self._kept.get(campaign_id) or await _read(conn, campaign_id, base_url)
            self._keep(campaign_id, kept)
            found[campaign_id] = replace(
                kept,
                campaign=replace(kept.campaign, state=running),
                view=replace(kept.view, state=stands),
                content=self._today(kept.content),
            )
        for campaign_id in await outdated(conn, [one.campaign for one in found.values()]):
            found[campaign_id] = replace(
                found[campaign_id], view=replace(found[campaign_id].view, state="superseded")
            )
        return found

    def _today(self, content: Content) -> Content:
        """A reminder may go later than planned (held, stopped, the service was down): it says what is left now."""
        if content.occasion is not Kind.REMINDER or content.apply_closes is None:
            return content
        today = self._clock.now().astimezone(SHANGHAI).date()
        return replace(content, days_left=self._calendar.until(today, content.apply_closes))

    def _keep(self, campaign_id: str, occasion: Occasion) -> None:
        self._kept[campaign_id] = occasion
        self._kept.move_to_end(campaign_id)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)


async def _states(conn: AsyncConnection, campaign_ids: set[str]) -> dict[str, tuple[str, str]]:
    c, r = campaigns.c, policy_revisions.c
    same = and_(r.agency_id == c.agency_id, r.policy_id == c.policy_id, r.revision == c.revision)
    rows = await conn.execute(
        select(c.campaign_id, c.state, r.state)
        .join_from(campaigns, policy_revisions, same)
        .where(c.campaign_id.in_(campaign_ids))
    )
    return {row[0]: (row[1], row[2]) for row in rows}


async def _read(conn: AsyncConnection, campaign_id: str, base_url: str) -> Occasion:
    campaign = await find_campaign(conn, campaign_id)
    if campaign is None:
        raise Wrong(f"there is no campaign {campaign_id}")
    view = await policies.find_policy(conn, campaign.agency_id, campaign.policy_id, campaign.revision)
    if view is None:
        raise Wrong(f"there is no revision for campaign {campaign_id}")
    before = await policies.released_before(conn, campaign.agency_id, campaign.policy_id, campaign.revision)
    content = content_of(campaign, view, before, base_url, await telling(conn, campaign, view))
    labels = {str(label): label for label in view.labels}
    return Occasion(campaign, replace(view, body=""), content, labels)
