"""A reviewer corrects the numbers that a policy asks of enterprises, on its page and by API."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from config.database.schema import audit, events
from streams.policies import PolicyView, find_policy
from streams.policies.requirements import plain, requirements_of
from tests.integration.test_api_pages import browser
from tests.servers.api_world import World, event

BODY = (
    "一、申报条件\n（一）从业人员20人以上；\n（二）上年度营业收入2000万元以上、4亿元以下；\n（三）成立满1年。\n"
    "二、支持方式\n对新增员工不少于5人的企业给予奖励。\n"
)
PAGE = "/policies/sheet/P-1"
PATH = f"{PAGE}/corrections"
API = "/api/v1/policies/P-1/labels"
STAFF, LEAST_REVENUE, MOST_REVENUE, AGE, NEW_STAFF = range(5)
AS_READ = [["staff", 20, None], ["revenue", 20_000_000, 400_000_000], ["founded", None, 20148]]


async def view_of(world: World) -> PolicyView:
    async with world.house.record.read() as conn:
        view = await find_policy(conn, "sheet", "P-1")
    assert view is not None
    return view


async def asks(world: World) -> dict[str, list[Any]]:
    return {field: ends for field, *ends in plain(requirements_of(await view_of(world)))}


def shown(page: str) -> dict[str, str]:
    """The fields of the form about numbers, as a browser would send them."""
    found = dict(re.findall(r'name="((?:was_)?condition_\d+(?:_is)?)" value="([^"]*)"', page))
    chosen = re.findall(r'<select name="(condition_\d+_is)">.*?value="(\w+)" selected', page, re.DOTALL)
    return found | dict(chosen)


async def sent(world: World, **changes: str) -> Any:
    """Open the page, change some fields and send the form."""
    async with browser(world, "reviewer") as client:
        form = {"revision": "1"} | shown((await client.get(PAGE)).text)
        answer = await client.post(PATH, data=form | changes)
    await world.work()
    return answer


async def test_every_number_stands_on_the_page_with_its_words_and_whether_it_counts(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    async with browser(world, "reviewer") as client:
        page = (await client.get(PAGE)).text
    form = shown(page)
    assert [form[f"condition_{n}"] for n in range(5)] == ["20", "2000", "40000", "1", "5"]
    assert [form[f"condition_{n}_is"] for n in range(5)] == ["on", "on", "on", "on", "off"]
    for words in ("职工人数不少于", "年营业收入不超过", "成立满", "<q>从业人员20人以上</q>"):
        assert words in page
    assert "现在推送时要求：职工不少于 20 人；年营业收入 2000 万元至 4 亿元；成立于 2025-03-01 及以前" in page
    assert 'title="条件：职工人数不少于 20 人"' in page


async def test_a_number_is_changed_and_its_words_and_the_other_side_of_its_limit_stay(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    answer = await sent(world, condition_0="10", condition_2="50000")
    assert answer.headers["location"] == f"{PAGE}?said=corrected#main"
    assert await asks(world) == {
        "staff": [10, None],
        "revenue": [20_000_000, 500_000_000],
        "founded": AS_READ[2][1:],
    }
    facts = {fact.number: fact for fact in (await view_of(world)).facts if fact.name == "conditions"}
    assert facts[STAFF].origin == "reviewer"
    assert facts[STAFF].quote == "从业人员20人以上"
    assert facts[LEAST_REVENUE].origin == "rule"
    async with browser(world, "reviewer") as client:
        page = (await client.get(PAGE)).text
    assert "审查人填写 <q>从业人员20人以上</q>" in page
    assert "现在推送时要求：职工不少于 10 人；年营业收入 2000 万元至 5 亿元" in page


async def test_a_number_is_taken_away_and_one_that_did_not_count_does(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    await sent(world, condition_0_is="off", condition_4_is="on")
    assert (await asks(world))["staff"] == [5, None]
    async with browser(world, "reviewer") as client:
        page = (await client.get(PAGE)).text
    assert re.search("审查人已去掉</legend>\\s*<small><q>从业人员20人以上</q>", page)
    assert "条件：职工人数不少于 20 人" not in page
    assert shown(page)["condition_4_is"] == "on"


async def test_a_change_of_a_number_that_somebody_took_away_meanwhile_is_not_lost_silently(
    world: World,
) -> None:
    await world.publish("P-1", release=False, body=BODY)
    async with browser(world, "reviewer") as client:
        form = {"revision": "1"} | shown((await client.get(PAGE)).text)
        await sent(world, **{f"condition_{STAFF}_is": "off", f"condition_{AGE}_is": "off"})
        changes = {f"condition_{STAFF}": "30", f"condition_{MOST_REVENUE}": "50000"}
        refused = await client.post(PATH, data=form | changes | {f"condition_{AGE}_is": "off"})
        assert refused.status_code == 422
        assert "已由其他审查人去掉" in refused.text
        again = {"revision": "1"} | shown(refused.text)
        assert again[f"condition_{MOST_REVENUE}"] == "50000"
        assert (await client.post(PATH, data=again)).status_code == 303
    await world.work()
    assert await asks(world) == {"revenue": [20_000_000, 500_000_000]}


async def test_a_number_is_added_and_stands_for_its_side_only(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    await sent(world, condition_add="staff-most", condition_add_value="300")
    assert (await asks(world))["staff"] == [20, 300]
    await sent(world, condition_add="staff-least", condition_add_value="8")
    assert (await asks(world))["staff"] == [8, 300]
    await sent(world, condition_add="founded-from", condition_add_value="2020-01-31")
    assert (await asks(world))["founded"] == [18292, AS_READ[2][2]]
    async with browser(world, "reviewer") as client:
        page = (await client.get(PAGE)).text
    assert shown(page)["condition_5"] == "300"
    assert shown(page)["condition_7"] == "2020-01-31"
    await sent(world, condition_5_is="off")
    assert (await asks(world))["staff"] == [8, None]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"condition_0": "许多"}, "condition_0", "请填写 0 以上的整数"),
        ({"condition_0": "2.5"}, "condition_0", "请填写 0 以上的整数"),
        ({"condition_1": "inf"}, "condition_1", "单位万元"),
        ({"condition_3": "0"}, "condition_3", "请填写年数"),
        ({"condition_0": "9", "condition_0_is": "off"}, "condition_0", "改了数字的，请选"),
        ({"condition_add_value": "300"}, "condition_add", "请选择要补充的是什么"),
        (
            {"condition_add": "founded-to", "condition_add_value": "去年"},
            "condition_add_value",
            "写作 2020-01-31",
        ),
        ({"condition_add": "staff-most"}, "condition_add_value", "请填写 0 以上的整数"),
    ],
)
async def test_what_is_wrong_is_told_beside_its_field_with_the_entries_kept(
    world: World, changes: dict[str, str], field: str, words: str
) -> None:
    await world.publish("P-1", release=False, body=BODY)
    answer = await sent(world, **changes)
    assert answer.status_code == 422
    assert f'aria-describedby="wrong-{field}"' in answer.text
    assert re.search(f'id="wrong-{field}">[^<]*{words}', answer.text)
    kept = shown(answer.text)
    kept |= dict(re.findall(r'name="(condition_add_value)" value="([^"]*)"', answer.text))
    kept |= dict(
        re.findall(r'<select name="(condition_add)".*?value="([\w-]+)" selected', answer.text, re.DOTALL)
    )
    assert changes.items() <= kept.items()
    assert plain(requirements_of(await view_of(world))) == AS_READ


async def test_numbers_that_no_enterprise_can_meet_are_refused(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    answer = await sent(world, condition_add="staff-most", condition_add_value="10")
    assert answer.status_code == 422
    assert "没有企业能同时符合这些数字要求" in answer.text
    given = {
        "revision": 1,
        "add": ["size:micro"],
        "conditions": [{"value": condition("employees", "<=", 10, "person")}],
    }
    assert (await world.call("reviewer", "PUT", API, json=given)).status_code == 202
    await world.work()
    async with world.house.record.read() as conn:
        refused = (
            await conn.execute(select(events.c.reason).where(events.c.status == "refused"))
        ).scalar_one()
    assert "no enterprise has a staff between the least and the most" in refused
    view = await view_of(world)
    assert plain(requirements_of(view)) == AS_READ
    assert "size:micro" not in map(str, view.labels), "of what is refused nothing is kept"


def condition(field: str, op: str, value: float, unit: str) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value, "unit": unit}


async def test_the_api_takes_away_changes_and_adds_and_the_audit_says_so(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    given = [
        {"number": AGE, "value": None},
        {"number": STAFF, "value": condition("employees", ">=", 30, "person")},
        {"number": None, "value": condition("established", "<=", 60, "month")},
    ]
    answer = await world.call("reviewer", "PUT", API, json={"revision": 1, "conditions": given})
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
        ([{"value": condition("patents", ">=", 1, "item")}], "conditions.0.value.field"),
        ([{"value": condition("employees", ">=", 1, "yuan")}], "employees is counted in person"),
        ([{"value": condition("established", ">=", 20201331, "day")}], "write a day of founding as 20200131"),
    ],
)
async def test_a_condition_that_means_nothing_is_told_at_once(
    world: World, given: list[Any], words: str
) -> None:
    await world.publish("P-1", release=False, body=BODY)
    answer = await world.call("reviewer", "PUT", API, json={"revision": 1, "conditions": given})
    assert answer.status_code == 422
    assert words in answer.text


async def test_a_condition_that_is_not_there_is_refused_by_the_gate(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    for given, words in (
        ([{"number": 9}], "there is no condition 9"),
        ([{"number": 0}] * 2, "corrected twice"),
    ):
        taken = (await world.call("reviewer", "PUT", API, json={"revision": 1, "conditions": given})).json()
        await world.work()
        path = f"/api/v1/events/{taken['event_id']}"
        status = (await world.call("reviewer", "GET", path)).json()
        assert status["status"] == "refused"
        assert words in status["reason"]


async def test_a_new_revision_is_read_anew(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    await sent(world, condition_0="10")
    amended = event("P-1", revision=2, body=BODY) | {"type": "policy.amended"}
    assert (await world.call("publisher", "POST", "/api/v1/events", json=amended)).status_code == 202
    await world.work()
    assert plain(requirements_of(await view_of(world))) == AS_READ


async def test_a_policy_without_numbers_offers_to_add_one_and_strangers_see_no_form(world: World) -> None:
    await world.publish("P-1", release=False, body="支持软件产业发展。")
    async with browser(world, "reviewer") as client:
        page = (await client.get(PAGE)).text
    assert "现在推送时不按数字筛选企业" in page
    assert 'name="condition_add"' in page
    async with browser(world, "publisher") as client:
        assert "condition_add" not in (await client.get(PAGE)).text
