"""``zhengda subscribers unconfirmed`` and ``confirm``."""

import json
from typing import Any

import httpx

CODE = "91310000MA1K4C0T0N"
CODES = {"subscribers": [{"subscriber_id": "S-1", "name": "甲公司", "credit_code": CODE}], "next": "S-1"}
MEMBERS = {
    "count": 9,
    "members": [{"subscriber_id": "S-2", "name": "乙公司", "confirmed": False}],
    "next": None,
}


def test_codes_that_wait_are_listed_and_how_to_see_the_next_ones(zhengda: Any) -> None:
    path = "/api/v1/credit-codes/unconfirmed"
    zhengda.service.routes["GET", path] = lambda _request: httpx.Response(200, json=CODES)
    assert zhengda("subscribers", "unconfirmed") == 0
    assert all(word in zhengda.out for word in ("S-1", "甲公司", CODE))
    assert "--after S-1" in zhengda.err
    assert zhengda("subscribers", "unconfirmed", "--json") == 0
    assert zhengda.json == CODES


def test_so_are_members_of_an_association(zhengda: Any) -> None:
    asked: list[str] = []

    def listed(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["confirmed"])
        return httpx.Response(200, json=MEMBERS)

    zhengda.service.routes["GET", "/api/v1/associations/soft/members"] = listed
    assert zhengda("subscribers", "unconfirmed", "--association", "soft") == 0
    assert "乙公司" in zhengda.out
    assert asked == ["false"]


def takes(zhengda: Any, path: str) -> list[Any]:
    """Have the service take a confirmation; returns the bodies that come."""
    bodies: list[Any] = []

    def taken(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        return httpx.Response(200, json={"confirmed": True})

    zhengda.service.routes["PUT", path] = taken
    return bodies


def test_a_code_is_confirmed_by_naming_it(zhengda: Any) -> None:
    bodies = takes(zhengda, "/api/v1/subscribers/S-1/credit-code")
    assert zhengda("subscribers", "confirm", "S-1", CODE) == 0
    assert f"the credit code {CODE} of S-1 is confirmed" in zhengda.out.replace("\n", " ")
    assert zhengda("subscribers", "confirm", "S-1", CODE, "--withdraw") == 0
    assert "no longer confirmed" in zhengda.out.replace("\n", " ")
    assert bodies == [{"credit_code": CODE, "confirmed": so} for so in (True, False)]


def test_a_membership_is_confirmed_by_naming_the_association(zhengda: Any) -> None:
    bodies = takes(zhengda, "/api/v1/associations/soft/members/S-1/confirmed")
    assert zhengda("subscribers", "confirm", "S-1", "--association", "soft") == 0
    assert "the membership in soft of S-1 is confirmed" in zhengda.out.replace("\n", " ")
    assert bodies == [{"confirmed": True}]


def test_one_thing_is_confirmed_at_a_time(zhengda: Any) -> None:
    for given in ((), (CODE, "--association", "soft")):
        assert zhengda("subscribers", "confirm", "S-1", *given) == 2
        assert "--association ID" in zhengda.err
