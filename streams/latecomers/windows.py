"""The pushes whose policies can still be applied for: kept by each worker, asked for what is new each time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.clock import Clock
from config.database.schema import campaigns, policy_revisions
from streams.campaigns.occurrences import POLICY
from streams.campaigns.record import Campaign
from streams.campaigns.validity import ended
from streams.matching.matter import Ancestors, Matter, matter_of
from streams.policies import PolicyView, facts_of
from streams.policies.requirements import asked

EPOCH = datetime(
    1970, 1, 1, tzinfo=UTC
)  # before every campaign, and some time after the first moment there is
# Real time. A campaign is seen some moments after the time it carries, and clocks of machines differ.
OVERLAP = timedelta(minutes=10)
CHUNK = 500


@dataclass(frozen=True)
class Window:
    """A policy's own push whose application window has not closed; ``view`` is without its body."""

    campaign: Campaign
    view: PolicyView
    matter: Matter


class Windows:
    """Every push whose application window is open.

    The first question reads the released policies once; each later one asks an index for the campaigns opened since.
    """

    def __init__(self) -> None:
        self._open: dict[str, Window] = {}
        self._seen: dict[str, datetime] = {}  # campaigns that were looked at, as far back as is asked again
        self._until = EPOCH

    async def now(self, conn: AsyncConnection, clock: Clock, ancestors: Ancestors) -> Sequence[Window]:
        """Return the windows that are open now.

        Whoever was in an index before this call is either met by what this returns, or by the matching of a campaign
        that was opened later. A policy that was amended or repealed may be among them: `standing` tells.

        Args:
            conn: anything that reads.
            clock: whose day counts.
            ancestors: of a code in a dimension.
        """
        since = max(EPOCH, self._until - clock.span(OVERLAP))
        opened = {row.campaign_id: row.created_at for row in await conn.execute(_opened(since))}
        new = sorted(opened.keys() - self._seen.keys())
        now = clock.now()
        for start in range(0, len(new), CHUNK):
            await self._take(conn, new[start : start + CHUNK], now, ancestors)
        self._seen = opened
        self._until = max([self._until, *opened.values()])
        over = [name for name, one in self._open.items() if ended(one.campaign, one.view, now)]
        self.forget(over)
        return tuple(self._open.values())

    def forget(self, campaign_ids: Iterable[str]) -> None:
        """Drop pushes that will never be open again."""
        for campaign_id in campaign_ids:
            self._open.pop(campaign_id, None)

    async def _take(
        self, conn: AsyncConnection, campaign_ids: Sequence[str], now: datetime, ancestors: Ancestors
    ) -> None:
        for row in await conn.execute(_released(campaign_ids)):
            given = dict(row._mapping)
            tokens, running = given.pop("tokens"), given.pop("running")
            campaign_id, view = given.pop("campaign_id"), PolicyView(**given, body="")
            campaign = Campaign(
                campaign_id,
                view.agency_id,
                view.policy_id,
                view.revision,
                POLICY,
                running,
                tuple(tokens["labels"]),
            )
            if can_be_applied_for(view) and not ended(campaign, view, now):
                body = await _body(conn, view)
                asks = asked(
                    await facts_of(conn, view.agency_id, view.policy_id, view.revision), view.data, body
                )
                matter = matter_of(campaign.labels, f"{view.title}\n{body}", ancestors, asks)
                self._open[campaign_id] = Window(campaign, view, matter)


def can_be_applied_for(view: PolicyView) -> bool:
    """Whether a policy has an application window that will close; whether it has closed is `ended`'s to say."""
    return bool((view.data.get("apply_window") or {}).get("closes"))


async def standing(conn: AsyncConnection, campaign_ids: Iterable[str]) -> set[str]:
    """Return those campaigns whose revision is still the released one."""
    same, wanted = _same(), campaigns.c.campaign_id.in_(sorted(set(campaign_ids)))
    query = select(campaigns.c.campaign_id).join_from(campaigns, policy_revisions, same).where(wanted)
    return set(await conn.scalars(query.where(policy_revisions.c.state == "released")))


def _same() -> Any:
    c, r = campaigns.c, policy_revisions.c
    return and_(r.agency_id == c.agency_id, r.policy_id == c.policy_id, r.revision == c.revision)


def _opened(since: datetime) -> Any:
    c = campaigns.c
    return select(c.campaign_id, c.created_at).where(c.created_at >= since, c.occurrence == POLICY)


def _released(campaign_ids: Sequence[str]) -> Any:
    c, r = campaigns.c, policy_revisions.c
    shown = (column for column in policy_revisions.c if column is not r.body)
    return (
        select(c.campaign_id, c.tokens, c.state.label("running"), *shown)
        .join_from(campaigns, policy_revisions, _same())
        .where(c.campaign_id.in_(campaign_ids), r.state == "released")
    )


async def _body(conn: AsyncConnection, view: PolicyView) -> str:
    r = policy_revisions.c
    found = await conn.scalar(
        select(r.body).where(
            r.agency_id == view.agency_id, r.policy_id == view.policy_id, r.revision == view.revision
        )
    )
    return str(found)
