"""Numbers of the enterprises that a subscription is about, in the forms at /join and /my, as a browser sends them."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from config.database.schema import subscriptions
from tests.integration.test_api_pages import browser
from tests.integration.test_api_trying import ASKING, push
from tests.servers.api_world import ORIGIN, World

URL = "/api/v1/subscribers/S-1/subscriptions"
RANGES = {
    "wish_staff_max": "300",
    "wish_revenue_min": "2,000",
    "wish_revenue_max": "40000.5",
    "wish_founded_from": "2020-01-01",
}
PROFILE = {
    "staff": {"max": 300},
    "revenue": {"min": 20_000_000, "max": 400_005_000},
    "founded": {"from": "2020-01-01"},
}
RICH = {
    "any": [{"all": [{"region": ["310118"]}, {"subject": ["enterprise"]}]}],
    "not": [{"industry": ["K"]}],
    "keywords": ["首版次"],
    "profile": {"staff": {"max": 300}},
}


async def held(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await world.call("subscriber", "GET", URL)).json()["subscriptions"]
    return found


async def put(world: World, **criteria: Any) -> str:
    wish = {"name": "一", "criteria": criteria, "channels": ["space"]}
    answer = await world.call("subscriber", "PUT", URL, json={"subscriptions": [wish]})
    assert answer.status_code == 200, answer.text
    (one,) = await held(world)
    return f"/my/subscriptions/{one['id']}"


def entries(page: str) -> dict[str, str]:
    """What stands in the fields of a page's forms for the ranges."""
    return dict(re.findall(r'name="(wish_(?:staff|revenue|founded)_\w+)" value="([^"]+)"', page))


async def test_a_subscription_takes_ranges_on_the_page_and_shows_them_in_words(world: World) -> None:
    async with browser(world, "subscriber") as client:
        assert entries((await client.get("/my")).text) == {}
        added = await client.post("/my/subscriptions", data={"keywords": "首版次", **RANGES})
        assert added.headers["location"] == "/my?said=wish#main", added.text
        shown = (await client.get("/my")).text
    assert [one["criteria"] for one in await held(world)] == [{"keywords": ["首版次"], "profile": PROFILE}]
    assert "职工不超过 300 人，年营业收入 2000 万元至 40000.5 万元，成立于 2020-01-01 及以后" in shown


async def test_an_enterprise_signs_up_with_ranges(world: World) -> None:
    form = {
        "name": "甲公司",
        "email": "a@firm.example.cn",
        "agreed": "yes",
        "keywords": "首版次",
        "staff": "20",
    }
    async with world.client(None, Accept="text/html", Origin=ORIGIN) as client:
        asked = (await client.get("/join")).text
        assert '<input type="text" name="wish_staff_max" value=""   inputmode="numeric">' in asked
        assert (await client.post("/join", data=form | RANGES)).status_code == 200
    async with world.house.record.read() as conn:
        criteria = (await conn.execute(select(subscriptions.c.criteria))).scalar_one()
    assert criteria == {"keywords": ["首版次"], "profile": PROFILE}


async def test_what_a_form_with_ranges_would_bring_leaves_out_what_asks_for_more(world: World) -> None:
    await push(world, "P-1", body=ASKING)
    async with world.client(None, Accept="text/html", Origin=ORIGIN) as client:
        form = {"try": "yes", "wish_industry": "I65", "profile_matching": "no"}
        for most, count in (("19", 0), ("20", 1)):
            answer = await client.post("/join", data=form | {"wish_staff_max": most})
            assert f"近 90 天您会收到 {count} 条" in answer.text
            assert entries(answer.text) == {"wish_staff_max": most}


