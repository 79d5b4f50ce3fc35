"""A reviewer corrects the numbers that a policy asks of enterprises, on its page."""

import re
from typing import Any

import pytest

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


def gone(page: str) -> str:
    """The part of the page that lists what was taken away."""
    return page[page.index('<fieldset class="gone">') :].split("</fieldset>")[0]


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
    assert re.search("<li>职工人数不少于 20 人<small>正文 <q>从业人员20人以上</q>", gone(page))
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
    await sent(world, condition_add_0="staff-most", condition_add_0_value="300")
    assert (await asks(world))["staff"] == [20, 300]
    await sent(world, condition_add_0="staff-least", condition_add_0_value="8")
    assert (await asks(world))["staff"] == [8, 300]
    await sent(world, condition_add_0="founded-from", condition_add_0_value="2020-01-31")
    assert (await asks(world))["founded"] == [18292, AS_READ[2][2]]
    async with browser(world, "reviewer") as client:
        page = (await client.get(PAGE)).text
    assert shown(page)["condition_5"] == "300"
    assert shown(page)["condition_7"] == "2020-01-31"
    await sent(world, condition_5_is="off")
    assert (await asks(world))["staff"] == [8, None]


async def test_several_numbers_are_added_at_once(world: World) -> None:
    await world.publish("P-1", release=False, body="支持软件产业发展。")
    await sent(
        world,
        condition_add_0="staff-least",
        condition_add_0_value="10",
        condition_add_1="staff-most",
        condition_add_1_value="300",
        condition_add_2="revenue-least",
        condition_add_2_value="1,000",
    )
    assert await asks(world) == {"staff": [10, 300], "revenue": [10_000_000, None]}


async def test_rows_that_stay_empty_between_others_add_nothing(world: World) -> None:
    await world.publish("P-1", release=False, body="支持软件产业发展。")
    rows = {
        "condition_add_0": "",
        "condition_add_0_value": "",
        "condition_add_1": "",
        "condition_add_1_value": "",
    }
    await sent(world, **rows, condition_add_2="staff-most", condition_add_2_value="300")
    assert await asks(world) == {"staff": [None, 300]}


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"condition_0": "许多"}, "condition_0", "请填写 0 以上的整数"),
        ({"condition_0": "2.5"}, "condition_0", "请填写 0 以上的整数"),
        ({"condition_1": "inf"}, "condition_1", "单位万元"),
        ({"condition_3": "0"}, "condition_3", "请填写年数"),
        ({"condition_0": "9", "condition_0_is": "off"}, "condition_0", "改了数字的，请选"),
        ({"condition_add_0_value": "300"}, "condition_add_0", "请选择要补充的是什么"),
        (
            {"condition_add_1": "founded-to", "condition_add_1_value": "去年"},
            "condition_add_1_value",
            "写作 2020-01-31",
        ),
        ({"condition_add_2": "staff-most"}, "condition_add_2_value", "请填写 0 以上的整数"),
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
    kept |= dict(re.findall(r'name="(condition_add_\d_value)" value="([^"]*)"', answer.text))
    kept |= dict(
        re.findall(
            r'<select name="(condition_add_\d)"(?:(?!</select>).)*?value="([\w-]+)" selected',
            answer.text,
            re.DOTALL,
        )
    )
    assert changes.items() <= kept.items()
    assert plain(requirements_of(await view_of(world))) == AS_READ


async def test_numbers_that_no_enterprise_can_meet_are_refused_on_the_page(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    answer = await sent(world, condition_add_0="staff-most", condition_add_0_value="10")
    assert answer.status_code == 422
    assert "没有企业能同时符合这些数字要求" in answer.text
    assert plain(requirements_of(await view_of(world))) == AS_READ


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
    assert page.count('<select name="condition_add_') == 3
    async with browser(world, "publisher") as client:
        assert "condition_add" not in (await client.get(PAGE)).text
