"""Policies: read, previewed and decided on."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi import Body as Given
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from service.api.intake import say
from service.api.problems import Problem, not_found, wrong
from service.api.security import HouseOf, Reader, Reviewer, own_agency
from service.api.shapes import (
    After,
    AgencyQuery,
    Body,
    Limit,
    cursor_checked,
    plain,
    policy_head,
    policy_json,
)
from service.house import House
from service.reading import agencies_with, is_staff, visible_policy
from streams.access import Actor, Role
from streams.events import EventType
from streams.events.condition_values import MANY, ConditionGiven
from streams.events.fields import MAX_REVISION, ItemName, Line
from streams.events.policy_data import FactsGiven
from streams.policies import list_policies, standing

router = APIRouter(prefix="/api/v1/policies", tags=["policies"])

State = Literal["received", "waiting", "released", "refused", "superseded", "repealed"]
Label = Annotated[str, Field(max_length=64)]


class DecisionIn(Body):
    """A reviewer's decision; without a revision it is about the newest.

    ``explanations`` names the waiting interpretations and FAQs that a release covers (``faq:ID:1``), None for all.
    """

    revision: int | None = Field(default=None, ge=1, le=MAX_REVISION)
    reason: Line | None = None
    explanations: tuple[ItemName, ...] | None = None


class LabelsIn(Body):
    """A reviewer's corrections: labels as ``dimension:code``; facts by name, null where there is none.

    ``conditions`` are the numbers asked of applicants, each by its ``number`` among the policy's facts: with a
    ``value`` it is changed, with null taken away; without a number it is added.
    """

    revision: int = Field(ge=1, le=MAX_REVISION)
    add: tuple[Label, ...] = ()
    remove: tuple[Label, ...] = ()
    facts: FactsGiven = FactsGiven()
    conditions: tuple[ConditionGiven, ...] = Field(default=(), max_length=MANY)


@router.get("")
async def get_policies(
    house: HouseOf,
    actor: Reader,
    state: State | None = None,
    agency: AgencyQuery = None,
    after: After = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """The policies that the caller may see, newest first."""
    public_only = actor.role is Role.ASSOCIATION
    owner = agency if public_only else own_agency(actor, agency)
    async with house.record.read() as conn:
        with cursor_checked(after):
            found, following = await list_policies(
                conn,
                agency_id=owner,
                states=[state] if state else None,
                public_only=public_only,
                after=after,
                limit=limit,
            )
    return {"policies": [policy_head(view) for view in found], "next": following}


@router.get("/{policy_id}")
async def get_policy(
    policy_id: str,
    house: HouseOf,
    actor: Reader,
    revision: Annotated[int | None, Query(ge=1, le=MAX_REVISION)] = None,
    agency: AgencyQuery = None,
) -> dict[str, Any]:
    """One revision with its text and its labels, each with the words that prove it."""
    async with house.record.read() as conn:
        owner = await policy_owner(conn, actor, policy_id, agency)
        view = await visible_policy(conn, actor, owner, policy_id, revision, repealed=True)
    if view is None:
        raise not_found(f"revision {revision} of policy {policy_id}" if revision else f"policy {policy_id}")
    whole: dict[str, Any] = plain(policy_json(view, house.taxonomy, staff=is_staff(actor, owner)))
    return whole


@router.put("/{policy_id}/labels", status_code=202)
async def put_labels(policy_id: str, house: HouseOf, actor: Reviewer, labels: LabelsIn) -> dict[str, str]:
    """Correct labels, facts and conditions of a revision that waits for its release."""
    if not (labels.add or labels.remove or labels.facts.named() or labels.conditions):
        raise wrong("add", "name at least one label to add or to remove, a fact or a condition")
    return await correct(house, actor, policy_id, labels)


async def correct(house: House, actor: Actor, policy_id: str, labels: LabelsIn) -> dict[str, str]:
    """Say a reviewer's corrections."""
    said = labels.model_dump(mode="json", exclude={"facts"}) | {"facts": labels.facts.named()}
    taken = await say(house, actor, EventType.LABELS_EDITED, {"policy_id": policy_id, **said})
    return taken.as_dict()


@router.post("/{policy_id}/release", status_code=202)
async def post_release(
    policy_id: str, house: HouseOf, actor: Reviewer, decision: Annotated[DecisionIn | None, Given()] = None
) -> dict[str, str]:
    """Release a policy: from here on it is pushed."""
    return await decide(house, actor, EventType.RELEASED, policy_id, decision or DecisionIn())


@router.post("/{policy_id}/refuse", status_code=202)
async def post_refuse(
    policy_id: str, house: HouseOf, actor: Reviewer, decision: DecisionIn
) -> dict[str, str]:
    """Refuse a policy, with the reason that its publisher will read."""
    if decision.reason is None:
        raise wrong("reason", "say why it is refused; the publisher will read it")
    return await decide(house, actor, EventType.REFUSED, policy_id, decision)


async def decide(
    house: House, actor: Actor, kind: EventType, policy_id: str, decision: DecisionIn
) -> dict[str, str]:
    """Say a reviewer's decision as an event of its own."""
    revision = decision.revision
    if revision is None:
        async with house.record.read() as conn:
            known = await standing(conn, actor.agency_id or "", policy_id)
        if known is None:
            raise not_found(f"policy {policy_id}")
        revision = known.revision
    data: dict[str, Any] = {"policy_id": policy_id, "revision": revision, "reason": decision.reason}
    if kind is EventType.RELEASED:
        data["explanations"] = decision.explanations
    return (await say(house, actor, kind, data)).as_dict()


async def policy_owner(conn: AsyncConnection, actor: Actor, policy_id: str, agency: str | None) -> str:
    """Return whose policy of that id is meant: the caller's own agency's, the named one's, or the only one's.

    Raises:
        Problem: 404 where there is none, 409 where several agencies have one and none was named.
    """
    named = agency if actor.role is Role.ASSOCIATION else own_agency(actor, agency)
    if named is not None:
        return named
    public_only = actor.role is Role.ASSOCIATION
    owners = await agencies_with(conn, policy_id, public_only=public_only)
    if public_only and not owners:  # one that stands is meant before one that was repealed
        owners = await agencies_with(conn, policy_id, public_only=True, repealed=True)
    if not owners:
        raise not_found(f"policy {policy_id}")
    if len(owners) > 1:
        raise Problem(409, f"several agencies have a policy {policy_id}: add ?agency= ({', '.join(owners)})")
    return owners[0]
