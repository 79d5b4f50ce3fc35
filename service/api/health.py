"""Whether it runs, for everybody, and what it counts, for the machine it runs on and for operators."""

from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from service.api.problems import Problem
from service.api.security import HouseOf, VisitorOf
from streams.access import Role

router = APIRouter(tags=["health"])

OK = "ok"
LOCAL = ("127.0.0.1", "::1")
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@router.get("/healthz")
async def healthz(request: Request, house: HouseOf) -> dict[str, Any]:
    """``ok``, or ``degraded`` with what is away; the service answers and waits in both cases, so the status is 200."""
    checks = {"record": await _record(house)}
    if request.app.state.health is not None:
        checks |= dict(request.app.state.health())
    return {"status": OK if all(said == OK for said in checks.values()) else "degraded", "checks": checks}


@router.get("/metrics")
async def metrics(request: Request, house: HouseOf, actor: VisitorOf) -> Response:
    """Prometheus' text format, for this machine, an operator's key, or everybody with ZHENGDA_METRICS_PUBLIC."""
    operator = actor is not None and actor.role is Role.OPERATOR
    if not (house.settings.metrics_public or operator or _from_here(request)):
        raise Problem(
            403,
            "metrics are for this machine: ask from it, send an operator's key, or set ZHENGDA_METRICS_PUBLIC=1",
        )
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _from_here(request: Request) -> bool:
    # A reverse proxy on this machine asks from here, too: what it passes on comes from elsewhere.
    passed_on = any(name in request.headers for name in FORWARDED)
    return not passed_on and request.client is not None and request.client.host in LOCAL


async def _record(house: HouseOf) -> str:
    try:
        async with house.record.read() as conn:
            await conn.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError) as exc:
        # Only the kind: a driver's message may name hosts and users.
        return f"away: {type(exc).__name__}"
    return OK
