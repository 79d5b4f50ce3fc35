"""The sandbox's outbox as a page, for operators: what would have left, every contact masked."""

from fastapi import APIRouter, Request, Response

from config.channels import TITLES
from service.api.operations import outbox
from service.api.security import HouseOf, Operator
from service.api.shapes import After, AnyChannel, cursor_checked
from service.pages.render import page

router = APIRouter(include_in_schema=False)

PAGE = 30


@router.get("/outbox")
async def get_outbox(
    request: Request, house: HouseOf, actor: Operator, channel: AnyChannel = "email", after: After = None
) -> Response:
    """One channel's messages, newest first."""
    with cursor_checked(after, timed=False):
        found = await outbox(house, channel, PAGE, after)
    following = found[-1]["cursor"] if len(found) == PAGE else None
    context = {"messages": found, "channel": channel, "channels": TITLES, "next": following}
    return page(request, "outbox.html", context, actor=actor)
