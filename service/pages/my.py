"""A subscriber's own page: who it is, where it is reached, what it wants to hear, and everything held about it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.datastructures import FormData

from config.channels import TITLES
from service.api.changes import tell
from service.api.own import erased, exported, left, returned
from service.api.problems import Problem
from service.api.security import COOKIE, HouseOf, VisitorOf, unknown_key
from service.house import House
from service.pages.criteria_words import decimal, in_words
from service.pages.forms import Fields, FormWrong, read_address, read_preferences, read_who, read_wish
from service.pages.joining import codes_for_forms
from service.pages.named_codes import full_name
from service.pages.ranges import NAMES, WAN
from service.pages.render import page
from service.trying import Tried, tried
from streams.access import Actor, Role
from subscribers.correcting import add_contact, add_subscription, choose, correct, remove_contact
from subscribers.errors import SuppressedContactError, TooManySubscriptionsError
from subscribers.model import Change, ContactIn
from subscribers.notices import ask_to_confirm
from subscribers.registry import SubscriberOut, get_subscriber, get_subscriptions
from subscribers.subscriptions import SubscriptionOut

router = APIRouter(include_in_schema=False)

EVERYBODYS = ("email", "sms", "space")
WISH_FIELDS = {"keywords", "wish_region", "wish_industry", "channels", *NAMES}  # in which an error may lie

SAID = {
    "confirmed": "已确认。今后有相符的政策，就会按下面选择的方式送到。",
    "who": "单位信息已保存。",
    "choices": "接收方式已保存。",
    "asked": "确认消息已发出，请查收；确认之后才会向它推送。",
    "removed": "联系方式已移除。",
    "wish": "订阅已添加。",
    "changed": "订阅已修改。",
    "left": "已退订，立即生效。",
    "returned": "已恢复。",
}
REFUSED = {
    SuppressedContactError: ("address", "这个地址曾经退信或者被投诉，无法使用，请换一个。"),
    TooManySubscriptionsError: ("form", "数量已到上限，请先移除或结束一些。"),
}


async def me_of(request: Request, actor: VisitorOf) -> Actor:
    """Return the subscriber that is signed in, by link, code or key."""
    if actor is None:
        raise unknown_key("sign in at /my/sign-in, or send a subscriber's key")
    if actor.role is not Role.SUBSCRIBER or actor.subscriber_id is None:
        raise Problem(403, "this page belongs to subscribers; sign in with an address of one")
    return actor


Me = Annotated[Actor, Depends(me_of)]


@router.get("/my")
async def get_my(request: Request, house: HouseOf, actor: Me, said: str = "") -> Response:
    """Everything at a glance."""
    return await _shown(request, house, actor, said=SAID.get(said, ""))


@router.post("/my/who")
async def post_who(request: Request, house: HouseOf, actor: Me) -> Response:
    """Correct who it is."""

    async def write(conn: AsyncConnection, form: FormData, now: datetime) -> Change:
        given = read_who(form, house.taxonomy)
        known = await get_subscriber(conn, house.vault, _id(actor))
        # The form does not ask for groups; what came over the API stays.
        profile = given.profile.model_copy(update={"groups": tuple(known.profile.get("groups", ()))})
        return await correct(conn, _id(actor), given.model_copy(update={"profile": profile}), now=now)

    return await _changed(request, house, actor, write, "who")


@router.post("/my/choices")
async def post_choices(request: Request, house: HouseOf, actor: Me) -> Response:
    """Choose how and how often it is reached."""

    async def write(conn: AsyncConnection, form: FormData, now: datetime) -> Change:
        chosen, matching = read_preferences(form)
        return await choose(conn, _id(actor), chosen, profile_matching=matching, now=now)

    return await _changed(request, house, actor, write, "choices")


@router.post("/my/contacts")
async def post_contact(request: Request, house: HouseOf, actor: Me) -> Response:
    """Add an address; it is asked to confirm."""

    async def write(conn: AsyncConnection, form: FormData, now: datetime) -> Change:
        given = read_address(form)
        contact = ContactIn(channel=given.channel, address=given.address)
        change, ask = await add_contact(conn, house.vault, _id(actor), contact, now=now)
        await ask_to_confirm(conn, *ask, now_real=house.real_clock.now(), invited=True)
        return change

    return await _changed(request, house, actor, write, "asked")


@router.post("/my/contacts/{contact_id}/remove")
async def post_remove(contact_id: str, request: Request, house: HouseOf, actor: Me) -> Response:
    """Remove an address."""

    async def write(conn: AsyncConnection, _form: FormData, now: datetime) -> Change:
        return await remove_contact(conn, _id(actor), contact_id, now=now)

    return await _changed(request, house, actor, write, "removed")


@router.post("/my/subscriptions")
async def post_wish(request: Request, house: HouseOf, actor: Me) -> Response:
    """Add a subscription with simple criteria; with ``try`` only show what it would have brought."""
    form = await request.form()
    if Fields(form).one("try"):
        return await _tried(request, house, actor, form)

    async def write(conn: AsyncConnection, form: FormData, now: datetime) -> Change:
        return await add_subscription(conn, _id(actor), read_wish(form, house.taxonomy), now=now)

    return await _changed(request, house, actor, write, "wish")


@router.post("/my/leave")
async def post_leave(request: Request, house: HouseOf, actor: Me) -> Response:
    """End a subscription, close a channel or all of them."""
    await left(house, _id(actor), Fields(await request.form()).one("scope"), via="page")
    return back("left")


@router.post("/my/return")
async def post_return(request: Request, house: HouseOf, actor: Me) -> Response:
    """Take a no back."""
    try:
        await returned(house, _id(actor), Fields(await request.form()).one("scope"))
    except TooManySubscriptionsError as exc:
        return await _refused(request, house, actor, exc)
    return back("returned")


@router.get("/my/export")
async def get_export(house: HouseOf, actor: Me) -> Response:
    """Everything that is held about it, as a file."""
    whole = orjson.dumps(await exported(house, _id(actor)), option=orjson.OPT_INDENT_2)
    named = {"Content-Disposition": 'attachment; filename="zhengda-export.json"'}
    return Response(whole, media_type="application/json", headers=named)


@router.get("/my/erase")
async def get_erase(request: Request, actor: Me) -> Response:
    """What erasing means; nothing happens here."""
    return page(request, "my_erase.html", {"name": actor.holder, "done": False, "wrong": False}, actor=actor)


@router.post("/my/erase")
async def post_erase(request: Request, house: HouseOf, actor: Me) -> Response:
    """Erase it, once it is confirmed."""
    if Fields(await request.form()).one("sure") != "yes":
        context = {"name": actor.holder, "done": False, "wrong": True}
        return page(request, "my_erase.html", context, actor=actor, status=422)
    await erased(house, _id(actor), _id(actor))
    answer = page(request, "my_erase.html", {"done": True})
    answer.delete_cookie(COOKIE, path="/")
    return answer


def _id(actor: Actor) -> str:
    return str(actor.subscriber_id)


def back(said: str) -> Response:
    """Lead back to the page, which says what was done."""
    # Without a place of its own a browser would keep that of the form (`#who`), and what is said stands above it.
    return RedirectResponse(f"/my?said={said}#main", status_code=303)


async def _changed(
    request: Request,
    house: House,
    actor: Actor,
    write: Callable[[AsyncConnection, FormData, datetime], Awaitable[Change]],
    said: str,
) -> Response:
    """Do one change and come back to the page; what is wrong with the form is shown where it stands."""
    form = await request.form()
    try:
        async with house.record.write() as conn:
            change = await write(conn, form, house.clock.now())
    except FormWrong as exc:
        return await _shown(request, house, actor, typed=Fields(form).shown(), errors=exc.errors)
    except (SuppressedContactError, TooManySubscriptionsError) as exc:
        return await _refused(request, house, actor, exc, Fields(form).shown())
    await tell(house, [change])
    return back(said)


async def _refused(
    request: Request, house: House, actor: Actor, exc: Exception, typed: dict[str, Any] | None = None
) -> Response:
    field, words = next(named for kind, named in REFUSED.items() if isinstance(exc, kind))
    return await _shown(request, house, actor, typed=typed, errors={field: words})


async def _tried(request: Request, house: House, actor: Actor, form: FormData) -> Response:
    typed = Fields(form).shown()
    try:
        wish = read_wish(form, house.taxonomy)
    except FormWrong as exc:
        return await _shown(request, house, actor, typed=typed, errors=exc.errors)
    return await _shown(request, house, actor, typed=typed, found=await tried(request, house, wish.criteria))


async def _shown(
    request: Request,
    house: House,
    actor: Actor,
    *,
    said: str = "",
    typed: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    found: Tried | None = None,
) -> Response:
    async with house.record.read() as conn:
        me = await get_subscriber(conn, house.vault, _id(actor), reveal=True)
        wishes = await get_subscriptions(conn, _id(actor))
    context = {
        "me": me,
        "wishes": wishes,
        "wish_wrong": not WISH_FIELDS.isdisjoint(errors or ()),
        "words": {one.id: in_words(one.criteria, house.taxonomy) for one in wishes},
        "found": found,
        "said": said,
        "errors": errors or {},
        "values": _values(house, me) | (typed or {}),
        "codes": codes_for_forms(house),
        "CHANNEL_NAMES": TITLES,
        "more": channels_of(me),
        "switches": [(name, TITLES[name]) for name in EVERYBODYS] + channels_of(me),
        "idle": _idle(me, wishes),
        "waiting": any(one.channel == "sms" and one.consent_at is None for one in me.contacts),
    }
    return page(request, "my.html", context, actor=actor, status=422 if errors else 200)


def channels_of(me: SubscriberOut) -> list[tuple[str, str]]:
    """Return the channels that not everybody has, and this one has an address on, with their titles."""
    held = {one.channel for one in me.contacts if one.withdrawn_at is None}
    return [(name, title) for name, title in TITLES.items() if name in held and name not in EVERYBODYS]


def _idle(me: SubscriberOut, wishes: Sequence[SubscriptionOut]) -> list[str]:
    """Return the channels with a confirmed address to which nothing would go: profile matches go there on request."""
    chosen = {channel for wish in wishes for channel in wish.channels}
    chosen |= set(me.preferences.profile_channels) if me.profile_matching else set()
    held = {one.channel for one in me.contacts if one.consent_at is not None and one.withdrawn_at is None}
    return sorted(held - chosen - set(me.opted_out)) if "*" not in me.opted_out else []


def _values(house: House, me: SubscriberOut) -> dict[str, Any]:
    """What the forms show before anything is typed."""
    profile, chosen = me.profile, me.preferences
    industries = profile.get("industries") or []
    quiet = chosen.quiet_hours
    revenue = profile.get("revenue")
    return {
        **{name: profile.get(name) for name in ("size", "staff", "founded", "qualifications")},
        "name": me.name,
        "credit_code": me.credit_code,
        "kind": me.kind,
        "region": full_name(house.taxonomy, profile["region"]) if profile.get("region") else "",
        "sections": [code for code in industries if len(code) == 1],
        "industries": "，".join(code for code in industries if len(code) > 1),
        "revenue": decimal(revenue / WAN, 4) if revenue is not None else "",
        "profile_matching": "yes" if me.profile_matching else "no",
        "profile_channels": list(chosen.profile_channels),
        "frequency": chosen.frequency,
        "quiet_from": f"{quiet.start:%H:%M}" if quiet else "",
        "quiet_to": f"{quiet.end:%H:%M}" if quiet else "",
        "channels": ["space", "email"],
    }
