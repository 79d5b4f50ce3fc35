"""What is due is worked off: a campaign is asked for, an agency is asked, or it is said why not."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import due_items
from config.database.schema.followups import DUE
from config.logging import get_logger
from streams.campaigns.occurrences import TRACKING
from streams.desk import Desk
from streams.followups.agency_tasks import INTERPRETATION_MISSING, open_task
from streams.followups.overtaken import PAST_DEADLINE
from streams.followups.plans import (
    INTERPRETED,
    Released,
    interpretation_of,
    reconcile,
    recount,
    released_revision,
)
from streams.followups.rules import TASKS
from streams.names import POLICIES_RELEASED

log = get_logger(__name__)

AT_ONCE = 500

i = due_items.c


async def run_due(desk: Desk) -> int:
    """Work off what is due. Several at once, or again after a crash, do no harm.

    A campaign is asked for durably first and the item marked after it: asked twice it is opened once.

    Returns:
        How many items this call settled.
    """
    now = desk.clock.now()
    async with desk.record.read() as conn:
        query = select(due_items).where(DUE, i.due_at <= now).order_by(i.due_at, i.due_id).limit(AT_ONCE)
        rows = [dict(row) for row in (await conn.execute(query)).mappings()]
        found = {policy: await released_revision(conn, *policy) for policy in set(map(_policy, rows))}
    stale = {_policy(row) for row in rows if not _stands(row, found[_policy(row)])}
    for agency_id, policy_id in sorted(stale):
        # Decided since it was planned, and the plan has not followed yet: it follows now, and is worked off after that.
        async with desk.record.write() as conn:
            await reconcile(
                conn, agency_id, policy_id, calendar=desk.calendar, rules=desk.follow_ups, now=now
            )
    settled = 0
    for row in rows:
        released = found[_policy(row)]
        if released is not None and _policy(row) not in stale:
            settled += await _run(desk, row, released, now)
    return settled


async def recount_provisional(desk: Desk) -> int:
    """Plan anew what was counted without knowing a year's holidays: at each start the calendar may be newer."""
    async with desk.record.write() as conn:
        return await recount(conn, desk.calendar, desk.follow_ups, desk.clock.now())


async def _run(desk: Desk, row: Mapping[str, Any], released: Released, now: datetime) -> int:
    if row["not_after"] is not None and now >= row["not_after"]:
        return await _settled(desk, row, "dropped", PAST_DEADLINE, now)
    if row["kind"] == INTERPRETATION_MISSING and not await _lacks_interpretation(desk, row):
        return await _settled(desk, row, "cancelled", INTERPRETED, now)
    if row["kind"] in TASKS:
        return await _asked(desk, row, released, now)
    agency, policy = _policy(row)
    told = {
        "agency_id": agency,
        "policy_id": policy,
        "revision": row["revision"],
        "occurrence": row["occurrence"],
    }
    await desk.log.produce(POLICIES_RELEASED, key=f"{agency}/{policy}".encode(), value=orjson.dumps(told))
    return await _settled(desk, row, "done", None, now)


async def _asked(desk: Desk, row: Mapping[str, Any], released: Released, now: datetime) -> int:
    """Ask the agency; the task and the mark are one transaction."""
    agency, policy = _policy(row)
    async with desk.record.write() as conn:
        done = await _mark(conn, row, "done", None, now)
        if done:
            await open_task(conn, agency, policy, row["occurrence"], _task_text(row["kind"], released), now)
    return _told(row, "done", None, done)


async def _lacks_interpretation(desk: Desk, row: Mapping[str, Any]) -> bool:
    async with desk.record.read() as conn:
        return await interpretation_of(conn, *_policy(row), row["revision"]) == "missing"


def _task_text(kind: str, released: Released) -> str:
    if kind == TRACKING:
        return f"《{released.title}》已施行一段时间，请根据执行情况和常见问题做好跟踪解读。"
    return f"《{released.title}》发布后尚无解读，请尽快补充解读材料。"


async def _settled(desk: Desk, row: Mapping[str, Any], state: str, reason: str | None, now: datetime) -> int:
    async with desk.record.write() as conn:
        done = await _mark(conn, row, state, reason, now)
    return _told(row, state, reason, done)


async def _mark(
    conn: AsyncConnection, row: Mapping[str, Any], state: str, reason: str | None, now: datetime
) -> int:
    done = await conn.execute(
        update(due_items)
        .where(i.due_id == row["due_id"], i.state == "planned")
        .values(state=state, reason=reason, settled_at=now)
    )
    return done.rowcount


def _told(row: Mapping[str, Any], state: str, reason: str | None, done: int) -> int:
    if done:
        policy = "/".join(_policy(row))
        log.info("due.settled", policy=policy, occurrence=row["occurrence"], state=state, reason=reason)
    return done


def _policy(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["agency_id"], row["policy_id"]


def _stands(row: Mapping[str, Any], released: Released | None) -> bool:
    return released is not None and released.revision == row["revision"]
