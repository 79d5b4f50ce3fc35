"""Associations and their members, each with the consent that it gave."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime
from sqlalchemy.ext.asyncio import AsyncConnection

from service.api.changes import tell
from service.api.problems import Problem, not_found
from service.api.security import HouseOf, Operator, Require
from service.api.shapes import Body, Limit, Slug, Text200, plain
from streams.access import Actor, Role
from subscribers.associations import (
    Association,
    count_members,
    find_association,
    list_associations,
    named_members,
    put_association,
    put_membership,
)
from subscribers.model import SubscriberId
from subscribers.registry import get_subscriber
from subscribers.rows import bump, note

router = APIRouter(prefix="/api/v1/associations", tags=["associations"])

Relayer = Annotated[Actor, Depends(Require(Role.ASSOCIATION))]
AssociationOrOperator = Annotated[Actor, Depends(Require(Role.ASSOCIATION, Role.OPERATOR))]
Chooser = Annotated[Actor, Depends(Require(Role.ASSOCIATION, Role.OPERATOR, Role.SUBSCRIBER))]


class AssociationIn(Body):
    """An association, chamber or park."""

    name: Text200


class MemberIn(Body):
    """When and how a member agreed to be one here."""

    consent_at: AwareDatetime
    consent_evidence: Text200


async def own_association(conn: AsyncConnection, actor: Actor, association_id: str) -> Association:
    """Return an association that ``actor`` may look into: its own, and any for an operator.

    Raises:
        Problem: 403 for another association's key, 404 where there is no such association.
    """
    if actor.role is Role.ASSOCIATION and actor.association_id != association_id:
        raise Problem(403, f"your key is bound to another association than {association_id}")
    found = await find_association(conn, association_id)
    if found is None:
        raise not_found(f"association {association_id}")
    return found


@router.get("")
async def get_all(house: HouseOf, actor: Chooser) -> dict[str, Any]:
    """The associations that one may join; to an association's key its own."""
    async with house.record.read() as conn:
        found = await list_associations(conn)
    mine = (
        one
        for one in found
        if actor.role is not Role.ASSOCIATION or one.association_id == actor.association_id
    )
    return {"associations": [vars(one) for one in mine]}


@router.put("/{association_id}")
async def put_one(
    association_id: Slug, house: HouseOf, actor: Operator, given: AssociationIn
) -> dict[str, Any]:
    """Write an association; its name may be corrected later."""
    async with house.record.write() as conn:
        await put_association(conn, association_id, given.name, now=house.clock.now())
    return {"association_id": association_id, "name": given.name}


@router.get("/{association_id}/members")
async def get_members(
    association_id: Slug,
    house: HouseOf,
    actor: AssociationOrOperator,
    after: Annotated[str | None, Query(max_length=64, description="`next` of the page before")] = None,
    limit: Limit = 100,
    confirmed: Annotated[
        bool | None, Query(description="false: only who joined by itself and waits to be confirmed")
    ] = None,
) -> dict[str, Any]:
    """How many members there are, and who they are by id and name: that they are members is all that it says.

    One that is not `confirmed` joined by itself: policies that name the association do not name it yet.
    """
    async with house.record.read() as conn:
        await own_association(conn, actor, association_id)
        count = await count_members(conn, association_id)
        found = await named_members(conn, association_id, confirmed=confirmed, after=after, limit=limit + 1)
    following = found[limit - 1].subscriber_id if len(found) > limit else None
    return {"count": count, "members": [vars(one) for one in found[:limit]], "next": following}


@router.put("/{association_id}/members/{subscriber_id}")
async def put_one_member(
    association_id: Slug, subscriber_id: SubscriberId, house: HouseOf, actor: Operator, given: MemberIn
) -> dict[str, Any]:
    """Write that a subscriber is a member, with its consent; one that joined by itself is confirmed by it."""
    async with house.record.write() as conn:
        await own_association(conn, actor, association_id)
        await get_subscriber(conn, house.vault, subscriber_id)
        await put_membership(
            conn,
            association_id,
            subscriber_id,
            consent_at=given.consent_at,
            evidence=given.consent_evidence,
        )
        details = {"association_id": association_id, "evidence": given.consent_evidence}
        await note(conn, actor.holder, "membership.put", subscriber_id, details, house.clock.now())
        change = await bump(conn, subscriber_id, house.clock.now())
    # A policy that is open to late comers may name the association.
    await tell(house, [change])
    shown: dict[str, Any] = plain(given.model_dump())
    return {"association_id": association_id, "subscriber_id": subscriber_id} | shown
