"""The plan of a policy and the tasks of an agency, over HTTP."""

from datetime import timedelta

from streams.followups.agency_tasks import open_task
from streams.followups.plans import reconcile
from tests.servers.api_world import NOW, World

WINDOW = {"opens": "2026-03-01", "closes": "2026-03-31"}


async def planned(world: World, policy_id: str = "P-1", who: str = "", agency: str = "sheet") -> None:
    """A released policy whose release has been dispatched, as far as its plan goes."""
    await world.publish(policy_id, who=who, apply_window=WINDOW, valid_until="2027-03-31")
    desk = world.house.desk()
    async with world.house.record.write() as conn:
        await reconcile(conn, agency, policy_id, calendar=desk.calendar, rules=desk.follow_ups, now=NOW)


async def test_a_plan_is_shown_by_time_to_its_agency_and_to_the_operator(world: World) -> None:
    await planned(world)
    for who in ("publisher", "reviewer", "operator"):
        answer = (await world.call(who, "GET", "/api/v1/policies/P-1/plan")).json()
        assert (answer["agency_id"], answer["policy_id"]) == ("sheet", "P-1")
        assert [item["due_at"] for item in answer["plan"]] == sorted(
            item["due_at"] for item in answer["plan"]
        )
    reminder = next(item for item in answer["plan"] if item["occurrence"] == "reminder:3:2026-03-31")
    assert {
        name: reminder[name] for name in ("kind", "due_at", "state", "reason", "provisional", "revision")
    } == {
        "kind": "reminder",
        "due_at": "2026-03-26T01:00:00.000Z",
        "state": "planned",
        "reason": None,
        "provisional": False,
        "revision": 1,
    }


async def test_another_agency_s_plan_is_not_there(world: World) -> None:
    await planned(world)
    assert (await world.call("other-publisher", "GET", "/api/v1/policies/P-1/plan")).status_code == 404
    assert (await world.call("publisher", "GET", "/api/v1/policies/P-9/plan")).status_code == 404


async def test_the_operator_names_the_agency_where_two_use_one_id(world: World) -> None:
    await planned(world, "P-2", who="other-", agency="other")
    answer = await world.call("operator", "GET", "/api/v1/policies/P-2/plan?agency=other")
    assert answer.json()["agency_id"] == "other"


async def test_a_policy_that_was_not_released_has_an_empty_plan(world: World) -> None:
    await world.publish("P-3", release=False)
    assert (await world.call("publisher", "GET", "/api/v1/policies/P-3/plan")).json()["plan"] == []


async def test_tasks_are_those_of_the_caller_s_agency_oldest_first(world: World) -> None:
    async with world.house.record.write() as conn:
        await open_task(conn, "sheet", "P-1", "tracking:1", "请做好跟踪解读", NOW)
        await open_task(conn, "sheet", "P-2", "tracking:1", "请做好跟踪解读", NOW - timedelta(days=1))
        await open_task(conn, "other", "P-3", "tracking:1", "请做好跟踪解读", NOW)
    mine = (await world.call("publisher", "GET", "/api/v1/tasks")).json()["tasks"]
    assert [(task["policy_id"], task["settled_at"]) for task in mine] == [("P-2", None), ("P-1", None)]
    assert mine[1]["at"] == "2026-03-02T04:00:00.000Z"
    everybody = (await world.call("operator", "GET", "/api/v1/tasks")).json()["tasks"]
    assert len(everybody) == 3
    assert len((await world.call("operator", "GET", "/api/v1/tasks?agency=other")).json()["tasks"]) == 1
    assert (await world.call("publisher", "GET", "/api/v1/tasks?agency=other")).status_code == 404


async def test_tasks_of_an_agency_that_is_not_there_are_not_an_empty_list(world: World) -> None:
    answer = await world.call("operator", "GET", "/api/v1/tasks?agency=nosuch")
    assert (answer.status_code, "agency nosuch" in answer.json()["detail"]) == (404, True)
    assert (await world.call("operator", "GET", "/api/v1/tasks?agency=other")).json() == {"tasks": []}
    assert (await world.call("operator", "GET", "/api/v1/tasks")).json() == {"tasks": []}
