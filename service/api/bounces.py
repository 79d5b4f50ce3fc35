"""What came back from mail servers, over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from channels.email.bounces import Word
from service.api.security import HouseOf, Operator
from service.api.shapes import After, Limit, cursor_checked, plain
from streams.receipts.bounce_list import count_bounces, list_bounces

router = APIRouter(prefix="/api/v1", tags=["operations"])


@router.get("/bounces")
async def get_bounces(
    house: HouseOf,
    actor: Operator,
    word: Word | None = None,
    parked: Annotated[bool | None, Query(description="only what changed nothing, or only the others")] = None,
    after: After = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Bounces of the last 30 days, newest first, without addresses, and how many of each kind there were."""
    async with house.record.read() as conn:
        with cursor_checked(after):
            found, following = await list_bounces(conn, word=word, parked=parked, limit=limit, after=after)
        counts = await count_bounces(conn)
    return {"counts": counts, "bounces": plain(found), "next": following}
