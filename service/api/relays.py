"""Relays: an association hands a policy on to its members, with a note of its own, and sees how far it came."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncConnection

from config.logging import get_logger
from service.api.associations import AssociationOrOperator, Relayer, own_association
from service.api.problems import Problem, not_found
from service.api.security import HouseOf
from service.api.shapes import Body, Slug, plain
from service.house import House
from service.reading import agencies_that_released, agencies_with, visible_policy
from streams.access import Actor
from streams.campaigns.occurrences import RELAY
from streams.campaigns.record import Campaign
from streams.campaigns.validity import ended
from streams.log import LogUnavailable
from streams.masking import masked
from streams.policies import PolicyView, find_policy
from streams.relay.reach import is_complete, reach_of
from streams.relay.record import Relay, find_relay, hand_on, list_relays, make_relay

router = APIRouter(prefix="/api/v1/associations", tags=["associations"])
log = get_logger(__name__)

MAX_NOTE = 500


class RelayIn(Body):
    """What is handed on, and what the association says to it; the agency may be left out where only one has it."""

    agency_id: Slug | None = None
    policy_id: Annotated[str, Field(min_length=1, max_length=128)]
    note: Annotated[str, StringConstraints(strip_whitespace=True), Field(max_length=MAX_NOTE)] = ""


@router.post("/{association_id}/relays", status_code=201)
async def post_relay(association_id: Slug, house: HouseOf, actor: Relayer, given: RelayIn) -> dict[str, Any]:
    """Hand a policy on: to the members who had no delivery of it; the others see the note beside theirs."""
    return relay_json(await relay_policy(house, actor, association_id, given))


@router.get("/{association_id}/relays")
async def get_relays(association_id: Slug, house: HouseOf, actor: AssociationOrOperator) -> dict[str, Any]:
    """What an association has handed on, newest first."""
    async with house.record.read() as conn:
        await own_association(conn, actor, association_id)
        found = await list_relays(conn, association_id)
    return {"relays": [relay_json(one) | {"title": title} for one, title in found]}


@router.get("/{association_id}/relays/{relay_id}")
async def get_relay(
    association_id: Slug, relay_id: str, house: HouseOf, actor: AssociationOrOperator
) -> dict[str, Any]:
    """One relay with its reach: counts of members, small ones masked, also against subtraction."""
    async with house.record.read() as conn:
        await own_association(conn, actor, association_id)
        found = await find_relay(conn, relay_id)
        if found is None or found.association_id != association_id:
            raise not_found(f"relay {relay_id}")
        return relay_json(found) | await reach_json(conn, found)


async def relay_policy(house: House, actor: Actor, association_id: str, given: RelayIn) -> Relay:
    """Make a relay and hand it on.

    Raises:
        Problem: 404 for one that it cannot see (unknown, targeted or never released), 409 for one that is over, or was
            relayed already.
    """
    now = house.clock.now()
    async with house.record.write() as conn:
        await own_association(conn, actor, association_id)
        agency_id = given.agency_id or await _owner(conn, given.policy_id)
        view = await _relayable(conn, agency_id, given.policy_id, now)
        made, new = await make_relay(
            conn,
            actor,
            association_id,
            agency_id,
            given.policy_id,
            view.revision,
            words=given.note,
            now=now,
        )
    if not new:
        raise Problem(
            409,
            f"revision {made.revision} was relayed by {made.by} at {plain(made.at)}: see relay {made.relay_id}",
        )
    try:
        await hand_on(house.log, made)
    except LogUnavailable as exc:
        # It is durable in the record: the sweep hands it on when the log is back.
        log.warning("relay.handed_on_later", relay=made.relay_id, why=str(exc)[:300])
    return made


async def _owner(conn: AsyncConnection, policy_id: str) -> str:
    owners = await agencies_with(conn, policy_id, public_only=True)
    owners = owners or await agencies_that_released(conn, policy_id)
    if not owners:
        raise not_found(f"policy {policy_id}")
    if len(owners) > 1:
        raise Problem(409, f"several agencies have a policy {policy_id}: add agency_id ({', '.join(owners)})")
    return owners[0]


async def _relayable(conn: AsyncConnection, agency_id: str, policy_id: str, now: datetime) -> PolicyView:
    view = await visible_policy(conn, None, agency_id, policy_id)
    if view is None:
        newest = await find_policy(conn, agency_id, policy_id)
        # What was public once is known; of what never was, an association learns not even that it is there.
        if newest is None or agency_id not in await agencies_that_released(conn, policy_id):
            raise not_found(f"policy {policy_id}")
        raise Problem(409, f"only a released policy can be relayed; this one is {newest.state}")
    occasion = Campaign("", agency_id, policy_id, view.revision, RELAY, "running", ())
    if over := ended(occasion, view, now):
        raise Problem(409, f"nothing would be sent: the policy is {over[0]} ({over[1]})")
    return view


def relay_json(relay: Relay) -> dict[str, Any]:
    """A relay as it was made."""
    shown: dict[str, Any] = plain(asdict(relay))
    return shown


async def reach_json(conn: AsyncConnection, relay: Relay) -> dict[str, Any]:
    """A relay's reach as its association may see it."""
    return {"reach": asdict(masked(await reach_of(conn, relay))), "complete": await is_complete(conn, relay)}
