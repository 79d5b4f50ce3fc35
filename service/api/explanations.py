"""Interpretations and FAQs: what waits for its review, and the reviewer's decisions on it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi import Body as Given
from pydantic import Field

from service.api.intake import say
from service.api.problems import not_found, wrong
from service.api.security import HouseOf, Reviewer, Staff, own_agency
from service.api.shapes import After, AgencyQuery, Body, Limit, cursor_checked, plain
from service.house import House
from streams.access import Actor
from streams.campaigns.occurrences import FAQ, INTERPRETATION
from streams.events import EventType
from streams.events.fields import MAX_REVISION, Line
from streams.explanations.record import Explanation, list_items, newest
from streams.policies import states_of

router = APIRouter(prefix="/api/v1", tags=["policies"])

Kind = Literal["interpretations", "faqs"]
ItemState = Literal["waiting", "released", "refused", "superseded"]
KINDS = {"interpretations": INTERPRETATION, "faqs": FAQ}
EVENTS = {
    ("interpretations", "release"): EventType.INTERPRETATION_RELEASED,
    ("interpretations", "refuse"): EventType.INTERPRETATION_REFUSED,
    ("faqs", "release"): EventType.FAQ_RELEASED,
    ("faqs", "refuse"): EventType.FAQ_REFUSED,
}


class ItemDecisionIn(Body):
    """A reviewer's decision on an item; without a revision it is about the newest."""

    revision: int | None = Field(default=None, ge=1, le=MAX_REVISION)
    reason: Line | None = None


@router.get("/explanations")
async def get_explanations(
    house: HouseOf,
    actor: Staff,
    state: ItemState | None = None,
    policy: Annotated[str | None, Field(max_length=128)] = None,
    agency: AgencyQuery = None,
    after: After = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Interpretations and FAQs that came by their own events, newest first."""
    async with house.record.read() as conn:
        with cursor_checked(after):
            found, following = await list_items(
                conn,
                agency_id=own_agency(actor, agency),
                policy_id=policy,
                state=state,
                after=after,
                limit=limit,
            )
        states = await states_of(conn, [(one.agency_id, one.policy_id) for one in found])
    shown = [_shape(one, states.get((one.agency_id, one.policy_id))) for one in found]
    return {"explanations": shown, "next": following}


@router.post("/policies/{policy_id}/{kind}/{item_id}/release", status_code=202)
async def post_release(
    policy_id: str,
    kind: Kind,
    item_id: str,
    house: HouseOf,
    actor: Reviewer,
    decision: Annotated[ItemDecisionIn | None, Given()] = None,
) -> dict[str, str]:
    """Release an interpretation or a FAQ: those who got its policy are told of it."""
    return await decide_item(house, actor, policy_id, kind, item_id, "release", decision or ItemDecisionIn())


@router.post("/policies/{policy_id}/{kind}/{item_id}/refuse", status_code=202)
async def post_refuse(
    policy_id: str, kind: Kind, item_id: str, house: HouseOf, actor: Reviewer, decision: ItemDecisionIn
) -> dict[str, str]:
    """Refuse an interpretation or a FAQ, with the reason that its publisher will read."""
    return await decide_item(house, actor, policy_id, kind, item_id, "refuse", decision)


async def decide_item(
    house: House,
    actor: Actor,
    policy_id: str,
    kind: Kind,
    item_id: str,
    verb: Literal["release", "refuse"],
    decision: ItemDecisionIn,
) -> dict[str, str]:
    """Say a reviewer's decision on an item as an event of its own.

    Raises:
        Problem: 404 where the reviewer's agency has no such item, 422 for a refusal without a reason.
    """
    if verb == "refuse" and decision.reason is None:
        raise wrong("reason", "say why it is refused; the publisher will read it")
    async with house.record.read() as conn:
        item = await newest(conn, actor.agency_id or "", policy_id, KINDS[kind], item_id)
    if item is None:
        raise not_found(f"{KINDS[kind]} {item_id} of policy {policy_id}")
    data = {
        "policy_id": policy_id,
        "id": item_id,
        "revision": decision.revision or item.revision,
        "reason": decision.reason,
    }
    return (await say(house, actor, EVENTS[kind, verb], data)).as_dict()


def _shape(item: Explanation, policy_state: str | None) -> dict[str, Any]:
    shape: dict[str, Any] = plain(
        {
            "agency_id": item.agency_id,
            "policy_id": item.policy_id,
            "policy_state": policy_state,
            "kind": item.kind,
            "id": item.item_id,
            "revision": item.revision,
            "state": item.state,
            "title": item.title,
            "form": item.data.get("form"),
            "publisher": item.publisher,
            "received_at": item.received_at,
            "decided_at": item.decided_at,
            "decided_by": item.decided_by,
            "reason": item.reason,
        }
    )
    return shape
