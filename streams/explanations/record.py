"""Interpretations and FAQs that came by events of their own, read from the record."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import explanations
from streams.campaigns.occurrences import FAQ, INTERPRETATION, kind_of
from streams.campaigns.record import Campaign
from streams.events.explanation_data import in_words, item_named, occurrence_of
from streams.gate.rules import ItemStanding
from streams.policies import PolicyView
from streams.wrong import Wrong

TOLD_CHARS = 4_000  # of a text that may have 200,000; the same goes to every recipient

e = explanations.c


@dataclass(frozen=True)
class Explanation:
    """A revision of an item; ``state`` is ``waiting``, ``released``, ``refused`` or ``superseded``."""

    agency_id: str
    policy_id: str
    kind: str
    item_id: str
    revision: int
    state: str
    title: str
    data: dict[str, Any]
    publisher: str
    received_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None

    @property
    def name(self) -> str:
        """Its occurrence: kind, id and revision."""
        return occurrence_of(self.kind, self.item_id, self.revision)


def item_at(agency_id: str, policy_id: str, kind: str, item_id: str) -> ColumnElement[bool]:
    """Return the condition that picks the revisions of one item."""
    return and_(e.agency_id == agency_id, e.policy_id == policy_id, e.kind == kind, e.item_id == item_id)


async def newest(
    conn: AsyncConnection, agency_id: str, policy_id: str, kind: str, item_id: str
) -> Explanation | None:
    """Return the newest revision of an item."""
    row = (
        await conn.execute(
            select(explanations)
            .where(item_at(agency_id, policy_id, kind, item_id))
            .order_by(e.revision.desc())
            .limit(1)
        )
    ).first()
    return Explanation(**row._mapping) if row else None


async def item_standing(
    conn: AsyncConnection, agency_id: str, policy_id: str, kind: str, item_id: str
) -> ItemStanding | None:
    """Return what the gate must know of an item."""
    found = await newest(conn, agency_id, policy_id, kind, item_id)
    return ItemStanding(found.revision, found.state, found.publisher) if found else None


async def items_of(
    conn: AsyncConnection, agency_id: str, policy_id: str, states: Sequence[str] = ("released",)
) -> list[Explanation]:
    """Return a policy's items in these states, as they came; what anybody may see is ``released``."""
    rows = await conn.execute(
        select(explanations)
        .where(e.agency_id == agency_id, e.policy_id == policy_id, e.state.in_(states))
        .order_by(e.received_at, e.kind, e.item_id, e.revision)
    )
    return [Explanation(**row._mapping) for row in rows]


async def list_items(
    conn: AsyncConnection,
    *,
    agency_id: str | None,
    policy_id: str | None = None,
    state: str | None = None,
    after: str | None = None,
    limit: int = 100,
) -> tuple[list[Explanation], str | None]:
    """Return items, newest first, and the cursor of the next page (None: no more)."""
    order = (e.received_at, e.agency_id, e.policy_id, e.kind, e.item_id, e.revision)
    query = select(explanations).order_by(*(column.desc() for column in order)).limit(limit + 1)
    for column, wanted in ((e.agency_id, agency_id), (e.policy_id, policy_id), (e.state, state)):
        if wanted is not None:
            query = query.where(column == wanted)
    if after:
        at, agency, policy, kind, item, revision = after.split("|", 5)
        query = query.where(
            tuple_(*order) < tuple_(datetime.fromisoformat(at), agency, policy, kind, item, int(revision))
        )
    found = [Explanation(**row._mapping) for row in await conn.execute(query)]
    last = found[limit - 1] if len(found) > limit else None
    cursor = (
        f"{last.received_at.isoformat()}|{last.agency_id}|{last.policy_id}|{last.kind}|{last.item_id}|{last.revision}"
        if last
        else None
    )
    return found[:limit], cursor


async def outdated(conn: AsyncConnection, told: Iterable[Campaign]) -> set[str]:
    """Return the campaigns among ``told`` whose item is not, or no longer, released.

    Asked at each sending: once an item's next revision is released, what has not gone out of the older one never does.
    """
    stale = set()
    for campaign in told:
        if kind_of(campaign.occurrence) not in (INTERPRETATION, FAQ):
            continue
        kind, item_id, revision = item_named(campaign.occurrence)
        here = item_at(campaign.agency_id, campaign.policy_id, kind, item_id)
        state = await conn.scalar(select(e.state).where(here, e.revision == revision))
        if state != "released":
            stale.add(campaign.campaign_id)
    return stale


async def told_of_item(conn: AsyncConnection, campaign: Campaign, view: PolicyView) -> dict[str, str]:
    """Return what a message tells of an interpretation or a FAQ: its words, cut where the policy's page has the rest.

    Raises:
        Wrong: there is no such item.
    """
    kind, item_id, revision = item_named(campaign.occurrence)
    here = item_at(campaign.agency_id, campaign.policy_id, kind, item_id)
    data = await conn.scalar(select(e.data).where(here, e.revision == revision))
    if data is None:
        raise Wrong(f"there is no {campaign.occurrence} of {campaign.agency_id}/{campaign.policy_id}")
    words = in_words(data)
    return {"text": words if len(words) <= TOLD_CHARS else words[:TOLD_CHARS] + "…\n（全文见政策页面）"}
