"""Where a subscriber is a member: joining and leaving associations, each by one button."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.api.memberships import depart, enter
from service.api.security import HouseOf, OperatorOrSubscriber, Subscriber, own
from service.pages.render import page
from streams.access import Role
from subscribers.associations import list_associations
from subscribers.memberships import memberships_of
from subscribers.model import SubscriberId

router = APIRouter(prefix="/space/{subscriber_id}/associations", include_in_schema=False)


@router.get("")
async def get_memberships(
    request: Request, subscriber_id: SubscriberId, house: HouseOf, actor: OperatorOrSubscriber
) -> Response:
    """The associations there are, and which of them this subscriber belongs to."""
    own(actor, subscriber_id)
    async with house.record.read() as conn:
        joined = {one.association_id: since for one, since in await memberships_of(conn, subscriber_id)}
        everyone = await list_associations(conn)
    context = {
        "subscriber_id": subscriber_id,
        "associations": [(one, joined.get(one.association_id)) for one in everyone],
        "owner": actor.role is Role.SUBSCRIBER,
    }
    return page(request, "relay/memberships.html", context, actor=actor)


@router.post("/{association_id}/join")
async def post_join(
    subscriber_id: SubscriberId, association_id: str, house: HouseOf, actor: Subscriber
) -> Response:
    """The member's button: join."""
    own(actor, subscriber_id)
    await enter(house, actor, subscriber_id, association_id, "button on the page of associations")
    return RedirectResponse(f"/space/{subscriber_id}/associations", status_code=303)


@router.post("/{association_id}/leave")
async def post_leave(
    subscriber_id: SubscriberId, association_id: str, house: HouseOf, actor: Subscriber
) -> Response:
    """The member's button: leave."""
    own(actor, subscriber_id)
    await depart(house, actor, subscriber_id, association_id)
    return RedirectResponse(f"/space/{subscriber_id}/associations", status_code=303)
