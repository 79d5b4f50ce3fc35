"""The association's pages: its kits, one kit with the relay, and how far what it relayed came."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from config.clock import SHANGHAI
from service.api.associations import own_association
from service.api.kits import whole_kit
from service.api.problems import not_found, wrong
from service.api.relays import MAX_NOTE, RelayIn, relay_policy
from service.api.security import HouseOf, Require
from service.api.shapes import After, cursor_checked
from service.api.vouching import vouched
from service.pages.labels import named_labels
from service.pages.render import page
from service.pages.standing import over
from streams.access import Actor, Role
from streams.masking import masked, part
from streams.policies import find_policy
from streams.relay.kits import list_kits
from streams.relay.reach import is_complete, reach_of
from streams.relay.record import find_relay, list_relays
from subscribers.associations import count_members, named_members
from subscribers.model import SubscriberId

router = APIRouter(prefix="/association", include_in_schema=False)

PAGE = 20
SHOWN = 50  # members that wait to be confirmed; the others come up when these are

Member = Annotated[Actor, Depends(Require(Role.ASSOCIATION))]


@router.get("")
async def get_association(request: Request, house: HouseOf, actor: Member, after: After = None) -> Response:
    """The kits, newest first, what was relayed, and who joined by itself and waits to be confirmed."""
    own = actor.association_id or ""
    async with house.record.read() as conn:
        association = await own_association(conn, actor, own)
        whole = await count_members(conn, own)
        waiting = await named_members(conn, own, confirmed=False, limit=SHOWN + 1)
        with cursor_checked(after):
            kits, following = await list_kits(conn, own, after=after, limit=PAGE)
        relays = await list_relays(conn, own, PAGE)
    context = {
        "association": association,
        "members": whole,
        "waiting": waiting[:SHOWN],
        "more_waiting": len(waiting) > SHOWN,
        "kits": [(kit.view, part(kit.fitting, whole)) for kit in kits],
        "next": following,
        "relays": relays,
    }
    return page(request, "relay/association.html", context, actor=actor)


@router.post("/members/{subscriber_id}/confirm")
async def post_confirm(subscriber_id: SubscriberId, house: HouseOf, actor: Member) -> Response:
    """The association's button: this one, which joined by itself, is a member indeed."""
    await vouched(house, actor, actor.association_id or "", subscriber_id, confirmed=True)
    return RedirectResponse("/association#waiting", status_code=303)


@router.get("/kits/{agency_id}/{policy_id}")
async def get_kit(
    request: Request, agency_id: str, policy_id: str, house: HouseOf, actor: Member
) -> Response:
    """One kit, and the relay: to be made, or with its reach."""
    own = actor.association_id or ""
    async with house.record.read() as conn:
        association = await own_association(conn, actor, own)
        kit = await whole_kit(conn, own, agency_id, policy_id)
        reach = masked(await reach_of(conn, kit.relay)) if kit.relay else None
        complete = await is_complete(conn, kit.relay) if kit.relay else False
    today = house.clock.now().astimezone(SHANGHAI).date()
    context = {
        "association": association,
        "policy": kit.view,
        "data": kit.view.data,
        "labels": named_labels(house.taxonomy, kit.view.labels),
        "paragraphs": [line for line in kit.view.body.splitlines() if line.strip()],
        "fitting": kit.fitting,
        "relay": kit.relay,
        "reach": reach,
        "complete": complete,
        "over": over(kit.view.data, today),
        "max_note": MAX_NOTE,
        "said": request.query_params.get("said", ""),
    }
    return page(request, "relay/kit.html", context, actor=actor)


@router.get("/relays/{relay_id}")
async def get_relay(request: Request, relay_id: str, house: HouseOf, actor: Member) -> Response:
    """One relay and how far it came, also when its policy has a newer revision or is repealed."""
    own = actor.association_id or ""
    async with house.record.read() as conn:
        association = await own_association(conn, actor, own)
        relay = await find_relay(conn, relay_id)
        if relay is None or relay.association_id != own:
            raise not_found(f"relay {relay_id}")
        view = await find_policy(conn, relay.agency_id, relay.policy_id, relay.revision)
        reach = masked(await reach_of(conn, relay))
        complete = await is_complete(conn, relay)
    context = {"association": association, "relay": relay, "title": view.title if view else relay.policy_id}
    return page(request, "relay/reach.html", context | {"reach": reach, "complete": complete}, actor=actor)


@router.post("/kits/{agency_id}/{policy_id}/relay")
async def post_relay(
    request: Request, agency_id: str, policy_id: str, house: HouseOf, actor: Member
) -> Response:
    """The association's button: hand it on, with the note."""
    words = (await request.form()).get("note")
    note = words.replace("\r\n", "\n") if isinstance(words, str) else ""
    try:
        given = RelayIn(agency_id=agency_id, policy_id=policy_id, note=note)
    except ValidationError as exc:
        raise wrong("note", f"附言最多 {MAX_NOTE} 个字") from exc
    await relay_policy(house, actor, actor.association_id or "", given)
    return RedirectResponse(f"/association/kits/{agency_id}/{policy_id}?said=relayed", status_code=303)
