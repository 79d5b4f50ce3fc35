"""A follow-up whose revision was superseded before its campaign was opened: what it tells of, or why it does not."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.calendar import WorkingDays
from config.database.schema import campaigns, due_items, policies
from streams.campaigns.occurrences import FAQ, INTERPRETATION, kind_of
from streams.followups.plans import AMENDED, NOT_RELEASED, REPEALED, Released, due_id, released_revision
from streams.followups.rules import FollowUpRules, plan_of

PAST_DEADLINE = "past_deadline"
OF_THE_POLICY = (INTERPRETATION, FAQ)  # they explain the policy, whatever its revision

i = due_items.c


async def revision_instead(
    conn: AsyncConnection,
    agency_id: str,
    policy_id: str,
    occurrence: str,
    *,
    calendar: WorkingDays,
    rules: FollowUpRules,
    now: datetime,
) -> int | None:
    """Return the revision that a follow-up is told of whose own one does not stand any more; None: it is not told.

    An explanation is one of whatever stands. What was planned goes where the revision that stands has the same date;
    where it does not, the item that was marked when it was handed over is ended with the reason, so that the plan says
    what happened, and an amendment that brings the date back plans it again. What has a campaign of an earlier revision
    was told, or its rows say why not: it is never told twice. Done again it says the same.

    Args:
        conn: in a transaction.
        agency_id: of the policy.
        policy_id: its id.
        occurrence: one of `streams.campaigns.occurrences.FOLLOW_UPS`.
        calendar: of working days.
        rules: how many of them.
        now: the moment.
    """
    of = agency_id, policy_id, occurrence
    released = await released_revision(conn, agency_id, policy_id)
    told = await _told_of(conn, *of)
    if told:
        return released.revision if released is not None and released.revision in told else None
    if released is None:
        p = policies.c
        mine = (p.agency_id == agency_id, p.policy_id == policy_id)
        repealed = await conn.scalar(select(p.repealed_at).where(*mine)) is not None
        await _end(conn, *of, "cancelled", REPEALED if repealed else NOT_RELEASED, now)
        return None
    if kind_of(occurrence) in OF_THE_POLICY:
        return released.revision
    row = (await conn.execute(select(due_items).where(i.due_id == due_id(*of)))).mappings().first()
    if row is None:
        return None
    over = _over(dict(row), released, calendar, rules, now)
    if over is not None:
        await _end(conn, *of, *over, now)
        return None
    return released.revision


def _over(
    row: Mapping[str, Any],
    released: Released,
    calendar: WorkingDays,
    rules: FollowUpRules,
    now: datetime,
) -> tuple[str, str] | None:
    """Return the state and reason of an item that makes no sense any more, None where it still does.

    It is looked for in the plan that the revision would have had when the item was planned: it was asked for before the
    amendment was, so that its time had passed at the release of that is nothing against it.
    """
    wanted = plan_of(
        released.data, row["planned_at"], interpretation="not_required", calendar=calendar, rules=rules
    )
    item = next((one for one in wanted if one.occurrence == row["occurrence"] and not one.dropped), None)
    if item is None:
        return "cancelled", AMENDED
    late = item.not_after is not None and now >= item.not_after
    return ("dropped", PAST_DEADLINE) if late else None


async def _told_of(conn: AsyncConnection, agency_id: str, policy_id: str, occurrence: str) -> set[int]:
    c = campaigns.c
    mine = (c.agency_id == agency_id, c.policy_id == policy_id, c.occurrence == occurrence)
    return set(await conn.scalars(select(c.revision).where(*mine)))


async def _end(
    conn: AsyncConnection,
    agency_id: str,
    policy_id: str,
    occurrence: str,
    state: str,
    reason: str,
    now: datetime,
) -> None:
    """End an item that was handed over; the mark of that may still be on its way, and then finds it ended."""
    await conn.execute(
        update(due_items)
        .where(i.due_id == due_id(agency_id, policy_id, occurrence), i.state.in_(("planned", "done")))
        .values(state=state, reason=reason, settled_at=now)
    )