@pytest.mark.parametrize("path", ["/join", "/my/subscriptions"])
@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"wish_staff_max": "三百"}, "wish_staff_max", "请填写 0 以上的整数，例如 300"),
        ({"wish_staff_min": "-1"}, "wish_staff_min", "请填写 0 以上的整数，例如 300"),
        ({"wish_revenue_min": "2亿"}, "wish_revenue_min", "请填写 0 以上的数字，单位万元，例如 2000"),
        ({"wish_revenue_max": "inf"}, "wish_revenue_max", "请填写 0 以上的数字，单位万元，例如 2000"),
        ({"wish_revenue_max": "1e12"}, "wish_revenue_max", "数字太大，请核对：单位是万元"),
        ({"wish_founded_to": "去年"}, "wish_founded_to", "请填写日期，写作 2020-01-31"),
        ({"wish_staff_min": "9", "wish_staff_max": "8"}, "wish_staff_max", "“至多”不能小于“至少”"),
        (
            {"wish_founded_from": "2021-01-01", "wish_founded_to": "2020-01-01"},
            "wish_founded_to",
            "“不晚于”不能早于“不早于”",
        ),
    ],
)
async def test_a_wrong_number_is_told_beside_its_field_and_stays(
    world: World, path: str, typed: dict[str, str], field: str, words: str
) -> None:
    async with browser(world, "subscriber") as client:
        answer = await client.post(path, data={"keywords": "首版次"} | typed)
    assert answer.status_code == 422
    assert re.search(
        rf'name="{field}" value="[^"]+"  aria-invalid="true" aria-describedby="wrong-{field}"', answer.text
    )
    assert f'id="wrong-{field}">{words}' in answer.text
    assert entries(answer.text) == typed
    assert await held(world) == []


async def test_every_wrong_range_is_told_at_once_and_no_right_field_is_blamed(world: World) -> None:
    typed = {
        "wish_staff_min": "500",
        "wish_staff_max": "300",
        "wish_revenue_min": "2亿",
        "keywords": "首版次",
    }
    async with browser(world, "subscriber") as client:
        page = (await client.post("/my/subscriptions", data=typed)).text
    assert set(re.findall('id="wrong-([^"]+)"', page)) == {"wish_staff_max", "wish_revenue_min"}


async def test_ranges_alone_are_no_subscription_and_the_page_says_what_is_missing(world: World) -> None:
    async with browser(world, "subscriber") as client:
        answer = await client.post("/my/subscriptions", data={"wish_staff_max": "300"})
    assert answer.status_code == 422
    assert 'id="wrong-keywords">人数、营业收入和成立日期只用来缩小范围，请再选择一个条件' in answer.text


async def test_a_subscription_is_changed_in_its_place_and_what_was_not_touched_stays(world: World) -> None:
    path = await put(
        world,
        any=[{"all": [{"theme": "T07"}, {"region": "310117", "or_unrestricted": True}]}],
        profile=PROFILE,
    )
    async with browser(world, "subscriber") as client:
        assert f'href="{path}"' in (await client.get("/my")).text
        page = (await client.get(path)).text
        assert entries(page) == RANGES | {"wish_revenue_min": "2000"}
        assert 'name="wish_region" value="上海市松江区"' in page
        assert 'value="T07" checked' in page
        form = entries(page) | {
            "wish_name": "一",
            "wish_region": "上海市松江区",
            "themes": "T07",
            "wish_staff_max": "500",
        }
        changed = await client.post(path, data=form | {"channels": "space"})
        assert changed.headers["location"] == "/my?said=changed#main"
        assert "订阅已修改。" in (await client.get("/my?said=changed")).text
    (one,) = await held(world)
    assert f"/my/subscriptions/{one['id']}" == path, "links in older messages still end it"
    assert one["criteria"]["profile"] == PROFILE | {"staff": {"max": 500}}
    assert one["criteria"]["any"] == [
        {"all": [{"region": ["310117"], "or_unrestricted": True}, {"theme": ["T07"]}]}
    ]


async def test_an_emptied_range_is_gone(world: World) -> None:
    path = await put(world, keywords=["首版次"], profile=PROFILE)
    async with browser(world, "subscriber") as client:
        await client.post(path, data={"keywords": "首版次", "wish_staff_min": "", "wish_staff_max": ""})
    assert (await held(world))[0]["criteria"] == {"keywords": ["首版次"]}


