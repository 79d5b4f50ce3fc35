"""``zhengda relay``: whose members, which key, and what a refusal says."""

from typing import Any

import httpx
import pytest

from tests.servers.fake_face import problem

MADE = {
    "relay_id": "r-1",
    "policy_id": "p1",
    "revision": 2,
    "note": "请留意",
    "by": "秘书处",
    "at": "2026-03-01",
}


def takes(zhengda: Any, associations: list[str], *answers: httpx.Response) -> list[httpx.Request]:
    """Let the service know ``associations`` and answer relays of the first one."""
    asked: list[httpx.Request] = []
    left = list(answers) or [httpx.Response(201, json=MADE)]

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return left.pop(0)

    listed = {"associations": [{"association_id": one, "name": one} for one in associations]}
    zhengda.service.routes["GET", "/api/v1/associations"] = lambda _: httpx.Response(200, json=listed)
    for one in (*associations, "named"):
        zhengda.service.routes["POST", f"/api/v1/associations/{one}/relays"] = answer
    return asked


def test_it_relays_for_the_keys_own_association(zhengda: Any) -> None:
    asked = takes(zhengda, ["soft"])
    assert zhengda("relay", "p1", "--note", "请留意", "--json") == 0
    assert zhengda.json == MADE
    (request,) = asked
    assert request.url.path == "/api/v1/associations/soft/relays"
    assert request.content.decode() == '{"policy_id": "p1", "note": "请留意"}'


def test_association_and_agency_may_be_named(zhengda: Any) -> None:
    asked = takes(zhengda, [])
    assert zhengda("relay", "p1", "--association", "named", "--agency", "sheet") == 0
    assert '"agency_id": "sheet"' in asked[0].content.decode()
    assert "r-1" in zhengda.out


@pytest.mark.parametrize("known", [[], ["a", "b"]])
def test_without_one_association_it_asks_for_it(zhengda: Any, known: list[str]) -> None:
    takes(zhengda, known)
    assert zhengda("relay", "p1") == 2
    assert "--association" in zhengda.err


def test_a_relay_that_stands_already_is_a_refusal(zhengda: Any) -> None:
    takes(zhengda, ["soft"], problem(409, "revision 1 was relayed by 秘书处: see relay r-0"))
    assert zhengda("relay", "p1") == 1
    assert "r-0" in zhengda.err
