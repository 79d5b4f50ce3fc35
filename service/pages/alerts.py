"""Alerts as a page, for operators: what is open, and what is over."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from service.api.security import HouseOf, Operator
from service.pages.render import page
from streams.alert_words import KINDS, about, sentence
from streams.alerts import list_alerts

router = APIRouter(include_in_schema=False)


@router.get("/alerts")
async def show_alerts(
    request: Request, house: HouseOf, actor: Operator, ended: Annotated[bool, Query()] = False
) -> Response:
    """The newest first."""
    async with house.record.read() as conn:
        found = await list_alerts(conn, ended=ended)
    shown = [{**one, "about": about(one), "sentence": sentence(one, chinese=True)} for one in found]
    context = {"alerts": shown, "ended": ended, "kinds": KINDS}
    return page(request, "alerts.html", context, actor=actor)
