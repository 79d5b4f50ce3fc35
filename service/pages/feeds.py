"""The page that lists the feeds."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from config.taxonomies import Taxonomy
from service.api.security import HouseOf, VisitorOf
from service.pages.render import page

router = APIRouter(include_in_schema=False)

COUNTRY = "100000"
# Three thousand regions and two thousand industries are followed by their code; the page has the upper ones.
HINTS = {
    "region": "市、区、县同样可以：地址里换成六位行政区划代码，例如 /feeds/region/310118.atom。"
    "一个地区的订阅源有适用于它的、适用于其下级地区的，以及全省、全国的政策。",
    "industry": "门类以下同样可以：地址里换成国民经济行业代码，例如 /feeds/industry/I65.atom。"
    "一个行业的订阅源有面向它的、面向其中一类的，以及面向整个门类的政策。",
}


@dataclass(frozen=True)
class Listed:
    """A dimension as the page lists it; ``codes`` are (code, name)."""

    id: str
    title: str
    hint: str
    codes: tuple[tuple[str, str], ...]


@router.get("/feeds")
async def get_feeds(request: Request, house: HouseOf, actor: VisitorOf) -> Response:
    """Every feed, or how its address is made."""
    return page(request, "feeds.html", {"dimensions": listed(house.taxonomy)}, actor=actor)


def listed(taxonomy: Taxonomy) -> list[Listed]:
    """Return the dimensions with the codes that the page lists: all, or the upper ones where there are thousands."""
    return [
        Listed(one, taxonomy.titles[one], HINTS.get(one, ""), tuple(_codes(taxonomy, one)))
        for one in taxonomy.dimensions
    ]


def _codes(taxonomy: Taxonomy, dimension: str) -> list[tuple[str, str]]:
    return [
        (code, entry.name)
        for code, entry in taxonomy.codes[dimension].items()
        if not entry.parent or entry.parent == COUNTRY
    ]
