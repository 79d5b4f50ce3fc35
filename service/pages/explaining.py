"""A reviewer's buttons for interpretations and FAQs."""

from typing import Literal
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.api.explanations import ItemDecisionIn, Kind, decide_item
from service.api.problems import not_found, wrong
from service.api.security import HouseOf, Reviewer
from service.house import House
from service.pages.render import revision_of
from streams.access import Actor

router = APIRouter(include_in_schema=False)


@router.post("/policies/{agency}/{policy_id}/{kind}/{item_id}/release")
async def post_release(
    request: Request, agency: str, policy_id: str, kind: Kind, item_id: str, house: HouseOf, actor: Reviewer
) -> Response:
    """Release."""
    return await _decided(request, house, actor, agency, (policy_id, kind, item_id), "release")


@router.post("/policies/{agency}/{policy_id}/{kind}/{item_id}/refuse")
async def post_refuse(
    request: Request, agency: str, policy_id: str, kind: Kind, item_id: str, house: HouseOf, actor: Reviewer
) -> Response:
    """Refuse, with the reason."""
    return await _decided(request, house, actor, agency, (policy_id, kind, item_id), "refuse")


async def _decided(
    request: Request,
    house: House,
    actor: Actor,
    agency: str,
    item: tuple[str, Kind, str],
    verb: Literal["release", "refuse"],
) -> Response:
    policy_id, kind, item_id = item
    if agency != actor.agency_id:
        raise not_found(f"policy {policy_id}")
    form = await request.form()
    reason = form.get("reason")
    words = reason.strip()[:500] if isinstance(reason, str) else ""
    if verb == "refuse" and not words:
        raise wrong("reason", "请写明不予通过的理由，发布人会看到")
    decision = ItemDecisionIn(revision=revision_of(form), reason=words or None)
    await decide_item(house, actor, policy_id, kind, item_id, verb, decision)
    said = "item-released" if verb == "release" else "item-refused"
    return RedirectResponse(f"/policies/{quote(agency)}/{quote(policy_id)}?said={said}", status_code=303)
