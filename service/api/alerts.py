"""What an operator has to know of, over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from service.api.security import HouseOf, Operator
from service.api.shapes import Limit, plain
from streams.alerts import list_alerts

router = APIRouter(prefix="/api/v1", tags=["operations"])


@router.get("/alerts")
async def get_alerts(
    house: HouseOf,
    actor: Operator,
    ended: Annotated[bool, Query(description="those that are over as well")] = False,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Alerts that are open, newest first."""
    async with house.record.read() as conn:
        return {"alerts": plain(await list_alerts(conn, ended=ended, limit=limit))}
