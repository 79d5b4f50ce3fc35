"""Associations and their members, each with the consent that it gave."""

from typing import Any

from fastapi import APIRouter
from pydantic import AwareDatetime
from sqlalchemy import select

from config.database.schema import associations
from service.api.problems import not_found
from service.api.security import HouseOf, Operator
from service.api.shapes import Body, Slug, Text200, plain
from subscribers.associations import put_association, put_membership
from subscribers.model import SubscriberId
from subscribers.registry import get_subscriber

router = APIRouter(prefix="/api/v1/associations", tags=["associations"])


class AssociationIn(Body):
    """An association, chamber or park."""

    name: Text200


class MemberIn(Body):
    """When and how a member agreed to be one here."""

    consent_at: AwareDatetime
    consent_evidence: Text200


@router.put("/{association_id}")
async def put_one(
    association_id: Slug, house: HouseOf, actor: Operator, given: AssociationIn
) -> dict[str, Any]:
    """Write an association; its name may be corrected later."""
    async with house.record.write() as conn:
        await put_association(conn, association_id, given.name, now=house.clock.now())
    return {"association_id": association_id, "name": given.name}


@router.put("/{association_id}/members/{subscriber_id}")
async def put_one_member(
    association_id: Slug, subscriber_id: SubscriberId, house: HouseOf, actor: Operator, given: MemberIn
) -> dict[str, Any]:
    """Write that a subscriber is a member, with its consent."""
    async with house.record.write() as conn:
        known = await conn.scalar(
            select(associations.c.name).where(associations.c.association_id == association_id)
        )
        if known is None:
            raise not_found(f"association {association_id}")
        await get_subscriber(conn, house.vault, subscriber_id)
        await put_membership(
            conn,
            association_id,
            subscriber_id,
            consent_at=given.consent_at,
            evidence=given.consent_evidence,
        )
    shown: dict[str, Any] = plain(given.model_dump())
    return {"association_id": association_id, "subscriber_id": subscriber_id} | shown
