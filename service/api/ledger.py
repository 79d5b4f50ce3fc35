"""What happened: funnels, deliveries, and campaigns held and resumed."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from service.api.named import insist_on
from service.api.policies import policy_owner
from service.api.problems import not_found
from service.api.security import HouseOf, Staff, own_agency
from service.api.shapes import After, AgencyQuery, AnyChannel, Body, Limit, cursor_checked, plain
from streams.campaigns import figures
from streams.campaigns.record import resume, stop
from streams.events.fields import MAX_REVISION, Line
from streams.fanout import ledger
from streams.policies import standing

router = APIRouter(prefix="/api/v1", tags=["ledger"])

DeliveryState = Literal[
    "planned",
    "held",
    "claimed",
    "sent",
    "delivered",
    "failed",
    "suppressed",
    "expired",
    "superseded",
    "unknown",
]


class StopIn(Body):
    """Why a campaign is held."""

    reason: Line


class ResumeIn(Body):
    """Why a campaign goes on."""

    reason: Line | None = None


@router.get("/policies/{policy_id}/funnel")
async def get_funnel(
    policy_id: str,
    house: HouseOf,
    actor: Staff,
    revision: Annotated[int | None, Query(ge=1, le=MAX_REVISION)] = None,
    agency: AgencyQuery = None,
) -> dict[str, Any]:
    """How far a policy came: matched, planned, sent, delivered, read, and why the rest did not arrive."""
    async with house.record.read() as conn:
        owner = await policy_owner(conn, actor, policy_id, agency)
        funnel = await figures.funnel(conn, owner, policy_id, revision)
    if funnel is None:
        raise not_found(f"policy {policy_id}")
    shape: dict[str, Any] = plain(funnel.as_dict())
    return shape


@router.get("/policies/{policy_id}/deliveries")
async def get_deliveries(
    policy_id: str,
    house: HouseOf,
    actor: Staff,
    state: DeliveryState | None = None,
    agency: AgencyQuery = None,
    after: After = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """The ledger rows of one policy."""
    async with house.record.read() as conn:
        owner = await policy_owner(conn, actor, policy_id, agency)
        if await standing(conn, owner, policy_id) is None:
            raise not_found(f"policy {policy_id}")
        with cursor_checked(after):
            rows, following = await ledger.list_deliveries(
                conn, agency_id=owner, policy_id=policy_id, state=state, after=after, limit=limit
            )
    return {"deliveries": plain(rows), "next": following}


@router.get("/ledger")
async def get_ledger(
    house: HouseOf,
    actor: Staff,
    policy: Annotated[str | None, Query(max_length=128)] = None,
    subscriber: Annotated[str | None, Query(max_length=64)] = None,
    state: DeliveryState | None = None,
    channel: AnyChannel | None = None,
    agency: AgencyQuery = None,
    after: After = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """The ledger across policies; an agency's staff see its own policies' rows.

    Where nothing is found, what was named is looked for: 404 says that it does not exist.
    """
    owner = own_agency(actor, agency)
    async with house.record.read() as conn:
        with cursor_checked(after):
            rows, following = await ledger.list_deliveries(
                conn,
                agency_id=owner,
                policy_id=policy,
                subscriber_id=subscriber,
                state=state,
                channel=channel,
                after=after,
                limit=limit,
            )
        if not rows:
            await insist_on(conn, actor, agency=owner, policy=policy, subscriber=subscriber)
    return {"deliveries": plain(rows), "next": following}


@router.post("/policies/{policy_id}/campaign/stop")
async def post_stop(
    policy_id: str, house: HouseOf, actor: Staff, why: StopIn, agency: AgencyQuery = None
) -> dict[str, Any]:
    """Hold everything of a policy that has not gone out yet."""
    async with house.record.write() as conn:
        owner = await policy_owner(conn, actor, policy_id, agency)
        found = await stop(conn, owner, policy_id, why.reason, actor, house.clock.now())
    if not found:
        raise not_found(f"a campaign of policy {policy_id}")
    return {"campaigns": plain(found)}


@router.post("/policies/{policy_id}/campaign/resume")
async def post_resume(
    policy_id: str, house: HouseOf, actor: Staff, why: ResumeIn | None = None, agency: AgencyQuery = None
) -> dict[str, Any]:
    """Let a held campaign go on; a sweep puts what waits before its channels again."""
    reason = (why.reason if why else None) or "resumed"
    async with house.record.write() as conn:
        owner = await policy_owner(conn, actor, policy_id, agency)
        found = await resume(conn, owner, policy_id, reason, actor, house.clock.now())
    if not found:
        raise not_found(f"a campaign of policy {policy_id}")
    return {"campaigns": plain(found)}
