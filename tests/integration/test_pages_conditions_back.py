"""A number that a reviewer took away is listed on the policy's page, and one button brings it back as it was read."""

import re

from config.database.schema import policy_facts
from streams.policies.requirements import plain, requirements_of
from tests.integration.test_api_pages import browser
from tests.integration.test_pages_conditions import (
    AS_READ,
    BODY,
    PAGE,
    PATH,
    STAFF,
    asks,
    gone,
    sent,
    view_of,
)
from tests.servers.api_world import World


async def test_a_number_that_was_taken_away_comes_back_as_it_was_read(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    await sent(world, condition_0="10")
    await sent(world, condition_0_is="off", condition_2_is="off")
    assert await asks(world) == {"revenue": [20_000_000, None], "founded": AS_READ[2][1:]}
    async with browser(world, "reviewer") as client:
        page = (await client.get(PAGE)).text
    offered = re.findall(r'name="condition_back" value="(\d)" aria-label="恢复：([^"]*)"', gone(page))
    assert offered == [("0", "职工人数不少于 20 人"), ("2", "年营业收入不超过 40000 万元")]
    await sent(world, condition_back="2", condition_3="2")
    assert await asks(world) == {"revenue": AS_READ[1][1:], "founded": [None, 19783]}, (
        "what else was typed, too"
    )
    await sent(world, condition_back="0")
    assert (await asks(world))["staff"] == [20, None]
    facts = {fact.number: fact for fact in (await view_of(world)).facts if fact.name == "conditions"}
    assert (facts[STAFF].quote, facts[STAFF].origin) == ("从业人员20人以上", "reviewer")
    async with browser(world, "reviewer") as client:
        assert "已去掉的数字要求" not in (await client.get(PAGE)).text


async def test_the_enter_key_saves_and_brings_nothing_back(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    await sent(world, condition_0_is="off")
    async with browser(world, "reviewer") as client:
        page = (await client.get(PAGE)).text
    form = page[page.index(f'action="{PATH}') :]
    assert form.index("保存更正</button>") < form.index('name="condition_back"'), (
        "a form's first button is pressed"
    )


async def test_what_another_reviewer_brought_back_meanwhile_is_told_and_stays(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    await sent(world, condition_0_is="off")
    await sent(world, condition_back="0")
    again = await sent(world, condition_back="0")
    assert again.status_code == 422
    assert "可能已由其他审查人恢复" in again.text
    assert plain(requirements_of(await view_of(world))) == AS_READ


async def test_a_number_that_would_contradict_another_does_not_come_back(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    await sent(world, condition_0_is="off", condition_add_0="staff-most", condition_add_0_value="10")
    assert (await asks(world))["staff"] == [None, 10]
    answer = await sent(world, condition_back="0")
    assert answer.status_code == 422
    assert "没有企业能同时符合这些数字要求" in answer.text
    assert (await asks(world))["staff"] == [None, 10]


async def test_a_number_that_is_read_no_more_is_listed_without_a_button(world: World) -> None:
    await world.publish("P-1", release=False, body=BODY)
    await sent(world, condition_0_is="off")
    async with world.house.record.write() as conn:  # as if older rules had read other words
        f = policy_facts.c
        moved = policy_facts.update().where(f.name == "conditions", f.number == 0).values(end=f.end + 1)
        assert (await conn.execute(moved)).rowcount == 1
    async with browser(world, "reviewer") as client:
        page = (await client.get(PAGE)).text
    assert "现在读不出这个数字" in gone(page)
    assert "<q>从业人员20人以上</q>" in gone(page)
    assert "condition_back" not in page
    assert (await sent(world, condition_back="0")).status_code == 422


async def test_numbers_that_are_never_asked_of_enterprises_and_those_a_reviewer_added_are_not_listed(
    world: World,
) -> None:
    await world.publish("P-1", release=False, body="一、申报条件\n（一）研发费用占比不低于5%。\n")
    await sent(world, condition_add_0="staff-most", condition_add_0_value="300")
    given = {"revision": 1, "conditions": [{"number": 0, "value": None}, {"number": 1, "value": None}]}
    answer = await world.call("reviewer", "PUT", "/api/v1/policies/P-1/labels", json=given)
    assert answer.status_code == 202, answer.text
    await world.work()
    assert [fact.value for fact in (await view_of(world)).facts if fact.name == "conditions"] == [None, None]
    async with browser(world, "reviewer") as client:
        page = (await client.get(PAGE)).text
    assert "现在推送时不按数字筛选企业" in page
    assert "已去掉的数字要求" not in page
