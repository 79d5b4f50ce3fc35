"""The kits of an association: every released, open, untargeted policy that fits a member, with how many it fits.

A policy fits who has a row of its own push in the ledger. A policy with a 定向公开范围 never becomes a kit (rule 5).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, distinct, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import campaigns, deliveries, memberships, policy_revisions, subscribers
from streams.campaigns.occurrences import POLICY
from streams.policies import PolicyView
from subscribers.model import ACTIVE

r = policy_revisions.c
Key = tuple[str, str, int]  # agency_id, policy_id, revision


@dataclass(frozen=True)
class Kit:
    """A policy in its released revision; ``view`` carries neither body nor labels, ``fitting`` counts members."""

    view: PolicyView
    fitting: int


async def list_kits(
    conn: AsyncConnection, association_id: str, *, after: str | None = None, limit: int = 50
) -> tuple[list[Kit], str | None]:
    """Return an association's kits, newest first, and a cursor for the next page (None: no more)."""
    query = _fitting(association_id)
    if after:
        at, agency, policy = after.split("|", 2)
        query = query.where(
            tuple_(r.received_at, r.agency_id, r.policy_id)
            < tuple_(datetime.fromisoformat(at), agency, policy)
        )
    order = (r.received_at.desc(), r.agency_id.desc(), r.policy_id.desc())
    rows = list(await conn.execute(query.order_by(*order).limit(limit + 1)))
    views = await _views(conn, [(row.agency_id, row.policy_id, row.revision) for row in rows[:limit]])
    kits = [Kit(views[row.agency_id, row.policy_id, row.revision], int(row.fitting)) for row in rows[:limit]]
    last = kits[-1].view if len(rows) > limit else None
    return kits, f"{last.received_at.isoformat()}|{last.agency_id}|{last.policy_id}" if last else None


async def fitting_members(
    conn: AsyncConnection, association_id: str, agency_id: str, policy_id: str
) -> tuple[int, int] | None:
    """Return the released revision of a kit and how many members it fits; None where there is no such kit."""
    query = _fitting(association_id).where(r.agency_id == agency_id, r.policy_id == policy_id)
    row = (await conn.execute(query.order_by(r.revision.desc()).limit(1))).first()
    return None if row is None else (int(row.revision), int(row.fitting))


def _fitting(association_id: str) -> Select[Any]:
    c, d, m, s = campaigns.c, deliveries.c, memberships.c, subscribers.c
    same = and_(r.agency_id == c.agency_id, r.policy_id == c.policy_id, r.revision == c.revision)
    return (
        select(
            r.agency_id,
            r.policy_id,
            r.revision,
            r.received_at,
            func.count(distinct(d.subscriber_id)).label("fitting"),
        )
        .select_from(memberships)
        .join(subscribers, s.subscriber_id == m.subscriber_id)
        .join(deliveries, d.subscriber_id == m.subscriber_id)
        .join(campaigns, c.campaign_id == d.campaign_id)
        .join(policy_revisions, same)
        .where(
            m.association_id == association_id,
            s.status == ACTIVE,
            c.occurrence == POLICY,
            r.state == "released",
            r.disclosure == "open",
            r.targeted.is_(False),
        )
        .group_by(r.agency_id, r.policy_id, r.revision, r.received_at)
    )


async def _views(conn: AsyncConnection, keys: list[Key]) -> dict[Key, PolicyView]:
    columns = [column for column in policy_revisions.c if column is not r.body]
    rows = await conn.execute(select(*columns).where(tuple_(r.agency_id, r.policy_id, r.revision).in_(keys)))
    views = [PolicyView(**row._mapping, body="") for row in rows]
    return {(view.agency_id, view.policy_id, view.revision): view for view in views}
