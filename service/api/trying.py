"""Trying out criteria before subscribing: what they would have brought in the last 90 days."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from pydantic import model_validator

from service.api.security import HouseOf
from service.api.shapes import Body, plain
from service.trying import tried
from subscribers.criteria import Criteria
from subscribers.model import Profile
from subscribers.words.codes import Subject

router = APIRouter(prefix="/api/v1/criteria", tags=["subscribers"])


class TryIn(Body):
    """Criteria, or a profile with the kind of subscriber, or both: what either would bring counts once."""

    criteria: Criteria | None = None
    kind: Subject = "enterprise"
    profile: Profile | None = None

    @model_validator(mode="after")
    def _something(self) -> "TryIn":
        if self.criteria is None and self.profile is None:
            raise ValueError('give criteria, such as {"criteria": {"keywords": ["首版次"]}}, or a profile')
        return self


@router.post("/preview")
async def post_preview(request: Request, house: HouseOf, given: TryIn) -> dict[str, Any]:
    """How many of the policies of the last 90 days would have come, and the newest ten with the reasons.

    Only openly released policies are looked at; nothing is kept of the question.
    """
    found: dict[str, Any] = plain(
        asdict(await tried(request, house, given.criteria, given.kind, given.profile))
    )
    return found
