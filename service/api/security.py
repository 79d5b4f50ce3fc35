"""Who is asking: a key in the Authorization header, or the session cookie that a key was exchanged for."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncConnection

from service.api.problems import Problem
from service.house import House
from streams.access import Actor, Role, actor_by_key, authenticate
from subscribers.registry import active_name
from subscribers.tokens import TokenError

COOKIE = "zhengda_session"
SESSION = timedelta(hours=12)
BY_LINK = "subscriber"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

bearer = HTTPBearer(auto_error=False, description="zd_<key id>_<secret>")


def house_of(request: Request) -> House:
    """The house that the app was made for."""
    house: House = request.app.state.house
    return house


HouseOf = Annotated[House, Depends(house_of)]
BearerOf = Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]


async def visitor(request: Request, house: HouseOf, credentials: BearerOf) -> Actor | None:
    """Return who is asking, None for nobody in particular.

    Raises:
        Problem: 401 for a key that is wrong or revoked (a wrong key is never taken for nobody), 403 for a form that was
            sent with the cookie from another site.
    """
    if "authorization" in request.headers:
        actor = None
        if credentials is not None:
            async with house.record.read() as conn:
                actor = await authenticate(conn, credentials.credentials)
        if actor is None:
            raise unknown_key("this key is unknown or was revoked")
        return actor
    session = read_cookie(house, request.cookies.get(COOKIE))
    if not session:
        return None
    if request.method not in SAFE_METHODS:
        same_origin(request, house)
    async with house.record.read() as conn:
        if BY_LINK in session:
            return await _by_link(conn, str(session[BY_LINK]))
        return await actor_by_key(conn, str(session.get("key", "")))


def start_session(house: House, answer: Response, bound: Mapping[str, str]) -> None:
    """Give ``answer`` the session cookie.

    Args:
        house: signs it.
        answer: goes to the browser.
        bound: ``{"key": key_id}`` for who logged in with a key, ``{BY_LINK: subscriber_id}`` for who came by a link or
            code of its own; either is looked up at each request.
    """
    answer.set_cookie(
        COOKIE,
        house.tokens.sign_session(bound, SESSION, now=house.real_clock.now()),
        max_age=int(SESSION.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=house.settings.base_url.startswith("https:"),
        path="/",
    )


def read_cookie(house: House, cookie: str | None) -> dict[str, Any]:
    """Return what a session is bound to; {} where there is none, or it is over: whoever comes is then a visitor."""
    if not cookie:
        return {}
    try:
        return house.tokens.read_session(cookie, now=house.real_clock.now())
    except TokenError:
        return {}


async def _by_link(conn: AsyncConnection, subscriber_id: str) -> Actor | None:
    name = await active_name(conn, subscriber_id)
    if name is None:
        return None
    return Actor(key_id="", role=Role.SUBSCRIBER, holder=name, subscriber_id=subscriber_id)


VisitorOf = Annotated[Actor | None, Depends(visitor)]


class Require:
    """A dependency that lets only some roles in and says who came."""

    def __init__(self, *roles: Role) -> None:
        self.roles = roles

    async def __call__(self, actor: VisitorOf) -> Actor:
        """Return the actor, or raise 401 (nobody) or 403 (another role)."""
        if actor is None:
            raise unknown_key("send a key: Authorization: Bearer zd_…")
        if actor.role not in self.roles:
            raise Problem(
                403, f"this takes a {' or '.join(self.roles)} key; the role of yours is {actor.role}"
            )
        return actor


STAFF = (Role.PUBLISHER, Role.REVIEWER, Role.OPERATOR)
Operator = Annotated[Actor, Depends(Require(Role.OPERATOR))]
Emitter = Annotated[Actor, Depends(Require(Role.PUBLISHER, Role.REVIEWER))]
Reviewer = Annotated[Actor, Depends(Require(Role.REVIEWER))]
Staff = Annotated[Actor, Depends(Require(*STAFF))]
Reader = Annotated[Actor, Depends(Require(*STAFF, Role.ASSOCIATION))]
Subscriber = Annotated[Actor, Depends(Require(Role.SUBSCRIBER))]
OperatorOrSubscriber = Annotated[Actor, Depends(Require(Role.OPERATOR, Role.SUBSCRIBER))]


def own(actor: Actor, subscriber_id: str) -> None:
    """Let a subscriber see itself and an operator see everybody; 403 for anybody else."""
    if actor.role is Role.SUBSCRIBER and actor.subscriber_id != subscriber_id:
        raise Problem(403, f"your key is bound to another subscriber than {subscriber_id}")


def own_agency(actor: Actor, asked: str | None) -> str | None:
    """Return the agency whose things ``actor`` may see; None is every agency, for an operator who named none."""
    if actor.role is Role.OPERATOR:
        return asked
    if asked is not None and asked != actor.agency_id:
        raise Problem(404, f"agency {asked} does not exist, or is not yours")
    return actor.agency_id


def unknown_key(detail: str) -> Problem:
    """The 401."""
    return Problem(401, detail, headers={"WWW-Authenticate": "Bearer"})


def same_origin(request: Request, house: House) -> None:
    """Refuse what another site sent in a person's name (CSRF): browsers say truly where a POST comes from.

    Raises:
        Problem: 403.
    """
    allowed = {request.headers.get("host", ""), urlsplit(house.settings.base_url).netloc} - {""}
    said = request.headers.get("origin") or request.headers.get("referer")
    fetched = request.headers.get("sec-fetch-site")
    foreign = urlsplit(said).netloc not in allowed if said else fetched not in ("same-origin", "none")
    if foreign:
        raise Problem(
            403,
            "this form was sent from another site; open the page here and send it again",
            said="表单不是从本站的页面提交的，没有生效。请在本站重新打开页面，再提交一次。",
        )
