"""The first page, the list of policies, and one policy with its evidence."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from service.api.policies import DecisionIn, State, decide
from service.api.problems import not_found, wrong
from service.api.security import HouseOf, Reviewer, VisitorOf
from service.api.shapes import After, AgencyQuery, cursor_checked
from service.house import House
from service.pages.figures import Figures
from service.pages.policy import policy_page
from service.pages.rates import Rates
from service.pages.render import page, revision_of
from service.reading import AGENCY_ROLES
from streams.access import Actor, Role
from streams.events import EventType
from streams.events.fields import MAX_REVISION
from streams.explanations.record import list_items
from streams.policies import list_policies, states_of

router = APIRouter(include_in_schema=False)

LATEST = 8
PAGE = 20


@router.get("/")
async def get_first_page(request: Request, house: HouseOf, actor: VisitorOf) -> Response:
    """What this is, what it did today, and what is new."""
    figures: Figures = request.app.state.figures
    async with house.record.read() as conn:
        latest, _ = await list_policies(conn, public_only=True, limit=LATEST)
    today = await figures.today(house.clock.now())
    return page(request, "first.html", {"today": today, "latest": latest}, actor=actor)


@router.get("/policies")
async def get_list(
    request: Request,
    house: HouseOf,
    actor: VisitorOf,
    state: State | None = None,
    agency: AgencyQuery = None,
    after: After = None,
) -> Response:
    """Policies, newest first: an agency's own for its staff, all for operators, the public ones for everybody else."""
    staff = actor is not None and (actor.role is Role.OPERATOR or actor.role in AGENCY_ROLES)
    owner = actor.agency_id if actor is not None and actor.role in AGENCY_ROLES else agency
    async with house.record.read() as conn:
        with cursor_checked(after):
            found, following = await list_policies(
                conn,
                agency_id=owner,
                states=[state] if state and staff else None,
                public_only=not staff,
                after=after,
                limit=PAGE,
            )
        waiting, _ = await list_items(conn, agency_id=owner, state="waiting") if staff else ([], None)
        known = await states_of(conn, [(one.agency_id, one.policy_id) for one in waiting])
    rates: Rates = request.app.state.rates
    context = {
        "policies": found,
        "next": following,
        "staff": staff,
        "state": state,
        "waiting": waiting,
        "known": known,
        "rates": await rates.of(owner) if staff else None,
    }
    return page(request, "policies.html", context, actor=actor)


@router.get("/policies/{agency}/{policy_id}")
async def get_one(
    request: Request,
    agency: str,
    policy_id: str,
    house: HouseOf,
    actor: VisitorOf,
    revision: Annotated[int | None, Query(ge=1, le=MAX_REVISION)] = None,
) -> Response:
    """One policy: its text with the proof of every label marked, and the funnel for those who may see it."""
    said = request.query_params.get("said", "")
    return await policy_page(request, house, actor, (agency, policy_id), revision, said=said)


@router.post("/policies/{agency}/{policy_id}/release")
async def post_release(
    request: Request, agency: str, policy_id: str, house: HouseOf, actor: Reviewer
) -> Response:
    """A reviewer's button: release."""
    return await _decided(request, house, actor, agency, policy_id, EventType.RELEASED)


@router.post("/policies/{agency}/{policy_id}/refuse")
async def post_refuse(
    request: Request, agency: str, policy_id: str, house: HouseOf, actor: Reviewer
) -> Response:
    """A reviewer's button: refuse, with the reason."""
    return await _decided(request, house, actor, agency, policy_id, EventType.REFUSED)


async def _decided(
    request: Request, house: House, actor: Actor, agency: str, policy_id: str, kind: EventType
) -> Response:
    if agency != actor.agency_id:
        raise not_found(f"policy {policy_id}")
    form = await request.form()
    revision, reason = revision_of(form), form.get("reason")
    words = reason.strip()[:500] if isinstance(reason, str) else ""
    if kind is EventType.REFUSED and not words:
        raise wrong("reason", "请写明不予通过的理由，发布人会看到")
    reviewed = [name for name in form.getlist("explanation") if isinstance(name, str)]
    given = {"revision": revision, "reason": words or None, "explanations": reviewed}
    await decide(house, actor, kind, policy_id, DecisionIn.model_validate(given))
    said = "released" if kind is EventType.RELEASED else "refused"
    return RedirectResponse(f"/policies/{agency}/{policy_id}?said={said}", status_code=303)
