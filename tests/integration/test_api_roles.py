"""Every route with every role and with none, against the table of docs/faces.md."""

import asyncio
import re
from typing import Any

import httpx
import pytest
from starlette.routing import BaseRoute, Mount

from tests.servers.api_world import ORIGIN, World

OPERATOR, PUBLISHER, REVIEWER = "operator", "publisher", "reviewer"
ASSOCIATION, SUBSCRIBER = "association", "subscriber"
NOBODY = None
ALL = (
    NOBODY,
    PUBLISHER,
    REVIEWER,
    ASSOCIATION,
    SUBSCRIBER,
    OPERATOR,
)  # who erases itself has no key any more
STAFF = (PUBLISHER, REVIEWER, OPERATOR)

MAY: dict[tuple[str, str], tuple[str | None, ...]] = {
    ("POST", "/api/v1/events"): (PUBLISHER, REVIEWER),
    ("GET", "/api/v1/events/{event_id:path}"): STAFF,
    ("GET", "/api/v1/policies"): (*STAFF, ASSOCIATION),
    ("GET", "/api/v1/policies/{policy_id}"): (*STAFF, ASSOCIATION),
    ("PUT", "/api/v1/policies/{policy_id}/labels"): (REVIEWER,),
    ("POST", "/api/v1/policies/{policy_id}/release"): (REVIEWER,),
    ("POST", "/api/v1/policies/{policy_id}/refuse"): (REVIEWER,),
    ("GET", "/api/v1/explanations"): STAFF,
    ("POST", "/api/v1/policies/{policy_id}/{kind}/{item_id}/release"): (REVIEWER,),
    ("POST", "/api/v1/policies/{policy_id}/{kind}/{item_id}/refuse"): (REVIEWER,),
    ("GET", "/api/v1/figures"): STAFF,
    ("POST", "/api/v1/policies/preview"): (PUBLISHER, REVIEWER),
    ("GET", "/api/v1/policies/{policy_id}/funnel"): STAFF,
    ("GET", "/api/v1/policies/{policy_id}/deliveries"): STAFF,
    ("POST", "/api/v1/policies/{policy_id}/campaign/stop"): STAFF,
    ("POST", "/api/v1/policies/{policy_id}/campaign/resume"): STAFF,
    ("GET", "/api/v1/policies/{policy_id}/plan"): STAFF,
    ("GET", "/api/v1/tasks"): STAFF,
    ("GET", "/api/v1/render"): STAFF,
    ("GET", "/api/v1/ledger"): STAFF,
    ("PUT", "/api/v1/subscribers/{subscriber_id}"): (OPERATOR, SUBSCRIBER),
    ("GET", "/api/v1/subscribers/{subscriber_id}"): (OPERATOR, SUBSCRIBER),
    ("PUT", "/api/v1/subscribers/{subscriber_id}/subscriptions"): (OPERATOR, SUBSCRIBER),
    ("GET", "/api/v1/subscribers/{subscriber_id}/subscriptions"): (OPERATOR, SUBSCRIBER),
    ("POST", "/api/v1/subscribers/import"): (OPERATOR,),
    ("GET", "/api/v1/space/{subscriber_id}/messages"): (OPERATOR, SUBSCRIBER),
    ("POST", "/api/v1/space/{subscriber_id}/messages/{message_id}/read"): (SUBSCRIBER,),
    ("POST", "/api/v1/space/{subscriber_id}/messages/{message_id}/acknowledge"): (SUBSCRIBER,),
    ("POST", "/api/v1/space/{subscriber_id}/token"): (OPERATOR, SUBSCRIBER),
    ("GET", "/api/v1/space/{subscriber_id}/events"): (OPERATOR, SUBSCRIBER),
    ("PUT", "/api/v1/agencies/{agency_id}"): (OPERATOR,),
    ("GET", "/api/v1/agencies"): (OPERATOR,),
    ("POST", "/api/v1/keys"): (OPERATOR,),
    ("GET", "/api/v1/keys"): (OPERATOR,),
    ("DELETE", "/api/v1/keys/{key_id}"): (OPERATOR,),
    ("PUT", "/api/v1/associations/{association_id}"): (OPERATOR,),
    ("PUT", "/api/v1/associations/{association_id}/members/{subscriber_id}"): (OPERATOR,),
    ("PUT", "/api/v1/associations/{association_id}/members/{subscriber_id}/confirmed"): (
        OPERATOR,
        ASSOCIATION,
    ),
    ("GET", "/api/v1/credit-codes/unconfirmed"): (OPERATOR,),
    ("PUT", "/api/v1/subscribers/{subscriber_id}/credit-code"): (OPERATOR,),
    ("GET", "/api/v1/associations"): (OPERATOR, ASSOCIATION, SUBSCRIBER),
    ("GET", "/api/v1/associations/{association_id}/members"): (OPERATOR, ASSOCIATION),
    ("GET", "/api/v1/associations/{association_id}/kits"): (OPERATOR, ASSOCIATION),
    ("GET", "/api/v1/associations/{association_id}/kits/{agency_id}/{policy_id}"): (OPERATOR, ASSOCIATION),
    ("POST", "/api/v1/associations/{association_id}/relays"): (ASSOCIATION,),
    ("GET", "/api/v1/associations/{association_id}/relays"): (OPERATOR, ASSOCIATION),
    ("GET", "/api/v1/associations/{association_id}/relays/{relay_id}"): (OPERATOR, ASSOCIATION),
    ("GET", "/api/v1/subscribers/{subscriber_id}/memberships"): (OPERATOR, SUBSCRIBER),
    ("POST", "/api/v1/subscribers/{subscriber_id}/memberships/{association_id}"): (SUBSCRIBER,),
    ("DELETE", "/api/v1/subscribers/{subscriber_id}/memberships/{association_id}"): (OPERATOR, SUBSCRIBER),
    ("GET", "/api/v1/deadletters"): (OPERATOR,),
    ("POST", "/api/v1/deadletters/{dead_letter_id}/replay"): (OPERATOR,),
    ("GET", "/api/v1/outbox"): (OPERATOR,),
    ("GET", "/api/v1/alerts"): (OPERATOR,),
    ("GET", "/api/v1/bounces"): (OPERATOR,),
    ("GET", "/api/v1/suppressions"): (OPERATOR,),
    ("POST", "/api/v1/suppressions"): (OPERATOR,),
    ("POST", "/api/v1/suppressions/find"): (OPERATOR,),
    ("POST", "/api/v1/suppressions/lift"): (OPERATOR,),
    ("POST", "/api/v1/suppressions/import"): (OPERATOR,),
    ("POST", "/api/v1/backup"): (OPERATOR,),
    ("POST", "/api/v1/master-keys/rewrap"): (OPERATOR,),
    ("GET", "/unsubscribe/{token}"): ALL,
    ("POST", "/unsubscribe/{token}"): ALL,
    ("POST", "/unsubscribe/{token}/back"): ALL,
    ("POST", "/api/v1/join"): ALL,
    ("POST", "/api/v1/join/sign-in"): ALL,
    ("POST", "/api/v1/join/confirm"): ALL,
    ("GET", "/api/v1/subscribers/{subscriber_id}/export"): (OPERATOR, SUBSCRIBER),
    ("DELETE", "/api/v1/subscribers/{subscriber_id}"): (OPERATOR, SUBSCRIBER),
    ("POST", "/api/v1/subscribers/{subscriber_id}/opt-out"): (OPERATOR, SUBSCRIBER),
    ("POST", "/api/v1/subscribers/{subscriber_id}/opt-in"): (SUBSCRIBER,),
    ("GET", "/api/v1/subscribers/{subscriber_id}/webhook"): (OPERATOR, SUBSCRIBER),
    ("GET", "/api/v1/subscribers/{subscriber_id}/webhook/secret"): (OPERATOR, SUBSCRIBER),
    ("POST", "/api/v1/subscribers/{subscriber_id}/webhook/rotate"): (OPERATOR, SUBSCRIBER),
    ("POST", "/api/v1/subscribers/{subscriber_id}/webhook/test"): (OPERATOR, SUBSCRIBER),
    ("POST", "/api/v1/subscribers/{subscriber_id}/webhook/enable"): (OPERATOR, SUBSCRIBER),
    ("POST", "/api/v1/subscribers/{subscriber_id}/webhook/replay"): (OPERATOR, SUBSCRIBER),
    ("GET", "/join"): ALL,
    ("POST", "/join"): ALL,
    ("GET", "/join/confirm/{token}"): ALL,
    ("POST", "/join/confirm/{token}"): ALL,
    ("GET", "/join/code"): ALL,
    ("POST", "/join/code"): ALL,
    ("GET", "/my/sign-in"): ALL,
    ("POST", "/my/sign-in"): ALL,
    ("GET", "/my/enter/{token}"): ALL,
    ("POST", "/my/enter/{token}"): ALL,
    ("GET", "/my"): (SUBSCRIBER,),
    ("POST", "/my/who"): (SUBSCRIBER,),
    ("POST", "/my/choices"): (SUBSCRIBER,),
    ("POST", "/my/contacts"): (SUBSCRIBER,),
    ("POST", "/my/contacts/{contact_id}/remove"): (SUBSCRIBER,),
    ("POST", "/my/subscriptions"): (SUBSCRIBER,),
    ("GET", "/my/subscriptions/{subscription_id}"): (SUBSCRIBER,),
    ("POST", "/my/subscriptions/{subscription_id}"): (SUBSCRIBER,),
    ("POST", "/my/leave"): (SUBSCRIBER,),
    ("POST", "/my/return"): (SUBSCRIBER,),
    ("GET", "/my/export"): (SUBSCRIBER,),
    ("GET", "/my/erase"): (SUBSCRIBER,),
    ("POST", "/my/erase"): (SUBSCRIBER,),
    ("GET", "/sms/report"): ALL,
    ("GET", "/sms/incoming"): ALL,
    ("POST", "/sms/{cloud}/{gateway}/{token}"): ALL,
    ("GET", "/api/v1/sms/gateway"): (OPERATOR,),
    ("GET", "/healthz"): ALL,
    ("GET", "/metrics"): ALL,
    ("GET", "/api/docs"): ALL,
    ("GET", "/api/openapi.json"): ALL,
    ("GET", "/"): ALL,
    ("GET", "/login"): ALL,
    ("POST", "/login"): ALL,
    ("POST", "/logout"): ALL,
    ("GET", "/policies"): ALL,
    ("GET", "/policies/{agency}/{policy_id}"): ALL,
    ("POST", "/policies/{agency}/{policy_id}/release"): (REVIEWER,),
    ("POST", "/policies/{agency}/{policy_id}/refuse"): (REVIEWER,),
    ("POST", "/policies/{agency}/{policy_id}/corrections"): (REVIEWER,),
    ("POST", "/policies/{agency}/{policy_id}/{kind}/{item_id}/release"): (REVIEWER,),
    ("POST", "/policies/{agency}/{policy_id}/{kind}/{item_id}/refuse"): (REVIEWER,),
    ("GET", "/space/{subscriber_id}"): (OPERATOR, SUBSCRIBER),
    ("POST", "/space/{subscriber_id}/messages/{message_id}/acknowledge"): (SUBSCRIBER,),
    ("GET", "/space/{subscriber_id}/associations"): (OPERATOR, SUBSCRIBER),
    ("POST", "/space/{subscriber_id}/associations/{association_id}/join"): (SUBSCRIBER,),
    ("POST", "/space/{subscriber_id}/associations/{association_id}/leave"): (SUBSCRIBER,),
    ("GET", "/association"): (ASSOCIATION,),
    ("POST", "/association/members/{subscriber_id}/confirm"): (ASSOCIATION,),
    ("GET", "/association/kits/{agency_id}/{policy_id}"): (ASSOCIATION,),
    ("GET", "/association/relays/{relay_id}"): (ASSOCIATION,),
    ("POST", "/association/kits/{agency_id}/{policy_id}/relay"): (ASSOCIATION,),
    ("GET", "/sheets/{agency}/{policy_id}"): ALL,
    ("GET", "/outbox"): (OPERATOR,),
    ("GET", "/alerts"): (OPERATOR,),
    ("GET", "/api/v1/policies/{policy_id}/audience"): (PUBLISHER, REVIEWER),
    ("GET", "/policies/{agency}/{policy_id}/audience"): (PUBLISHER, REVIEWER),
    ("POST", "/api/v1/criteria/preview"): ALL,
    ("GET", "/feeds"): ALL,
    ("GET", "/feeds/policies.{form}"): ALL,
    ("GET", "/feeds/{dimension}/{code}.{form}"): ALL,
}
CASES = sorted(MAY.items())


