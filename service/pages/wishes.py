"""A subscription is changed on a page of its own: what its form does not ask for stays as it is."""

from typing import Any

from fastapi import APIRouter, Request, Response

from config.channels import TITLES
from service.api.changes import tell
from service.api.problems import not_found
from service.api.security import HouseOf
from service.house import House
from service.pages.criteria_words import in_words
from service.pages.editing import Parts, taken_apart
from service.pages.forms import Fields, FormWrong, read_wish, wish_name
from service.pages.joining import codes_for_forms
from service.pages.my import Me, back, channels_of
from service.pages.render import page
from service.trying import Tried, tried
from streams.access import Actor
from subscribers.correcting import change_subscription
from subscribers.errors import UnknownSubscriptionError
from subscribers.registry import get_subscriber, get_subscriptions
from subscribers.subscriptions import SubscriptionOut

router = APIRouter(include_in_schema=False)


@router.get("/my/subscriptions/{subscription_id}")
async def get_wish(subscription_id: str, request: Request, house: HouseOf, actor: Me) -> Response:
    """The form, filled with what the subscription says."""
    return await _shown(request, house, actor, await _wish_of(house, actor, subscription_id))


@router.post("/my/subscriptions/{subscription_id}")
async def post_wish(subscription_id: str, request: Request, house: HouseOf, actor: Me) -> Response:
    """Change it; with ``try`` only show what it would have brought."""
    wish = await _wish_of(house, actor, subscription_id)
    form = await request.form()
    typed = Fields(form).shown()
    try:
        given = read_wish(form, house.taxonomy, taken_apart(wish.criteria, house.taxonomy).kept)
    except FormWrong as exc:
        return await _shown(request, house, actor, wish, typed=typed, errors=exc.errors)
    if Fields(form).one("try"):
        found = await tried(request, house, given.criteria)
        return await _shown(request, house, actor, wish, typed=typed, found=found)
    try:
        async with house.record.write() as conn:
            now = house.clock.now()
            change = await change_subscription(conn, str(actor.subscriber_id), wish.id, given, now=now)
    except UnknownSubscriptionError as exc:
        raise not_found(f"subscription {subscription_id}") from exc
    await tell(house, [change])
    return back("changed")


async def _wish_of(house: House, actor: Actor, subscription_id: str) -> SubscriptionOut:
    async with house.record.read() as conn:
        own = await get_subscriptions(conn, str(actor.subscriber_id))
    found = next((one for one in own if one.id == subscription_id), None)
    if found is None:
        raise not_found(f"subscription {subscription_id}")
    return found


async def _shown(
    request: Request,
    house: House,
    actor: Actor,
    wish: SubscriptionOut,
    *,
    typed: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    found: Tried | None = None,
) -> Response:
    async with house.record.read() as conn:
        me = await get_subscriber(conn, house.vault, str(actor.subscriber_id), reveal=True)
    parts = taken_apart(wish.criteria, house.taxonomy)
    more = dict(channels_of(me)) | {name: TITLES[name] for name in wish.channels if name in TITLES}
    context = {
        "wish": wish,
        "simple": parts.simple,
        "kept": in_words(parts.kept, house.taxonomy),
        # What was typed is the whole form: a box that was emptied is not among it.
        "values": _values(wish, parts, house) if typed is None else typed,
        "errors": errors or {},
        "found": found,
        "codes": codes_for_forms(house),
        "more": [(name, title) for name, title in more.items() if name not in ("space", "email", "sms")],
    }
    return page(request, "my_subscription.html", context, actor=actor, status=422 if errors else 200)


def _values(wish: SubscriptionOut, parts: Parts, house: House) -> dict[str, Any]:
    """What the form shows before anything is typed; a name taken from the conditions is taken from the new ones."""
    own_name = wish.name if wish.name != wish_name(house.taxonomy, wish.criteria) else ""
    return parts.values | {"wish_name": own_name, "channels": list(wish.channels)}
