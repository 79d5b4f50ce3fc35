"""Subscribers: their profile, contacts and subscriptions."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from service.api.changes import tell
from service.api.own import said_by
from service.api.security import HouseOf, OperatorOrSubscriber, own
from service.api.shapes import Body
from streams.access import Role
from subscribers.model import SubscriberId, SubscriberIn, SubscriptionIn
from subscribers.notices import addresses_of, ask_many_to_confirm
from subscribers.registry import get_subscriber, get_subscriptions, put_subscriber, put_subscriptions
from subscribers.subscriptions import MAX_SUBSCRIPTIONS

router = APIRouter(prefix="/api/v1/subscribers", tags=["subscribers"])


class SubscriptionsIn(Body):
    """The subscriptions of a subscriber, all of them: those that are missing end."""

    subscriptions: list[SubscriptionIn] = Field(max_length=MAX_SUBSCRIPTIONS)


@router.put("/{subscriber_id}")
async def put_one(
    subscriber_id: SubscriberId, house: HouseOf, actor: OperatorOrSubscriber, given: SubscriberIn
) -> dict[str, Any]:
    """Create a subscriber or replace what is known about it; contacts that are not named any more are removed.

    Consent that an operator gives is taken as it stands. A subscriber proves it: each new address is asked to confirm.
    A credit code that an operator gives is confirmed by it (`credit_code_confirmed`); one that a subscriber gives waits
    until an operator does so.
    """
    own(actor, subscriber_id)
    itself = actor.role is Role.SUBSCRIBER
    if itself:
        bare = tuple(one.model_copy(update={"consent": None}) for one in given.contacts)
        given = given.model_copy(update={"contacts": bare})
    async with house.record.write() as conn:
        change = await put_subscriber(
            conn,
            house.vault,
            subscriber_id,
            given,
            shards=house.settings.shards,
            now=house.clock.now(),
            actor=said_by(actor),
            rejoin=itself,
        )
        if itself:
            asks = await addresses_of(conn, subscriber_id)
            await ask_many_to_confirm(conn, asks, now_real=house.real_clock.now(), invited=True)
    await tell(house, [change])
    return await _shown(house, subscriber_id)


@router.get("/{subscriber_id}")
async def get_one(subscriber_id: SubscriberId, house: HouseOf, actor: OperatorOrSubscriber) -> dict[str, Any]:
    """A subscriber, its addresses masked."""
    own(actor, subscriber_id)
    return await _shown(house, subscriber_id)


@router.put("/{subscriber_id}/subscriptions")
async def put_its_subscriptions(
    subscriber_id: SubscriberId, house: HouseOf, actor: OperatorOrSubscriber, given: SubscriptionsIn
) -> dict[str, Any]:
    """Replace the subscriptions of a subscriber; counts from the next policy on."""
    own(actor, subscriber_id)
    async with house.record.write() as conn:
        change = await put_subscriptions(conn, subscriber_id, given.subscriptions, now=house.clock.now())
    await tell(house, [change])
    return await _its_subscriptions(house, subscriber_id)


@router.get("/{subscriber_id}/subscriptions")
async def get_its_subscriptions(
    subscriber_id: SubscriberId, house: HouseOf, actor: OperatorOrSubscriber
) -> dict[str, Any]:
    """The active subscriptions of a subscriber."""
    own(actor, subscriber_id)
    return await _its_subscriptions(house, subscriber_id)


async def _shown(house: HouseOf, subscriber_id: str) -> dict[str, Any]:
    async with house.record.read() as conn:
        found = await get_subscriber(conn, house.vault, subscriber_id)
    return found.model_dump(mode="json", by_alias=True)


async def _its_subscriptions(house: HouseOf, subscriber_id: str) -> dict[str, Any]:
    async with house.record.read() as conn:
        await get_subscriber(conn, house.vault, subscriber_id)
        found = await get_subscriptions(conn, subscriber_id)
    return {"subscriptions": [item.model_dump(mode="json") for item in found]}
