"""The ledger over HTTP: a name that was mistyped is told from a list that is empty."""

import pytest

from config.channels import NAMES
from subscribers.registry import erase
from tests.servers.api_world import NOW, World

EMPTY = {"deliveries": [], "next": None}


async def test_a_channel_that_does_not_exist_is_refused_with_those_that_do(world: World) -> None:
    for who in ("operator", "publisher"):
        answer = await world.call(who, "GET", "/api/v1/ledger?channel=emial")
        assert answer.status_code == 422
        assert all(name in answer.json()["detail"] for name in NAMES)
    for name in NAMES:
        assert (await world.call("operator", "GET", f"/api/v1/ledger?channel={name}")).json() == EMPTY


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        ("policy=nosuch", "policy nosuch"),
        ("subscriber=nosuch", "subscriber nosuch"),
        ("agency=nosuch", "agency nosuch"),
        ("policy=P-1&agency=other", "policy P-1"),
        ("policy=P-1&subscriber=nosuch", "subscriber nosuch"),
    ],
)
async def test_the_operator_is_told_what_does_not_exist(world: World, query: str, missing: str) -> None:
    await world.publish("P-1")
    answer = await world.call("operator", "GET", f"/api/v1/ledger?{query}")
    assert answer.status_code == 404
    assert answer.json()["detail"].startswith(f"{missing} does not exist")


@pytest.mark.parametrize(
    "query", ["", "policy=P-1", "policy=P-1&agency=sheet", "subscriber=S-1", "state=failed"]
)
async def test_what_exists_and_was_sent_nothing_has_an_empty_ledger(world: World, query: str) -> None:
    await world.publish("P-1", release=False)
    assert (await world.call("operator", "GET", f"/api/v1/ledger?{query}")).json() == EMPTY


async def test_who_was_erased_still_has_a_ledger(world: World) -> None:
    async with world.house.record.write() as conn:
        await erase(conn, "S-1", now=NOW, actor="tests")
    assert (await world.call("operator", "GET", "/api/v1/ledger?subscriber=S-1")).json() == EMPTY


async def test_an_agency_learns_neither_of_subscribers_nor_of_others_policies(world: World) -> None:
    await world.publish("P-1")
    for subscriber in ("S-1", "nosuch"):
        answer = await world.call("other-publisher", "GET", f"/api/v1/ledger?subscriber={subscriber}")
        assert (answer.status_code, answer.json()) == (200, EMPTY)
    said = [
        (await world.call("other-publisher", "GET", f"/api/v1/ledger?policy={policy}")).json()["detail"]
        for policy in ("P-1", "P-9")
    ]
    assert said[0].replace("P-1", "P-9") == said[1]
