"""What is still to come: the plan of a policy's follow-ups, and what agencies are asked to do."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from service.api.named import insist_on
from service.api.policies import policy_owner
from service.api.problems import not_found
from service.api.security import HouseOf, Staff, own_agency
from service.api.shapes import AgencyQuery, Limit, plain
from streams.followups.agency_tasks import open_tasks
from streams.followups.plans import plan_rows
from streams.policies import standing

router = APIRouter(prefix="/api/v1", tags=["plans"])

SHOWN = (
    "due_id",
    "kind",
    "occurrence",
    "due_at",
    "not_after",
    "provisional",
    "state",
    "reason",
    "revision",
    "planned_at",
    "settled_at",
)


@router.get("/policies/{policy_id}/plan")
async def get_plan(
    policy_id: str, house: HouseOf, actor: Staff, agency: AgencyQuery = None
) -> dict[str, Any]:
    """What follows a policy's release and when, with what became of it."""
    async with house.record.read() as conn:
        owner = await policy_owner(conn, actor, policy_id, agency)
        if await standing(conn, owner, policy_id) is None:
            raise not_found(f"policy {policy_id}")
        rows = await plan_rows(conn, owner, policy_id)
    items = [{name: row[name] for name in SHOWN} for row in rows]
    return {"agency_id": owner, "policy_id": policy_id, "plan": plain(items)}


@router.get("/tasks")
async def get_tasks(
    house: HouseOf, actor: Staff, agency: AgencyQuery = None, limit: Limit = 100
) -> dict[str, Any]:
    """What an agency is asked to do and has not done yet, oldest first."""
    owner = own_agency(actor, agency)
    async with house.record.read() as conn:
        tasks = await open_tasks(conn, owner, limit)
        if not tasks:
            await insist_on(conn, actor, agency=owner)
    return {"tasks": plain([asdict(task) for task in tasks])}