async def test_conditions_that_the_form_cannot_show_are_told_and_kept(world: World) -> None:
    path = await put(world, **RICH)
    async with browser(world, "subscriber") as client:
        page = (await client.get(path)).text
        assert "会原样保留：" in page
        assert "不要：" in page
        assert 'name="themes"' not in page
        await client.post(path, data={"keywords": "", "wish_staff_max": "200"})
    (one,) = await held(world)
    assert one["criteria"] == {"any": RICH["any"], "not": RICH["not"], "profile": {"staff": {"max": 200}}}


async def test_keywords_of_several_words_stay_whole_when_a_subscription_is_changed(world: World) -> None:
    path = await put(world, keywords=["Big Data", "大模型", "制造业，数字化"])
    async with browser(world, "subscriber") as client:
        page = (await client.get(path)).text
        assert 'name="keywords" value="大模型"' in page
        assert "会原样保留：提到：Big Data、制造业，数字化。" in page
        await client.post(path, data={"keywords": "大模型，算力", "wish_staff_max": "300"})
    (one,) = await held(world)
    assert set(one["criteria"]["keywords"]) == {"Big Data", "制造业，数字化", "大模型", "算力"}


async def test_a_mistake_in_a_change_shows_what_was_typed_and_changes_nothing(world: World) -> None:
    path = await put(world, keywords=["首版次"], profile={"staff": {"max": 300}})
    async with browser(world, "subscriber") as client:
        answer = await client.post(path, data={"keywords": "首版次", "wish_staff_max": "许多"})
        assert answer.status_code == 422
        assert entries(answer.text) == {"wish_staff_max": "许多"}
        tried = await client.post(path, data={"keywords": "首版次", "wish_staff_max": "9", "try": "yes"})
        assert "近 90 天您会收到 0 条" in tried.text
    assert (await held(world))[0]["criteria"]["profile"] == {"staff": {"max": 300}}


async def test_who_adds_the_first_criteria_again_after_a_change_has_both(world: World) -> None:
    async with browser(world, "subscriber") as client:
        for words in ("首版次", "首版次"):
            await client.post("/my/subscriptions", data={"keywords": words, "wish_staff_max": "300"})
        (one,) = await held(world)
        await client.post(
            f"/my/subscriptions/{one['id']}", data={"keywords": "首版次", "wish_staff_max": "500"}
        )
        for most in ("300", "500"):
            await client.post("/my/subscriptions", data={"keywords": "首版次", "wish_staff_max": most})
    found = [one["criteria"]["profile"]["staff"]["max"] for one in await held(world)]
    assert sorted(found) == [300, 500]


async def test_a_name_taken_from_the_conditions_follows_them_and_an_own_one_stays(world: World) -> None:
    async with browser(world, "subscriber") as client:
        await client.post("/my/subscriptions", data={"keywords": "首版次"})
        path = f"/my/subscriptions/{(await held(world))[0]['id']}"
        for typed, name in (("", "首台套"), ("我们的", "我们的")):
            assert 'name="wish_name" value=""' in (await client.get(path)).text
            await client.post(path, data={"wish_name": typed, "keywords": "首台套"})
            assert [one["name"] for one in await held(world)] == [name]
        assert 'name="wish_name" value="我们的"' in (await client.get(path)).text


async def test_nobody_changes_the_subscription_of_somebody_else_or_one_that_ended(world: World) -> None:
    path = await put(world, keywords=["首版次"])
    async with browser(world) as stranger:
        assert (await stranger.get(path)).status_code in (303, 401)
    async with browser(world, "operator") as other:
        assert (await other.post(path, data={"keywords": "首台套"})).status_code == 403
    await world.call("subscriber", "PUT", URL, json={"subscriptions": []})
    async with browser(world, "subscriber") as client:
        assert (await client.get(path)).status_code == 404
        assert (await client.post(path, data={"keywords": "首台套"})).status_code == 404
