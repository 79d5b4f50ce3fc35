"""Figures that an office reports."""

from typing import Any

from fastapi import APIRouter

from service.api.security import HouseOf, Staff, own_agency
from service.api.shapes import AgencyQuery
from streams.explanations.rates import interpretation_figures

router = APIRouter(prefix="/api/v1", tags=["figures"])


@router.get("/figures")
async def get_figures(house: HouseOf, actor: Staff, agency: AgencyQuery = None) -> dict[str, Any]:
    """The interpretation rate of an agency's released open policies; operators: of all, or of the one they name."""
    owner = own_agency(actor, agency)
    async with house.record.read() as conn:
        interpretation = await interpretation_figures(conn, owner)
    return {"agency_id": owner, "interpretation": interpretation.as_dict()}
