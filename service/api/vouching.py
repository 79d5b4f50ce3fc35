"""What subscribers entered themselves, and who says that it is right: only then a targeted policy names them by it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from service.api.associations import AssociationOrOperator, own_association
from service.api.changes import tell
from service.api.security import HouseOf, Operator
from service.api.shapes import Body, Limit, Slug
from service.house import House
from streams.access import Actor
from subscribers.model import CreditCode, SubscriberId
from subscribers.vouching import unconfirmed_codes, vouch_for_code, vouch_for_membership

codes = APIRouter(prefix="/api/v1", tags=["subscribers"])
members = APIRouter(prefix="/api/v1/associations", tags=["associations"])


class CodeIn(Body):
    """The credit code that was looked into, and whether it is the subscriber's."""

    credit_code: CreditCode
    confirmed: bool = Field(default=True, description="false takes a confirmation back")


class ConfirmedIn(Body):
    """Whether the subscriber is a member indeed."""

    confirmed: bool = Field(default=True, description="false takes a confirmation back")


@codes.get("/credit-codes/unconfirmed")
async def get_unconfirmed(
    house: HouseOf,
    actor: Operator,
    after: Annotated[str | None, Query(max_length=64, description="`next` of the page before")] = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Active subscribers that entered their credit code themselves: targeted policies do not name them by it yet."""
    async with house.record.read() as conn:
        found = await unconfirmed_codes(conn, after=after, limit=limit + 1)
    following = found[limit - 1].subscriber_id if len(found) > limit else None
    return {"subscribers": [vars(one) for one in found[:limit]], "next": following}


@codes.put("/subscribers/{subscriber_id}/credit-code")
async def put_code(
    subscriber_id: SubscriberId, house: HouseOf, actor: Operator, given: CodeIn
) -> dict[str, Any]:
    """Confirm the credit code that a subscriber entered itself; 409 where it states another one by now.

    From then on targeted policies name it by this code, as they do where staff entered it.
    """
    now = house.clock.now()
    async with house.record.write() as conn:
        change = await vouch_for_code(
            conn, subscriber_id, given.credit_code, confirmed=given.confirmed, actor=actor.holder, now=now
        )
    # A policy that is open to late comers may name the code.
    await tell(house, [change])
    told = {"credit_code": given.credit_code, "credit_code_confirmed": given.confirmed}
    return {"subscriber_id": subscriber_id} | told


@members.put("/{association_id}/members/{subscriber_id}/confirmed")
async def put_confirmed(
    association_id: Slug,
    subscriber_id: SubscriberId,
    house: HouseOf,
    actor: AssociationOrOperator,
    given: ConfirmedIn,
) -> dict[str, Any]:
    """Confirm a member that joined by itself: from then on policies that name the association name it, too."""
    await vouched(house, actor, association_id, subscriber_id, confirmed=given.confirmed)
    return {"association_id": association_id, "subscriber_id": subscriber_id, "confirmed": given.confirmed}


async def vouched(
    house: House, actor: Actor, association_id: str, subscriber_id: str, *, confirmed: bool
) -> None:
    """Write whether a subscriber is a member indeed, and tell the shards.

    Raises:
        Problem: 403 for another association's key, 404 where there is no such association.
        NoMemberError: it is no member.
    """
    now = house.clock.now()
    async with house.record.write() as conn:
        await own_association(conn, actor, association_id)
        change = await vouch_for_membership(
            conn, association_id, subscriber_id, confirmed=confirmed, actor=actor.holder, now=now
        )
    await tell(house, [change])
