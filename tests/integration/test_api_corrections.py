"""A reviewer corrects what was read before it is released, on the page and by API."""

import re

import pytest
from sqlalchemy import select

from config.database.schema import audit
from streams.policies import PolicyView, find_policy
from tests.integration.test_api_pages import browser
from tests.servers.api_world import World, event

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


async def test_what_the_publisher_states_is_his_on_the_page_and_in_the_answer(world: World) -> None:
    stated = {"doc_number": "滨经信发〔2026〕1号", "valid_until": "2026-12-31"}
    await world.publish("P-1", release=False, body=BODY, apply_window=None, **stated)
    answer = await world.call("reviewer", "GET", "/api/v1/policies/P-1")
    facts = {one["name"]: (one["value"], one["origin"]) for one in answer.json()["facts"]}
    assert {name: facts[name] for name in stated} == {
        name: (value, "publisher") for name, value in stated.items()
    }
    async with browser(world, "reviewer") as client:
        page = (await client.get("/policies/sheet/P-1")).text
    assert "正文读出：2026-04-30" in page
    assert "正文读出：2027-02-28" not in page
    assert "正文读出：滨经信发" not in page
    assert page.count("发布人填写") == len(stated)


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
        assert (answer.status_code, answer.headers["location"][-19:]) == (303, "said=corrected#main")
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
        ({"add": "industry:I99"}, "最接近的是 industry:I6"),
        ({"valid_until": "明年", "was_valid_until": ""}, "应为日期，写作 2026-03-01"),
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


async def test_a_mistake_shows_the_page_again_with_the_entries_and_what_is_wrong_beside_them(
    world: World,
) -> None:
    await world.publish("P-1", release=False, body=BODY)
    form = {
        "revision": "1",
        "remove": "qualification:high-tech",
        "add": "qualification:srdi 火星人 industry:I99",
        "was_apply_until": "2026-04-30",
        "apply_until": "明年",
    }
    async with browser(world, "reviewer") as client:
        answer = await client.post(PATH, data=form)
    page = answer.text
    assert answer.status_code == 422
    assert "更正没有保存" in page
    assert 'id="corrections" open' in page
    assert 'value="qualification:high-tech" checked' in page
    assert 'name="add" value="qualification:srdi 火星人 industry:I99"' in page
    assert 'id="wrong-add">没有唯一的标签叫“火星人”' in page
    assert "没有标签“industry:I99”：最接近的是 industry:I6" in page
    assert 'name="was_apply_until" value="2026-04-30"' in page
    assert 'name="apply_until" value="明年"' in page
    assert 'id="wrong-apply_until">应为日期' in page
    assert (await view_of(world)).data["apply_window"]["closes"] == "2026-04-30"


async def test_a_mistake_about_a_revision_that_was_released_meanwhile_is_not_led_to_a_form(
    world: World,
) -> None:
    await world.publish("P-1", body=BODY)
    async with browser(world, "reviewer") as client:
        answer = await client.post(PATH, data={"revision": "1", "add": "火星人"})
    assert answer.status_code == 422
    assert "更正没有保存：这一版不能更正" in answer.text
    assert 'id="corrections"' not in answer.text


async def test_a_validity_that_ends_before_it_begins_is_told_beside_its_field(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    form = {"revision": "1", "effective_date": "2026-05-01", "valid_until": "2026-04-01"}
    async with browser(world, "reviewer") as client:
        answer = await client.post(PATH, data=form)
    assert answer.status_code == 422
    assert 'id="wrong-valid_until">有效期至不得早于施行日期' in answer.text


async def test_the_words_of_facts_are_marked_in_the_text_as_those_of_labels_are(world: World) -> None:
    await world.publish("P-1", body=BODY)
    page = (await world.call(None, "GET", "/policies/sheet/P-1", headers={"Accept": "text/html"})).text
    assert '<mark class="fact" title="申报开始：2026-03-10；申报截止：2026-04-30">' in page
    assert "有效期至：2027-02-28" in page


async def test_an_amendment_is_read_anew_and_the_page_shows_what_it_says(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    given = {"revision": 1, "add": ["size:micro"], "facts": {"valid_until": None}}
    await world.call("reviewer", "PUT", "/api/v1/policies/P-1/labels", json=given)
    await world.work()
    await world.call("reviewer", "POST", "/api/v1/policies/P-1/release", json={})
    await world.work()
    body = "对专精特新企业给予奖励。申报时间：2026年5月1日至2026年6月30日。本措施有效期至2028年2月29日。"
    amended = event("P-1", revision=2, body=body, labels=["group:elderly"]) | {"type": "policy.amended"}
    answer = await world.call("publisher", "POST", "/api/v1/events", json=amended)
    assert answer.status_code == 202, answer.text
    await world.work()
    view = await view_of(world)
    assert (view.revision, view.state) == (2, "waiting")
    assert origins(view, "qualification") == {"srdi": "rule"}
    assert origins(view, "size") == {}
    assert view.data["valid_until"] == "2028-02-29"
    assert {fact.origin for fact in view.facts} == {"rule"}
    async with browser(world, "reviewer") as client:
        page = (await client.get("/policies/sheet/P-1")).text
    assert "第 2 版" in page
    assert "正文读出：2028-02-29" in page
    assert 'name="apply_until" value="2026-06-30"' in page
    assert "高新技术企业" not in page.partition("known-labels")[0]
    assert re.search('老年人</span>\\s*<span class="origin">发布人标注</span>', page)


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
