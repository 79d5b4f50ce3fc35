"""Logging in with a key, once, and out again."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.api.security import COOKIE, HouseOf, VisitorOf, same_origin, start_session
from service.pages.render import page
from streams.access import Actor, Role, authenticate

router = APIRouter(include_in_schema=False)


@router.get("/login")
async def get_login(request: Request, actor: VisitorOf, next: str = "") -> Response:
    """The form that takes a key."""
    return page(request, "login.html", {"next": local_path(next), "failed": False}, actor=actor)


@router.post("/login")
async def post_login(request: Request, house: HouseOf) -> Response:
    """Exchange a key for a session; the key itself is kept nowhere."""
    same_origin(request, house)
    form = await request.form()
    key, following = form.get("key"), form.get("next")
    following = local_path(following if isinstance(following, str) else "")
    actor = None
    if isinstance(key, str):
        async with house.record.read() as conn:
            actor = await authenticate(conn, key.strip())
    if actor is None:
        return page(request, "login.html", {"next": following, "failed": True}, status=401)
    answer = RedirectResponse(following or _home(actor), status_code=303)
    start_session(house, answer, {"key": actor.key_id})
    return answer


@router.post("/logout")
async def post_logout(request: Request, house: HouseOf) -> Response:
    """Forget the session."""
    same_origin(request, house)
    answer = RedirectResponse("/", status_code=303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


def local_path(address: str) -> str:
    """Return ``address`` if it stays on this site, else nothing: a login link must not lead away from it."""
    inside = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if inside else ""


def _home(actor: Actor) -> str:
    if actor.role is Role.SUBSCRIBER:
        return f"/space/{actor.subscriber_id}"
    return "/association" if actor.role is Role.ASSOCIATION else "/policies"
