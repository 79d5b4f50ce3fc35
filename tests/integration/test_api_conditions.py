"""A reviewer corrects the numbers that a policy asks of enterprises by API; what cannot be taken is told at once."""

from typing import Any

import pytest
from sqlalchemy import func, select

from config.database.schema import audit, events
from streams.policies.requirements import plain, requirements_of
from tests.integration.test_pages_conditions import AGE, AS_READ, BODY, STAFF, asks, view_of
from tests.servers.api_world import World

API = "/api/v1/policies/P-1/labels"


def condition(field: str, op: str, value: Any, unit: str) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value, "unit": unit}


async def put(world: World, *given: Any, **more: Any) -> Any:
    body = {"revision": 1, "conditions": given} | more
    return await world.call("reviewer", "PUT", API, json=body)


async def said_as_event(world: World, *given: Any) -> Any:
    """The same corrections as a CloudEvent."""
    told = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/tests",
        "type": "policy.labels_edited",
        "data": {"policy_id": "P-1", "revision": 1, "conditions": given},
    }
    return await world.call("reviewer", "POST", "/api/v1/events", json=told)


async def count_of_corrections(world: World) -> int:
    async with world.house.record.read() as conn:
        query = select(func.count()).select_from(events).where(events.c.type == "policy.labels_edited")
        return int((await conn.execute(query)).scalar_one())


async def test_the_api_takes_away_changes_and_adds_and_the_audit_says_so(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    given = [
        {"number": AGE, "value": None},
        {"number": STAFF, "value": condition("employees", ">=", 30, "person")},
        {"number": None, "value": condition("established", "<=", 60, "month")},
    ]
    answer = await put(world, *given)
    assert answer.status_code == 202, answer.text
    await world.work()
    policy = (await world.call("reviewer", "GET", "/api/v1/policies/P-1")).json()
    facts = {fact["number"]: fact for fact in policy["facts"] if fact["name"] == "conditions"}
    assert [facts[n]["origin"] for n in range(6)] == [
        "reviewer",
        "rule",
        "rule",
        "reviewer",
        "rule",
        "reviewer",
    ]
    assert facts[AGE]["value"] is None
    assert facts[STAFF]["value"]["value"] == 30
    assert (await asks(world))["founded"] == [18687, None]
    async with world.house.record.read() as conn:
        query = select(audit.c.details).where(audit.c.action == "policy.labels_edited")
        details = (await conn.execute(query)).scalar_one()
    assert details["conditions"] == given


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([{}], "give a value to add a condition"),
        (
            [{"value": condition("patents", ">=", 1, "person")}],
            "conditions.0.value.field: write 'employees', 'revenue' or 'established'",
        ),
        ([{"value": condition("employees", "=", 1, "person")}], "write '<', '<=', '>' or '>='"),
        ([{"value": condition("employees", ">=", 1, "yuan")}], "employees is counted in person, not in yuan"),
        (
            [{"value": condition("employees", ">=", "many", "person")}],
            "conditions.0.value.value: write a number",
        ),
        (
            [{"value": condition("employees", ">=", True, "person")}],
            "conditions.0.value.value: write a number",
        ),
        ([{"value": condition("employees", ">=", -1, "person")}], "write a number that is at least 0"),
        ([{"value": condition("established", ">=", 20201331, "day")}], "write a day of founding as 20200131"),
        (
            [{"number": 9, "value": None}],
            "there is no condition 9: the policy has 0, 1, 2, 3, 4; name one of them, or leave the number out",
        ),
        ([{"number": STAFF}] * 2, f"condition {STAFF} is corrected twice"),
        (
            [{"value": condition("employees", "<=", 10, "person")}],
            "no enterprise has a staff between the least and the most that are asked; correct one of them",
        ),
        (
            [
                {"number": STAFF, "value": condition("employees", ">=", 300, "person")},
                {"value": condition("employees", "<", 300, "person")},
                {"value": condition("employees", ">=", 301, "person")},
            ],
            "no enterprise has a staff",
        ),
    ],
)
async def test_a_correction_that_cannot_be_taken_is_told_at_once_and_nothing_of_it_is_kept(
    world: World, given: list[Any], words: str
) -> None:
    await world.publish("P-1", release=False, body=BODY)
    for answer in (await put(world, *given, add=["size:micro"]), await said_as_event(world, *given)):
        assert answer.status_code == 422, answer.text
        assert words in answer.json()["detail"]
    await world.work()
    assert await count_of_corrections(world) == 0
    view = await view_of(world)
    assert plain(requirements_of(view)) == AS_READ
    assert "size:micro" not in map(str, view.labels)


async def test_a_policy_that_asks_no_numbers_says_so_to_who_names_one(world: World) -> None:
    await world.publish("P-1", release=False, body="支持软件产业发展。")
    answer = await put(world, {"number": 0})
    assert answer.status_code == 422
    assert "the policy has none; leave the number out to add one" in answer.json()["detail"]


async def test_a_correction_that_hangs_on_an_earlier_one_waits_for_it(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    added = condition("established", "<=", 60, "month")
    assert (await put(world, {"number": STAFF}, {"value": added})).status_code == 202
    at_most_10 = {"value": condition("employees", "<=", 10, "person")}
    assert (await put(world, at_most_10)).status_code == 202, (
        "at least 20 are asked until the first is judged"
    )
    assert (await put(world, {"number": 5, "value": added | {"value": 36}})).status_code == 202
    await world.work()
    assert (await asks(world))["staff"] == [None, 10]
    assert (await asks(world))["founded"][0] == 19417


async def test_the_second_of_two_corrections_that_contradict_each_other_is_refused_by_the_gate(
    world: World,
) -> None:
    await world.publish("P-1", release=False, body=BODY)
    assert (await put(world, {"value": condition("employees", "<=", 30, "person")})).status_code == 202
    given = {"value": condition("employees", ">=", 40, "person")}
    taken = await put(world, given, add=["size:micro"])
    assert taken.status_code == 202
    await world.work()
    status = (await world.call("reviewer", "GET", taken.json()["status_url"])).json()
    assert status["status"] == "refused"
    assert "no enterprise has a staff between the least and the most" in status["reason"]
    view = await view_of(world)
    assert (await asks(world))["staff"] == [20, 30]
    assert "size:micro" not in map(str, view.labels), "of what is refused nothing is kept"
    assert (await put(world, given)).status_code == 422, "what has been judged is told at once again"
