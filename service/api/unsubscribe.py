"""Leaving by the link in a message: reading it changes nothing, sending the form (or one click, RFC 8058) does."""

from fastapi import APIRouter, Request, Response

from config.channels import TITLES as CHANNEL_NAMES
from service.api.changes import tell
from service.api.problems import Problem, wrong
from service.api.security import HouseOf
from service.house import House
from service.pages.render import page
from subscribers.leaving import ScopeError
from subscribers.registry import get_subscriptions, opt_in, opt_out
from subscribers.tokens import TokenError, Unsubscribe

router = APIRouter(tags=["unsubscribe"])

FORM_BODY = {
    "requestBody": {
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "scope": {
                            "type": "string",
                            "description": "subscription:<id>, channel:<name> or all",
                        },
                        "List-Unsubscribe": {"type": "string", "enum": ["One-Click"]},
                    },
                }
            }
        }
    }
}


@router.get("/unsubscribe/{token}")
async def get_page(token: str, request: Request, house: HouseOf) -> Response:
    """Show what can be ended; mail scanners open every link, so nothing changes here."""
    link = _read(house, token)
    async with house.record.read() as conn:
        active = await get_subscriptions(conn, link.subscriber_id)
    caused = [item for item in active if item.id in link.subscriptions]
    return page(
        request,
        "unsubscribe.html",
        {"token": token, "subscriptions": caused, "channel": link.channel, "channel_names": CHANNEL_NAMES},
    )


@router.post("/unsubscribe/{token}", openapi_extra=FORM_BODY)
async def post_page(token: str, request: Request, house: HouseOf) -> Response:
    """End what the form names; it counts before the answer, and a second time succeeds as quietly as the first."""
    link = _read(house, token)
    form = await request.form()
    one_click = form.get("List-Unsubscribe") == "One-Click"
    scope = f"channel:{link.channel}" if one_click else form.get("scope")
    if not isinstance(scope, str):
        raise wrong("scope", "choose subscription:<id>, channel:<name> or all")
    via = "one-click" if one_click else "link"
    try:
        async with house.record.write() as conn:
            change = await opt_out(conn, link.subscriber_id, scope, via=via, now=house.clock.now())
    except ScopeError as exc:
        raise wrong("scope", str(exc)) from exc
    await tell(house, [change])
    return page(
        request,
        "unsubscribed.html",
        {"scope": scope, "token": token, "channel_names": CHANNEL_NAMES, "back": False},
    )


@router.post("/unsubscribe/{token}/back", openapi_extra=FORM_BODY)
async def post_back(token: str, request: Request, house: HouseOf) -> Response:
    """Take back what this link has ended: its channel, everything, or a subscription that caused its message."""
    link = _read(house, token)
    scope = (await request.form()).get("scope")
    mine = {f"channel:{link.channel}", "all", *(f"subscription:{one}" for one in link.subscriptions)}
    if not isinstance(scope, str) or scope not in mine:
        raise wrong("scope", "choose what this link is about")
    async with house.record.write() as conn:
        change = await opt_in(conn, link.subscriber_id, scope, now=house.clock.now())
    await tell(house, [change])
    return page(
        request,
        "unsubscribed.html",
        {"scope": scope, "token": token, "channel_names": CHANNEL_NAMES, "back": True},
    )


def _read(house: House, token: str) -> Unsubscribe:
    try:
        return house.tokens.read_unsubscribe(token)
    except TokenError as exc:
        raise Problem(
            404,
            "this link is damaged or was not made here; use the one in the newest message",
            said="退订链接不完整，或者不是本站发出的，什么都没有改变。请使用最近一封邮件里的完整链接，或者登录我的政达。",
        ) from exc
