"""Whether it runs, and what it counts; for everybody, and nothing in it is anybody's secret."""

from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from service.api.security import HouseOf

router = APIRouter(tags=["health"])

OK = "ok"


@router.get("/healthz")
async def healthz(request: Request, house: HouseOf) -> dict[str, Any]:
    """``ok``, or ``degraded`` with what is away; the service answers and waits in both cases, so the status is 200."""
    checks = {"record": await _record(house)}
    if request.app.state.health is not None:
        checks |= dict(request.app.state.health())
    return {"status": OK if all(said == OK for said in checks.values()) else "degraded", "checks": checks}


@router.get("/metrics")
async def metrics() -> Response:
    """Prometheus' text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _record(house: HouseOf) -> str:
    try:
        async with house.record.read() as conn:
            await conn.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError) as exc:
        # Only the kind: a driver's message may name hosts and users.
        return f"away: {type(exc).__name__}"
    return OK
