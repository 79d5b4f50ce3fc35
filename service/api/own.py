"""What a subscriber may always do with what is held about it: have it all, take a no back, be forgotten."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from service.api.changes import tell
from service.api.problems import not_found, wrong
from service.api.security import HouseOf, OperatorOrSubscriber, Subscriber, own
from service.api.shapes import Body, plain
from service.house import House
from streams.access import Actor, Role
from subscribers.exporting import export
from subscribers.leaving import ScopeError
from subscribers.model import Change, SubscriberId
from subscribers.registry import erase, get_subscriptions, opt_in, opt_out

router = APIRouter(prefix="/api/v1/subscribers", tags=["subscribers"])


class ScopeIn(Body):
    """What is left or taken up again: ``subscription:<id>``, ``channel:<name>`` or ``all``."""

    scope: Annotated[str, StringConstraints(min_length=1, max_length=100)]


@router.get("/{subscriber_id}/export")
async def get_export(
    subscriber_id: SubscriberId, house: HouseOf, actor: OperatorOrSubscriber
) -> dict[str, Any]:
    """Everything that is held about a subscriber, its contacts in the clear."""
    own(actor, subscriber_id)
    return await exported(house, subscriber_id)


@router.delete("/{subscriber_id}", status_code=204)
async def delete_one(subscriber_id: SubscriberId, house: HouseOf, actor: OperatorOrSubscriber) -> Response:
    """Forget a subscriber for good: its key is destroyed, its ledger rows stay under its bare id."""
    own(actor, subscriber_id)
    await erased(house, subscriber_id, said_by(actor))
    return Response(status_code=204)


@router.post("/{subscriber_id}/opt-out")
async def post_opt_out(
    subscriber_id: SubscriberId, house: HouseOf, actor: OperatorOrSubscriber, given: ScopeIn
) -> dict[str, Any]:
    """End a subscription, close a channel or all of them; counts from the next send on.

    A subscription that was never this subscriber's is answered with 404.
    """
    own(actor, subscriber_id)
    await left(house, subscriber_id, given.scope, via="api")
    await _held(house, subscriber_id, given.scope)
    return {"subscriber_id": subscriber_id, "scope": given.scope}


@router.post("/{subscriber_id}/opt-in")
async def post_opt_in(
    subscriber_id: SubscriberId, house: HouseOf, actor: Subscriber, given: ScopeIn
) -> dict[str, Any]:
    """Take an opt-out back; only the subscriber itself may. What was never subscribed is answered with 404."""
    own(actor, subscriber_id)
    await returned(house, subscriber_id, given.scope)
    await _held(house, subscriber_id, given.scope)
    return {"subscriber_id": subscriber_id, "scope": given.scope}


def said_by(actor: Actor) -> str:
    """Return who did it, for the audit: a subscriber by its bare id, so that nothing names it once it is erased."""
    return str(actor.subscriber_id) if actor.role is Role.SUBSCRIBER else actor.holder


async def exported(house: House, subscriber_id: str) -> dict[str, Any]:
    """Everything about a subscriber as JSON has it."""
    async with house.record.read() as conn:
        whole: dict[str, Any] = plain(await export(conn, house.vault, subscriber_id))
    return {"exported_at": plain(house.clock.now()), **whole}


async def erased(house: House, subscriber_id: str, actor: str) -> None:
    """Erase a subscriber and tell the shards."""
    async with house.record.write() as conn:
        change = await erase(conn, subscriber_id, now=house.clock.now(), actor=actor)
    await tell(house, [change])


async def _held(house: House, subscriber_id: str, scope: str) -> None:
    """Refuse a subscription that was never this subscriber's: nothing came of naming it."""
    kind, _, name = scope.partition(":")
    if kind != "subscription":
        return
    async with house.record.read() as conn:
        held = await get_subscriptions(conn, subscriber_id, ended=True)
    if name not in {one.id for one in held}:
        raise not_found(f"subscription {name}")


async def left(house: House, subscriber_id: str, scope: str, *, via: str) -> None:
    """Opt out; it counts before this returns."""
    try:
        async with house.record.write() as conn:
            change = await opt_out(conn, subscriber_id, scope, via=via, now=house.clock.now())
    except ScopeError as exc:
        raise wrong("scope", str(exc)) from exc
    await tell(house, [change])


async def returned(house: House, subscriber_id: str, scope: str) -> Change:
    """Opt in again."""
    try:
        async with house.record.write() as conn:
            change = await opt_in(conn, subscriber_id, scope, now=house.clock.now())
    except ScopeError as exc:
        raise wrong("scope", str(exc)) from exc
    await tell(house, [change])
    return change
