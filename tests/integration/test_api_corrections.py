"""A reviewer corrects what was read before it is released, on the page and by API."""

import pytest
from sqlalchemy import select

from config.database.schema import audit
from streams.policies import PolicyView, find_policy
from tests.integration.test_api_pages import browser
from tests.servers.api_world import World

BODY = "对高新技术企业给予奖励。申报时间：2026年3月10日至2026年4月30日。本措施有效期至2027年2月28日。"
PATH = "/policies/sheet/P-1/corrections"


async def view_of(world: World) -> PolicyView:
    async with world.house.record.read() as conn:
        view = await find_policy(conn, "sheet", "P-1")
    assert view is not None
    return view


def origins(view: PolicyView, dimension: str) -> dict[str, str]:
    return {label.code: label.origin for label in view.labels if label.dimension == dimension}


async def test_what_the_text_says_stands_on_the_page_with_its_words(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY, apply_window=None, valid_until=None)
    async with browser(world, "reviewer") as client:
        page = (await client.get("/policies/sheet/P-1")).text
    assert "正文读出：2027-02-28" in page
    assert "有效期至2027年2月28日" in page
    assert 'name="apply_until" value="2026-04-30"' in page


async def test_a_reviewer_takes_away_adds_and_sets_in_one_form(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY, labels=[], apply_window=None, valid_until=None)
    form = {
        "revision": "1",
        "remove": "qualification:high-tech",
        "add": "qualification:srdi 老年人",
        "was_valid_until": "2027-02-28",
        "valid_until": "",
        "was_apply_until": "2026-04-30",
        "apply_until": "2026-05-31",
        "was_doc_number": "",
        "doc_number": "",
    }
    async with browser(world, "reviewer") as client:
        answer = await client.post(PATH, data=form)
        assert (answer.status_code, answer.headers["location"][-14:]) == (303, "said=corrected")
        await world.work()
        page = (await client.get("/policies/sheet/P-1?said=corrected")).text
    assert "已记录更正" in page
    assert "审查人标注" in page
    view = await view_of(world)
    assert origins(view, "qualification") == {"srdi": "reviewer"}
    assert origins(view, "group") == {"elderly": "reviewer"}
    assert "valid_until" not in view.data
    assert view.data["apply_window"] == {"opens": "2026-03-10", "closes": "2026-05-31"}
    assert {fact.name: fact.value for fact in view.facts if fact.origin == "reviewer"} == {
        "valid_until": None,
        "apply_until": "2026-05-31",
    }


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "没有改动"),
        ({"add": "没有这样的标签"}, "没有唯一的标签"),
        ({"add": "industry:I99"}, "did you mean I6"),
        ({"valid_until": "明年", "was_valid_until": ""}, "日期应写作"),
        (
            {"apply_from": "2026-05-01", "apply_until": "2026-04-01", "was_apply_until": "2026-04-30"},
            "不得早于",
        ),
        (
            {"apply_from": "2026-05-01", "apply_until": "2026-04-30", "was_apply_until": "2026-04-30"},
            "不得早于",
        ),
    ],
)
async def test_a_correction_that_cannot_be_is_refused_with_what_to_do(
    world: World, form: dict[str, str], words: str
) -> None:
    await world.publish("P-1", release=False, body=BODY)
    async with browser(world, "reviewer") as client:
        answer = await client.post(PATH, data={"revision": "1"} | form)
    assert answer.status_code == 422
    assert words in answer.text


async def test_the_api_corrects_facts_and_says_which_came_from_whom(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY, apply_window=None, valid_until=None)
    given = {"revision": 1, "facts": {"valid_until": "2027-06-30"}}
    answer = await world.call("reviewer", "PUT", "/api/v1/policies/P-1/labels", json=given)
    assert answer.status_code == 202
    await world.work()
    policy = (await world.call("reviewer", "GET", "/api/v1/policies/P-1")).json()
    assert policy["valid_until"] == "2027-06-30"
    facts = {fact["name"]: (fact["value"], fact["origin"]) for fact in policy["facts"]}
    assert facts["valid_until"] == ("2027-06-30", "reviewer")
    assert facts["apply_until"] == ("2026-04-30", "rule")


async def test_the_audit_says_which_fact_a_reviewer_took_away(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    given = {"revision": 1, "facts": {"valid_until": None, "apply_until": "2026-05-31"}}
    await world.call("reviewer", "PUT", "/api/v1/policies/P-1/labels", json=given)
    await world.work()
    async with world.house.record.read() as conn:
        query = select(audit.c.details).where(audit.c.action == "policy.labels_edited")
        details = (await conn.execute(query)).scalar_one()
    assert details["facts"] == {"valid_until": None, "apply_until": "2026-05-31"}


async def test_a_correction_that_would_end_a_period_before_it_begins_changes_nothing(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY, apply_window=None, valid_until=None)
    given = {"revision": 1, "add": ["size:micro"], "facts": {"apply_from": "2026-05-01"}}
    await world.call("reviewer", "PUT", "/api/v1/policies/P-1/labels", json=given)
    await world.work()
    view = await view_of(world)
    assert view.data["apply_window"] == {"opens": "2026-03-10", "closes": "2026-04-30"}
    assert origins(view, "size") == {}


async def test_only_the_agencys_reviewer_corrects(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    for who, status in (("publisher", 403), ("other-reviewer", 404)):
        async with browser(world, who) as client:
            answer = await client.post(PATH, data={"revision": "1", "add": "size:micro"})
        assert answer.status_code == status
