"""Signing up, confirming and signing in as pages. Links show a button first: mail scanners open every link."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from channels.outbox import SandboxChannel
from service.api.joining import follow, insist_on_link, send_sign_in, sign_up, try_code
from service.api.problems import Problem
from service.api.security import BY_LINK, HouseOf, VisitorOf, same_origin, start_session
from service.house import House
from service.pages.forms import Fields, FormWrong, read_address, read_join, read_try
from service.pages.render import page
from service.trying import Tried, tried
from streams.access import Actor
from subscribers.confirming import Redeemed
from subscribers.notices import CONFIRM, SIGN_IN, Kind

router = APIRouter(include_in_schema=False)

OPENED: dict[Kind, dict[str, str]] = {
    CONFIRM: {
        "title": "确认接收政策推送",
        "words": "按下按钮，表示同意用此联系方式接收与贵单位有关的政策。随时可以退订。",
        "button": "确认接收",
    },
    SIGN_IN: {"title": "登录我的政达", "words": "按下按钮即可登录，十二小时内有效。", "button": "登录"},
}
WRONG_CODE = "验证码不正确，或者已经失效。连续输错五次，验证码即作废，请按下面的办法重新获取。"


@router.get("/join")
async def get_join(request: Request, house: HouseOf, actor: VisitorOf) -> Response:
    """The sign-up form."""
    return _form(request, house, {"channels": ["space", "email"]}, {}, actor)


@router.post("/join")
async def post_join(request: Request, house: HouseOf, actor: VisitorOf) -> Response:
    """Sign up; the page that follows is the same whether an address is known or not.

    With ``try`` nothing is kept: the form comes back with what it would have brought.
    """
    same_origin(request, house)
    form = await request.form()
    try:
        if Fields(form).one("try"):
            found = await tried(request, house, *read_try(form, house.taxonomy))
            return _form(request, house, Fields(form).shown(), {}, actor, found=found)
        given = read_join(form, house.taxonomy)
    except FormWrong as exc:
        return _form(request, house, Fields(form).shown(), exc.errors, actor, status=422)
    await sign_up(request, house, given)
    mobile = next((one.address for one in given.contacts if one.channel == "sms"), "")
    return _look(request, house, {one.channel for one in given.contacts}, mobile)


@router.get("/join/confirm/{token}")
async def get_confirm(token: str, request: Request, house: HouseOf, actor: VisitorOf) -> Response:
    """A button; nothing changes here."""
    await insist_on_link(house, token, CONFIRM)
    return _button(request, CONFIRM, f"/join/confirm/{token}", actor)


@router.post("/join/confirm/{token}")
async def post_confirm(token: str, request: Request, house: HouseOf, actor: VisitorOf) -> Response:
    """Confirm the address."""
    same_origin(request, house)
    done = await follow(house, token, CONFIRM)
    return _arrived(request, house, done, actor)


@router.get("/join/code")
async def get_code(request: Request, actor: VisitorOf) -> Response:
    """Where a code is typed in by who has left the page that asked for it, or never saw one (an import)."""
    return page(request, "code.html", {"address": "", "wrong": ""}, actor=actor)


@router.post("/join/code")
async def post_code(request: Request, house: HouseOf, actor: VisitorOf) -> Response:
    """Confirm or sign in by a code."""
    same_origin(request, house)
    fields = Fields(await request.form())
    address = fields.one("address")
    try:
        done = await try_code(request, house, address, fields.one("code"))
    except Problem as exc:
        if exc.status != 422:
            raise
        done = None
    if done is None:
        return page(request, "code.html", {"address": address, "wrong": WRONG_CODE}, actor=actor, status=422)
    return _arrived(request, house, done, actor)


@router.get("/my/sign-in")
async def get_sign_in(request: Request, actor: VisitorOf) -> Response:
    """The form that asks for an address."""
    return page(request, "my_sign_in.html", {"values": {}, "errors": {}}, actor=actor)


@router.post("/my/sign-in")
async def post_sign_in(request: Request, house: HouseOf, actor: VisitorOf) -> Response:
    """Send a link or a code, if the address is known; the answer does not say."""
    same_origin(request, house)
    form = await request.form()
    try:
        given = read_address(form)
    except FormWrong as exc:
        context = {"values": Fields(form).shown(), "errors": exc.errors}
        return page(request, "my_sign_in.html", context, actor=actor, status=422)
    await send_sign_in(request, house, given)
    return _look(request, house, {given.channel}, given.address if given.channel == "sms" else "")


@router.get("/my/enter/{token}")
async def get_enter(token: str, request: Request, house: HouseOf, actor: VisitorOf) -> Response:
    """A button; nothing changes here."""
    await insist_on_link(house, token, SIGN_IN)
    return _button(request, SIGN_IN, f"/my/enter/{token}", actor)


@router.post("/my/enter/{token}")
async def post_enter(token: str, request: Request, house: HouseOf) -> Response:
    """Sign in by the link."""
    same_origin(request, house)
    done = await follow(house, token, SIGN_IN)
    return _signed_in(house, done)


def codes_for_forms(house: House) -> dict[str, Any]:
    """Return the codes that the forms offer, each with its entry."""
    codes = house.taxonomy.codes
    sections = {code: entry for code, entry in codes["industry"].items() if not entry.parent}
    offered = ("subject", "size", "qualification", "theme", "instrument")
    return {name: codes[name] for name in offered} | {"sections": sections}


def _form(
    request: Request,
    house: House,
    values: dict[str, Any],
    errors: dict[str, str],
    actor: Actor | None,
    *,
    status: int = 200,
    found: Tried | None = None,
) -> Response:
    context = {"values": values, "errors": errors, "codes": codes_for_forms(house), "found": found}
    return page(request, "join.html", context, actor=actor, status=status)


def _look(request: Request, house: House, channels: set[str], mobile: str) -> Response:
    asked = [house.channels[name] for name in channels if name in house.channels]
    sandbox = house.settings.demo and any(isinstance(one, SandboxChannel) for one in asked)
    context = {"channels": channels, "mobile": mobile, "sandbox": sandbox}
    return page(request, "sent.html", context)


def _button(request: Request, kind: Kind, action: str, actor: Actor | None) -> Response:
    return page(request, "follow.html", {"action": action, **OPENED[kind]}, actor=actor)


def _arrived(request: Request, house: House, done: Redeemed, actor: Actor | None) -> Response:
    """Lead whoever confirmed to its own page; who is logged in as somebody else stays that, unless it signed in."""
    if actor is not None and actor.subscriber_id != done.subscriber_id and done.kind != SIGN_IN:
        words = "已经确认，今后有相符的政策就会送到。"
        return page(request, "follow.html", {"title": "已确认", "words": words, "action": ""}, actor=actor)
    return _signed_in(house, done)


def _signed_in(house: House, done: Redeemed) -> Response:
    said = "" if done.kind == SIGN_IN else "?said=confirmed"
    answer = RedirectResponse(f"/my{said}", status_code=303)
    start_session(house, answer, {BY_LINK: done.subscriber_id})
    return answer
