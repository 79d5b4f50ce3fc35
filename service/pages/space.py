"""The enterprise space as a page: messages with their reasons, live, read when opened, acknowledged by a button."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from channels import inbox
from service.api.problems import not_found
from service.api.security import HouseOf, OperatorOrSubscriber, Subscriber, own
from service.api.shapes import After
from service.pages.render import page
from streams.access import Role
from streams.relay.notes import notes_beside
from subscribers.model import SubscriberId

router = APIRouter(include_in_schema=False)

PAGE = 30


@router.get("/space/{subscriber_id}")
async def get_space(
    request: Request,
    subscriber_id: SubscriberId,
    house: HouseOf,
    actor: OperatorOrSubscriber,
    after: After = None,
) -> Response:
    """The inbox, newest first."""
    own(actor, subscriber_id)
    async with house.record.read() as conn:
        unread = await inbox.unread_count(conn, subscriber_id)
        found = await inbox.messages(conn, subscriber_id, before=after, limit=PAGE)
        beside = await notes_beside(conn, subscriber_id, found)
    context = {
        "subscriber_id": subscriber_id,
        "unread": unread,
        "messages": found,
        "notes": beside,
        "next": found[-1].message_id if len(found) == PAGE else None,
        "first_page": after is None,
        "owner": actor.role is Role.SUBSCRIBER,
    }
    return page(request, "space.html", context, actor=actor)


@router.post("/space/{subscriber_id}/messages/{message_id}/acknowledge")
async def post_acknowledge(
    subscriber_id: SubscriberId, message_id: str, house: HouseOf, actor: Subscriber
) -> Response:
    """签收, also where no script runs."""
    own(actor, subscriber_id)
    async with house.record.write() as conn:
        if not await inbox.acknowledge(conn, subscriber_id, message_id, house.clock.now()):
            raise not_found(f"message {message_id}")
    await house.live.announce([subscriber_id])
    return RedirectResponse(f"/space/{subscriber_id}#m-{message_id}", status_code=303)