def routes_of(routes: list[BaseRoute]) -> set[tuple[str, str]]:
    """Method and path of every route, those of included routers too."""
    found = set()
    for route in routes:
        if isinstance(route, Mount):
            continue
        if hasattr(route, "original_router"):
            found |= routes_of(route.original_router.routes)
            continue
        for method in set(getattr(route, "methods", None) or ()) - {"HEAD"}:
            found.add((method, route.path))  # type: ignore[attr-defined]
    return found


async def test_the_table_names_exactly_the_routes_that_there_are(world: World) -> None:
    assert routes_of(world.app.routes) == set(MAY)


def address(world: World, path: str) -> str:
    """``path`` with its parameters filled in; the subscriber is the one whose key is used."""
    filled = {
        "subscriber_id": "S-1",
        "agency": "sheet",
        "agency_id": "sheet",
        "association_id": "soft",
        "token": world.house.tokens.unsubscribe("S-1", "email"),
    }
    names = re.findall(r"\{(\w+)", path)
    return path.replace(":path", "").format(**{name: filled.get(name, "unknown") for name in names})


async def answer(world: World, who: str | None, method: str, path: str) -> int:
    """The status that ``who`` gets; 200 for a stream that was opened and goes on."""
    given: dict[str, Any] = {"headers": {"Origin": ORIGIN}}
    if path == "/login":
        given["data"] = {"key": world.keys["operator"]}
    elif method in ("POST", "PUT") and path.startswith("/api/"):
        given["json"] = {}
    try:
        response: httpx.Response = await asyncio.wait_for(
            world.call(who, method, address(world, path), **given),
            2.0 if (method, path[-7:]) == ("GET", "/events") else 30,
        )
    except TimeoutError:
        return 200
    return response.status_code


