"""What a message would look like, before any goes: masked, over any channel, on any occasion."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from jinja2 import TemplateError

from channels.message import NOTICES, Message, Occasion
from channels.sms.templates import load_templates
from channels.sms.texts import filled_with
from channels.writing.shown import carried, masked, shown
from config.channels import NAMES
from config.sms_urls import sms_urls
from service.api.policies import policy_owner
from service.api.problems import Problem, not_found, wrong
from service.api.security import HouseOf, Staff
from service.api.shapes import AgencyQuery
from service.house import House
from service.reading import visible_policy
from streams.access import Actor, Role
from streams.events.fields import MAX_REVISION
from streams.policies import PolicyView
from streams.preview.rehearsal import NotForThem, Rehearsed, rehearse

router = APIRouter(prefix="/api/v1", tags=["policies"])


@router.get("/render")
async def get_render(
    house: HouseOf,
    actor: Staff,
    policy: Annotated[str | None, Query(max_length=128, description="not for a notice")] = None,
    occasion: Occasion = Occasion.POLICY,
    channel: str = "email",
    subscriber: Annotated[str | None, Query(max_length=64)] = None,
    revision: Annotated[int | None, Query(ge=1, le=MAX_REVISION)] = None,
    agency: AgencyQuery = None,
) -> dict[str, Any]:
    """A message as its recipient would read it; nothing is planned, nothing goes.

    Its reasons are those of ``subscriber``, as they stand in the ledger or would come now; that takes an operator, for
    what somebody subscribed to is no agency's affair. Without one they are made up from the policy's labels. Links and
    codes are masked. ``lacks`` names what it does not say and would have to.
    """
    if subscriber is not None and actor.role is not Role.OPERATOR:
        raise Problem(403, f"whose message this is takes an operator key; the role of yours is {actor.role}")
    if channel not in NAMES:
        raise wrong("channel", f"{channel} is no channel, use one of {', '.join(NAMES)}")
    if occasion not in carried(channel):
        others = [name for name in NAMES if occasion in carried(name)]
        raise wrong("channel", f"no {occasion} message goes by {channel}, use {' or '.join(others)}")
    if policy is None and occasion not in NOTICES:
        raise wrong("policy", "say which; only confirm, sign_in and invite are about none")
    view = await _view(house, actor, policy, agency, revision) if policy else None
    made = await _rehearsed(house, view, occasion, channel, subscriber)
    try:
        read = shown(channel, masked(made.message), house.settings.sms_signature)
    except (TemplateError, LookupError, TypeError, ValueError) as exc:
        detail = f"the template of {channel}/{occasion} cannot write it: {exc}; mend it in ZHENGDA_TEMPLATES"
        raise Problem(409, detail) from exc
    return {
        "agency_id": view.agency_id if view else None,
        "policy_id": view.policy_id if view else None,
        "revision": view.revision if view else None,
        "occasion": str(occasion),
        "channel": channel,
        "subscriber_id": None if made.sample else subscriber,
        **asdict(read),
        "registered": _registered(house, made.message) if channel == "sms" else [],
    }


def _registered(house: House, message: Message) -> list[dict[str, Any]]:
    """Return what gateways of registered templates would get, each value cut as it is sent there."""
    urls = sms_urls(house.settings.sms_url or "")
    templates = load_templates(house.settings.sms_templates, {one.name: one.kind for one in urls})
    filled = filled_with(masked(message))
    return [
        {"gateway": gateway, "template_id": found.template_id, "parameters": found.parameters(filled)}
        for gateway, known in templates.items()
        if (found := known.get(filled.name)) is not None
    ]


async def _view(
    house: House, actor: Actor, policy: str, agency: str | None, revision: int | None
) -> PolicyView:
    async with house.record.read() as conn:
        owner = await policy_owner(conn, actor, policy, agency)
        view = await visible_policy(conn, actor, owner, policy, revision)
    if view is None:
        raise not_found(f"policy {policy}" + (f" revision {revision}" if revision else ""))
    return view


async def _rehearsed(
    house: House, view: PolicyView | None, occasion: Occasion, channel: str, subscriber: str | None
) -> Rehearsed:
    try:
        async with house.record.read() as conn:
            return await rehearse(
                conn,
                view,
                occasion,
                base_url=house.settings.base_url,
                by_code=channel == "sms",
                subscriber_id=subscriber,
                taxonomy=house.taxonomy,
                calendar=house.calendar,
                now=house.clock.now(),
            )
    except NotForThem as exc:
        raise wrong("subscriber", f"{exc}; leave it out to see a made-up one") from exc
