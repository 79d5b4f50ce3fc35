"""Membership by the member's own word: the call is the consent, and leaving is effective at once."""

from typing import Any

from fastapi import APIRouter, Response

from service.api.changes import tell
from service.api.own import said_by
from service.api.problems import not_found
from service.api.security import HouseOf, OperatorOrSubscriber, Subscriber, own
from service.api.shapes import Slug, plain
from service.house import House
from streams.access import Actor
from subscribers.associations import Association, Membership, find_association
from subscribers.errors import SubscriberLeftError
from subscribers.memberships import join, leave, memberships_of
from subscribers.model import LEFT, SubscriberId
from subscribers.registry import get_subscriber

router = APIRouter(prefix="/api/v1/subscribers", tags=["associations"])

Memberships = list[tuple[Association, Membership]]


@router.get("/{subscriber_id}/memberships")
async def get_memberships(
    subscriber_id: SubscriberId, house: HouseOf, actor: OperatorOrSubscriber
) -> dict[str, Any]:
    """Where a subscriber is a member, with the consent that it gave."""
    own(actor, subscriber_id)
    async with house.record.read() as conn:
        await get_subscriber(conn, house.vault, subscriber_id)
        found = await memberships_of(conn, subscriber_id)
    return {"memberships": [_shown(*one) for one in found]}


@router.post("/{subscriber_id}/memberships/{association_id}", status_code=201)
async def post_membership(
    subscriber_id: SubscriberId, association_id: Slug, house: HouseOf, actor: Subscriber
) -> dict[str, Any]:
    """Join an association: it may then see your name, and hand policies on to you. Again changes nothing.

    Policies that name the association name you once it or an operator has confirmed you.
    """
    own(actor, subscriber_id)
    found = await enter(house, actor, subscriber_id, association_id, "POST memberships")
    return next(_shown(*one) for one in found if one[0].association_id == association_id)


@router.delete("/{subscriber_id}/memberships/{association_id}", status_code=204)
async def delete_membership(
    subscriber_id: SubscriberId, association_id: Slug, house: HouseOf, actor: OperatorOrSubscriber
) -> Response:
    """Leave an association; counts from the next send on. Who is no member has left already."""
    own(actor, subscriber_id)
    await depart(house, actor, subscriber_id, association_id)
    return Response(status_code=204)


async def enter(house: House, actor: Actor, subscriber_id: str, association_id: str, way: str) -> Memberships:
    """Make a subscriber a member on its own word, keeping who said so, when and which way.

    Raises:
        Problem: 404 where there is no such association.
        SubscriberLeftError: it has left the service.
    """
    now = house.clock.now()
    by = f"key {actor.key_id}" if actor.key_id else "signed in by its confirmed contact"
    # No name: the audit keeps this, also when the subscriber has been erased.
    evidence = f"joined by itself: {way}, {by}"
    async with house.record.write() as conn:
        if await find_association(conn, association_id) is None:
            raise not_found(f"association {association_id}")
        if (await get_subscriber(conn, house.vault, subscriber_id)).status == LEFT:
            raise SubscriberLeftError(subscriber_id)
        membership = Membership(association_id, subscriber_id, now, evidence)
        change = await join(conn, membership, actor=said_by(actor))
        found = await memberships_of(conn, subscriber_id)
    if change is not None:
        await tell(house, [change])
    return found


async def depart(house: House, actor: Actor, subscriber_id: str, association_id: str) -> None:
    """End a membership."""
    async with house.record.write() as conn:
        await leave(conn, association_id, subscriber_id, actor=said_by(actor), now=house.clock.now())


def _shown(association: Association, membership: Membership) -> dict[str, Any]:
    shown: dict[str, Any] = plain(
        {
            "association_id": association.association_id,
            "name": association.name,
            "consent_at": membership.consent_at,
            "consent_evidence": membership.evidence,
            "confirmed": membership.confirmed,
        }
    )
    return shown
