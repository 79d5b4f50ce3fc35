"""Previews: whom a policy would reach, before it is published or while it waits for its release."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query

from config.clock import SHANGHAI
from service.api.policies import policy_owner
from service.api.problems import not_found
from service.api.security import Emitter, HouseOf
from service.house import House
from service.reading import agencies_with, visible_policy
from streams.access import Actor, region_of
from streams.events.fields import MAX_REVISION
from streams.events.policy_data import PolicyData
from streams.policies import standing
from streams.preview import preview
from streams.preview.asking import Asked, of_draft, of_view
from streams.preview.sms_cost import sms_length

router = APIRouter(prefix="/api/v1/policies", tags=["policies"])

PREVIEW_TIMEOUT_S = 10.0


@router.post("/preview")
async def post_preview(house: HouseOf, actor: Emitter, data: PolicyData) -> dict[str, Any]:
    """Whom policy data would reach, before anything is published."""
    async with house.record.read() as conn:
        region = await region_of(conn, actor.agency_id or "")
        # A policy_id that nobody has yet is the asker's to be; one that only others have is not.
        owners = await agencies_with(conn, data.policy_id, public_only=False)
        known = await standing(conn, actor.agency_id or "", data.policy_id)
    today = house.clock.now().astimezone(SHANGHAI).date()
    before = None if known is None else (str(actor.agency_id), data.policy_id, known.revision)
    policy = await asyncio.to_thread(
        of_draft, data, house.labeller, region=region, today=today, calendar=house.calendar, before=before
    )
    return await audience(house, actor, policy, own=not owners or actor.agency_id in owners)


@router.get("/{policy_id}/audience")
async def get_audience(
    policy_id: str,
    house: HouseOf,
    actor: Emitter,
    revision: Annotated[int | None, Query(ge=1, le=MAX_REVISION)] = None,
) -> dict[str, Any]:
    """Whom a revision would reach if it were released now, with what its reviewer has corrected."""
    async with house.record.read() as conn:
        owner = await policy_owner(conn, actor, policy_id, actor.agency_id)
        view = await visible_policy(conn, actor, owner, policy_id, revision)
    if view is None:
        raise not_found(f"policy {policy_id}")
    return await audience(house, actor, of_view(view), own=True)


async def audience(house: House, actor: Actor, policy: Asked, *, own: bool) -> dict[str, Any]:
    """Return a preview with what its text messages would cost."""
    found = await preview(
        house.record,
        house.log,
        policy,
        taxonomy=house.taxonomy,
        shards=house.settings.shards,
        timeout_s=PREVIEW_TIMEOUT_S,
        clock=house.clock,
        own=own,
    )
    return found | {"sms": _sms(house, actor, policy, found["by_channel"].get("sms"))}


def _sms(house: House, actor: Actor, policy: Asked, recipients: int | str | None) -> dict[str, Any] | None:
    """Return what the text messages would cost at most, None where there are none; a hidden count has no total."""
    if recipients is None:
        return None
    length = sms_length(
        policy.data,
        url=f"{house.settings.base_url}/policies/{actor.agency_id}/{policy.data['policy_id']}",
        signature=house.settings.sms_signature,
        now=house.clock.now(),
    )
    total = length.parts * recipients if isinstance(recipients, int) else None
    return {"parts": length.parts, "billed": length.billed, "total": total}
