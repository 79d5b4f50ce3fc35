"""Plans in the record: written at the release, moved by an amendment, ended by a repeal."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.calendar import WorkingDays
from config.database.record import insert_new
from config.database.schema import campaigns, due_items, policies, policy_revisions
from config.database.schema.followups import DUE
from streams.campaigns.occurrences import POLICY
from streams.explanations.owed import interpreted
from streams.explanations.rules import Interpreted
from streams.followups.agency_tasks import INTERPRETATION_MISSING, settle_task
from streams.followups.rules import TASKS, DueItem, FollowUpRules, plan_of
from streams.policies import find_policy

NAMESPACE = uuid.UUID("8f3d1c44-0a5e-5b0d-9c1b-6d7d1a2f4e90")
REPEALED, NOT_RELEASED, AMENDED, INTERPRETED = "repealed", "not_released", "amended", "interpreted"

i = due_items.c


@dataclass(frozen=True)
class Released:
    """The revision of a policy that stands, with what its plan is made of."""

    revision: int
    title: str
    data: Mapping[str, Any]
    since: datetime


def due_id(agency_id: str, policy_id: str, occurrence: str) -> str:
    """Return the id of an item, the same whenever it is planned."""
    return str(uuid.uuid5(NAMESPACE, f"{agency_id}|{policy_id}|{occurrence}"))


async def reconcile(
    conn: AsyncConnection,
    agency_id: str,
    policy_id: str,
    *,
    calendar: WorkingDays,
    rules: FollowUpRules,
    now: datetime,
) -> None:
    """Make a policy's plan what its released revision asks for; without one, nothing of it is left to do.

    What is planned is moved, or cancelled where nothing asks for it any more; what was cancelled is planned again where
    something does; what is done or dropped stays. Doing it again changes nothing.
    """
    repealed = await _locked(conn, agency_id, policy_id)
    released = await released_revision(conn, agency_id, policy_id)
    if released is None:
        for kind in TASKS:  # nobody has to explain what does not stand any more
            await settle_task(conn, agency_id, policy_id, kind, now)
        return await _cancel(conn, agency_id, policy_id, (), REPEALED if repealed else NOT_RELEASED, now)
    interpretation = await interpretation_of(conn, agency_id, policy_id, released.revision)
    wanted = plan_of(
        released.data, released.since, interpretation=interpretation, calendar=calendar, rules=rules
    )
    known = await _states(conn, agency_id, policy_id)
    for item in wanted:
        state = known.get(item.occurrence)
        if state is None:
            row = _row(agency_id, policy_id, released.revision, item, now)
            await conn.execute(insert_new(conn, due_items), [row])
        elif state in ("planned", "cancelled"):
            await _replan(
                conn, due_id(agency_id, policy_id, item.occurrence), state, released.revision, item, now
            )
    kept = [item.occurrence for item in wanted]
    if interpretation == "present":
        await _cancel(conn, agency_id, policy_id, kept, INTERPRETED, now, kind=INTERPRETATION_MISSING)
    await _cancel(conn, agency_id, policy_id, kept, AMENDED, now)


async def released_revision(conn: AsyncConnection, agency_id: str, policy_id: str) -> Released | None:
    """Return the revision that stands, None where none does.

    It is released since its campaign was opened: that is when those who wait for it begin to get it.
    """
    r, c = policy_revisions.c, campaigns.c
    push = and_(
        c.agency_id == r.agency_id,
        c.policy_id == r.policy_id,
        c.revision == r.revision,
        c.occurrence == POLICY,
    )
    row = (
        await conn.execute(
            select(r.revision, r.title, r.data, r.decided_at, c.created_at)
            .outerjoin_from(policy_revisions, campaigns, push)
            .where(r.agency_id == agency_id, r.policy_id == policy_id, r.state == "released")
            .order_by(r.revision.desc())
            .limit(1)
        )
    ).first()
    if row is None:
        return None
    return Released(row.revision, row.title, row.data, row.created_at or row.decided_at)


async def interpretation_of(
    conn: AsyncConnection, agency_id: str, policy_id: str, revision: int
) -> Interpreted:
    """Return whether a revision's readers have an interpretation, lack one, or need none."""
    view = await find_policy(conn, agency_id, policy_id, revision)
    return "not_required" if view is None else await interpreted(conn, view)


async def recount(conn: AsyncConnection, calendar: WorkingDays, rules: FollowUpRules, now: datetime) -> int:
    """Plan anew what was counted provisionally and is still to come: its years may have been announced since.

    Returns:
        How many policies were looked at.
    """
    query = select(i.agency_id, i.policy_id).distinct().where(DUE, i.provisional.is_(True))
    found = sorted(tuple(row) for row in await conn.execute(query))
    for agency_id, policy_id in found:
        await reconcile(conn, agency_id, policy_id, calendar=calendar, rules=rules, now=now)
    return len(found)


async def plan_rows(conn: AsyncConnection, agency_id: str, policy_id: str) -> list[dict[str, Any]]:
    """Return a policy's plan, by due time."""
    rows = await conn.execute(
        select(due_items)
        .where(i.agency_id == agency_id, i.policy_id == policy_id)
        .order_by(i.due_at, i.occurrence)
    )
    return [dict(row) for row in rows.mappings()]


async def _locked(conn: AsyncConnection, agency_id: str, policy_id: str) -> bool:
    """Let one at a time plan a policy; returns whether it was repealed."""
    p = policies.c
    query = select(p.repealed_at).where(p.agency_id == agency_id, p.policy_id == policy_id).with_for_update()
    return await conn.scalar(query) is not None


async def _states(conn: AsyncConnection, agency_id: str, policy_id: str) -> dict[str, str]:
    rows = await conn.execute(
        select(i.occurrence, i.state).where(i.agency_id == agency_id, i.policy_id == policy_id)
    )
    return {row.occurrence: row.state for row in rows}


def _row(agency_id: str, policy_id: str, revision: int, item: DueItem, now: datetime) -> dict[str, Any]:
    return {
        "due_id": due_id(agency_id, policy_id, item.occurrence),
        "agency_id": agency_id,
        "policy_id": policy_id,
        "kind": item.kind,
        "occurrence": item.occurrence,
        **_planned(revision, item, now),
        "planned_at": now,
    }


def _planned(revision: int, item: DueItem, now: datetime) -> dict[str, Any]:
    return {
        "revision": revision,
        "due_at": item.due_at,
        "not_after": item.not_after,
        "provisional": item.provisional,
        "state": "dropped" if item.dropped else "planned",
        "reason": item.dropped,
        "settled_at": now if item.dropped else None,
    }


async def _replan(
    conn: AsyncConnection, row_id: str, state: str, revision: int, item: DueItem, now: datetime
) -> None:
    again = {"planned_at": now} if state == "cancelled" else {}
    await conn.execute(
        update(due_items)
        .where(i.due_id == row_id, i.state == state)  # one that was run meanwhile stays done
        .values(**_planned(revision, item, now), **again)
    )


async def _cancel(
    conn: AsyncConnection,
    agency_id: str,
    policy_id: str,
    kept: Sequence[str],
    reason: str,
    now: datetime,
    *,
    kind: str | None = None,
) -> None:
    query = update(due_items).where(
        i.agency_id == agency_id,
        i.policy_id == policy_id,
        i.state == "planned",
        i.occurrence.not_in(kept),
    )
    if kind is not None:
        query = query.where(i.kind == kind)
    await conn.execute(query.values(state="cancelled", reason=reason, settled_at=now))