@pytest.mark.parametrize(("route", "allowed"), CASES, ids=[f"{m} {p}" for (m, p), _ in CASES])
async def test_a_route_answers_those_who_may_and_nobody_else(
    world: World, route: tuple[str, str], allowed: tuple[str | None, ...]
) -> None:
    for who in ALL:
        status = await answer(world, who, *route)
        if who in allowed:
            assert status not in (401, 403), f"{who} was refused with {status}"
            assert status < 500, f"{who} got {status}"
        else:
            assert status == (401 if who is NOBODY else 403), f"{who} got {status}"


OWN = [route for route in MAY if "{subscriber_id}" in route[1] and SUBSCRIBER in MAY[route]]


@pytest.mark.parametrize("route", OWN, ids=" ".join)
async def test_a_subscriber_is_refused_what_belongs_to_another(world: World, route: tuple[str, str]) -> None:
    method, path = route
    body: dict[str, Any] = {"name": "乙"}
    if path.endswith("/subscriptions"):
        body = {"subscriptions": []}
    if path.endswith(("/opt-in", "/opt-out")):
        body = {"scope": "all"}
    if path.endswith("/replay"):
        body = {"since": "2026-01-01T00:00:00Z"}
    given = {"json": body} if method == "PUT" or "name" not in body else {}
    where = path.format(subscriber_id="S-2", message_id="unknown", association_id="soft")
    response = await world.call("subscriber", method, where, headers={"Origin": ORIGIN}, **given)
    assert response.status_code == 403


@pytest.mark.parametrize("key", ["zd_", "zd_x_y", "nonsense", "zd_0000000000000000_" + "a" * 43])
async def test_a_wrong_key_is_never_taken_for_nobody(world: World, key: str) -> None:
    async with world.client(Authorization=f"Bearer {key}") as client:
        for path in ("/api/v1/policies", "/", "/policies"):
            response = await client.get(path)
            assert response.status_code == 401
            assert response.headers["www-authenticate"] == "Bearer"


async def test_another_scheme_than_bearer_is_refused(world: World) -> None:
    async with world.client(Authorization="Basic em9lOnpvZQ==") as client:
        assert (await client.get("/api/v1/policies")).status_code == 401


async def test_a_revoked_key_ends_at_once(world: World) -> None:
    key_id = world.keys["publisher"].split("_")[1]
    assert (await world.call("publisher", "GET", "/api/v1/policies")).status_code == 200
    assert (await world.call("operator", "DELETE", f"/api/v1/keys/{key_id}")).status_code == 204
    assert (await world.call("publisher", "GET", "/api/v1/policies")).status_code == 401
    assert (await world.call("operator", "DELETE", f"/api/v1/keys/{key_id}")).status_code == 404
