"""The relay sheet (接力单): one page of A4 for service windows, with a QR code that leads to the policy."""

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import segno
from fastapi import APIRouter, Request, Response

from config.clock import SHANGHAI
from config.taxonomies import Taxonomy
from service.api.problems import not_found
from service.api.security import HouseOf, VisitorOf
from service.pages.paper import breadth, cut, excerpt, lines
from service.pages.render import chinese_day, templates
from service.pages.standing import over
from service.reading import visible_policy
from streams.labelling import Label
from streams.policies import PolicyView

router = APIRouter(include_in_schema=False)

# What the sheet's style gives: lines of text on the page below facts and headings, characters in a line. A line of the
# title, of so many characters, takes the place of one and a half.
ROOM, PER_LINE, TITLE_PER_LINE = 31, 46, 28
TITLE, FACT, NAMES, CONCERN, CONTACT, URL = 80, 34, 28, 40, 88, 88
SHORTEST_QUOTE = 8
# Whom it concerns, nearest first; kind, theme and action say something else.
CONCERNS = ("subject", "size", "qualification", "industry", "group", "region", "instrument")


@dataclass(frozen=True)
class Concern:
    """The labels of one dimension as the sheet shows them: their names, and words of the policy that prove one."""

    dimension: str
    names: str
    quote: str


@dataclass(frozen=True)
class Sheet:
    """What stands on one sheet; every text has been cut to its place."""

    title: str
    facts: tuple[tuple[str, str], ...]
    concerns: tuple[Concern, ...]
    steps: tuple[tuple[str, str], ...]
    text: tuple[str, ...]
    goes_on: bool
    over: str


@router.get("/sheets/{agency}/{policy_id}")
async def get_sheet(
    request: Request, agency: str, policy_id: str, house: HouseOf, actor: VisitorOf
) -> Response:
    """The sheet of a released, open, untargeted policy, for whoever comes."""
    async with house.record.read() as conn:
        view = await visible_policy(conn, None, agency, policy_id)
    if view is None:
        raise not_found(f"policy {policy_id}")
    now = house.clock.now().astimezone(SHANGHAI)
    address = f"{house.settings.base_url}/policies/{agency}/{policy_id}"
    code = segno.make(address, error="m", micro=False).svg_data_uri(border=2, omitsize=True)
    context = {"sheet": lay_out(view, house.taxonomy, now.date()), "qr": code, "url": address, "printed": now}
    return templates.TemplateResponse(request, "relay/sheet.html", context)


def lay_out(view: PolicyView, taxonomy: Taxonomy, today: date) -> Sheet:
    """Return a policy as it fits on one page, pure."""
    concerns, steps = _concerns(view.labels, taxonomy), _steps(view.data, view.labels, taxonomy)
    title = cut(view.title, TITLE)
    used = math.ceil(1.5 * lines(title, TITLE_PER_LINE)) + len(concerns)
    used += sum(lines(words, PER_LINE - 6) for _, words in steps)
    paragraphs = [line.strip() for line in view.body.splitlines() if line.strip()]
    text, goes_on = excerpt(paragraphs, max(0, ROOM - used), PER_LINE)
    return Sheet(
        title=title,
        facts=_facts(view),
        concerns=concerns,
        steps=steps,
        text=tuple(text),
        goes_on=goes_on,
        over=over(view.data, today),
    )


def _facts(view: PolicyView) -> tuple[tuple[str, str], ...]:
    data = view.data
    until = chinese_day(data.get("valid_until"))
    given = (
        ("发布机构", view.issuer),
        ("发文字号", data.get("doc_number")),
        ("发布日期", chinese_day(data.get("publish_date"))),
        ("施行日期", chinese_day(data.get("effective_date"))),
        ("有效期至", until or "以文件为准"),
    )
    return tuple((name, cut(words, FACT)) for name, words in given if words)


def _concerns(labels: tuple[Label, ...], taxonomy: Taxonomy) -> tuple[Concern, ...]:
    found: list[Concern] = []
    told: set[str] = set()  # a sentence that proves several things is printed once
    for dimension in CONCERNS:
        mine = sorted((one for one in labels if one.dimension == dimension), key=lambda one: -one.weight)
        if not mine:
            continue
        names = cut("、".join(taxonomy.name(dimension, one.code) or one.code for one in mine), NAMES)
        quote = " ".join(next((one.quote for one in mine if one.quote), "").split())
        room = CONCERN - breadth(names)
        shown = cut(quote, room) if room >= SHORTEST_QUOTE and quote not in told else ""
        told |= {quote} if shown else set()
        found.append(Concern(taxonomy.titles.get(dimension, dimension), names, shown))
    return tuple(found)


def _steps(
    data: dict[str, Any], labels: tuple[Label, ...], taxonomy: Taxonomy
) -> tuple[tuple[str, str], ...]:
    window = data.get("apply_window") or {}
    action = next((taxonomy.name("action", one.code) for one in labels if one.dimension == "action"), None)
    opens, closes = chinese_day(window.get("opens")), chinese_day(window.get("closes"))
    url = str(data.get("apply_url") or "")
    given = (
        ("能做什么", action),
        ("申报时间", f"{opens or '即日起'}至{closes or '另行通知'}" if window else None),
        ("申报入口", url if len(url) <= URL else "网址较长，请扫码打开"),
        ("咨询方式", cut(data.get("contact") or "", CONTACT)),
    )
    return tuple((name, words) for name, words in given if words)
