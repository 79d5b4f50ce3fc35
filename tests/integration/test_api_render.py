"""What a message would look like: every occasion over every channel that carries it, with true or made-up reasons."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from channels.message import NOTICES, Occasion
from channels.writing.check import adopt
from channels.writing.render import use_office
from channels.writing.shown import carried
from config.channels import NAMES
from config.database.schema import deliveries, notices
from subscribers.model import SubscriberIn, SubscriptionIn
from subscribers.registry import put_subscriber
from subscribers.subscriptions import put_subscriptions
from tests.servers.api_world import NOW, World, event, open_world

PAIRS = [(channel, occasion) for channel in NAMES for occasion in sorted(carried(channel))]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        await opened.publish("P-1")
        yield opened


@pytest.fixture(autouse=True)
def _shipped_again() -> Iterator[None]:
    yield
    use_office({})


async def seen(world: World, who: str = "reviewer", status: int = 200, **asked: Any) -> dict[str, Any]:
    answer = await world.call(who, "GET", "/api/v1/render", params={"policy": "P-1", **asked})
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def as_operator(world: World, status: int = 200, **asked: Any) -> dict[str, Any]:
    return await seen(world, "operator", status, agency="sheet", **asked)


@pytest.mark.parametrize(("channel", "occasion"), PAIRS)
async def test_every_occasion_can_be_seen_over_every_channel_that_carries_it(
    world: World, channel: str, occasion: Occasion
) -> None:
    read = await seen(world, channel=channel, occasion=str(occasion))
    assert read["lacks"] == []
    assert (read["occasion"], read["channel"]) == (str(occasion), channel)
    title = event("P-1")["data"]["title"]
    if occasion not in NOTICES:
        assert title[:8] in read["text"]
    assert bool(read["html"]) is (channel == "email")
    assert bool(read["segments"]) is (channel == "sms")
    assert bool(read["subject"]) is (channel in ("email", "space"))


@pytest.mark.parametrize(("channel", "occasion"), [pair for pair in PAIRS if pair[1] in NOTICES])
async def test_a_notice_is_about_no_policy_and_its_code_is_masked(
    world: World, channel: str, occasion: Occasion
) -> None:
    answer = await world.call(
        "operator", "GET", "/api/v1/render", params={"occasion": str(occasion), "channel": channel}
    )
    read = answer.json()
    assert (answer.status_code, read["policy_id"], read["lacks"]) == (200, None, [])
    assert "***" in read["text"]
    assert "sample" not in read["text"]
    assert "000000" not in read["text"]


async def test_links_of_a_message_cannot_be_used(world: World) -> None:
    for channel in NAMES:
        read = await seen(world, channel=channel)
        assert "/unsubscribe/sample" not in str(read)
        assert "/unsubscribe/***" in str(read) or channel == "sms"


async def test_a_text_message_is_counted_as_carriers_count_it(world: World) -> None:
    read = await seen(world, channel="sms")
    assert read["text"].startswith("【政达】示范市工业和信息化局发布《关于支持软件产业发展的若干措施》")
    assert read["segments"]["alphabet"] == "ucs2"
    assert read["segments"]["units"] == len(read["text"])
    assert read["segments"]["billed"] == read["segments"]["parts"] >= 2


async def enrolled(world: World, subscriber_id: str, keyword: str) -> None:
    given = SubscriberIn.model_validate({"name": "云山科技", "profile_matching": False})
    async with world.house.record.write() as conn:
        await put_subscriber(
            conn,
            world.house.vault,
            subscriber_id,
            given,
            shards=4,
            now=NOW,
            actor="tests",
        )
        wish = SubscriptionIn.model_validate(
            {"id": "s-1", "name": "盯紧软件", "criteria": {"keywords": [keyword]}, "channels": ["email"]}
        )
        await put_subscriptions(conn, subscriber_id, [wish], now=NOW)


async def test_a_real_subscriber_is_greeted_and_reads_its_own_reasons(world: World) -> None:
    await enrolled(world, "S-7", "中小企业")
    read = await as_operator(world, subscriber="S-7")
    assert read["subscriber_id"] == "S-7"
    assert "因为您订阅了“盯紧软件”：中小企业，原文：“中小企业”" in read["text"]
    assert read["text"].startswith("云山科技："), "as the mail greets it"


@pytest.mark.parametrize("who", ["publisher", "reviewer"])
async def test_what_somebody_subscribed_to_is_no_agencys_affair(world: World, who: str) -> None:
    await enrolled(world, "S-7", "中小企业")
    problem = await seen(world, who, 403, subscriber="S-7")
    assert "operator key" in problem["detail"]


async def test_whom_a_policy_does_not_fit_is_told_so_with_what_to_do(world: World) -> None:
    await enrolled(world, "S-8", "海洋渔业")
    for who in ("S-8", "nobody"):
        problem = await as_operator(world, status=422, subscriber=who)
        assert who in problem["detail"]
        assert "leave it out" in problem["detail"]


async def test_reasons_of_somebody_who_got_it_are_those_of_the_ledger(world: World) -> None:
    from streams.campaigns.record import campaign_id, open_campaign

    campaign = campaign_id("sheet", "P-1", 1, "policy")
    async with world.house.record.write() as conn:
        await open_campaign(conn, "sheet", "P-1", 1, "policy", labels=(), shards=4, now=NOW)
        await conn.execute(
            deliveries.insert(),
            {
                "delivery_id": "d-1",
                "campaign_id": campaign,
                "shard": 0,
                "subscriber_id": "S-1",
                "channel": "space",
                "contact_id": "S-1",
                "reasons": [{"subscription": "former", "labels": []}],
                "state": "delivered",
                "attempts": 1,
                "due_at": NOW,
                "planned_at": NOW,
            },
        )
    read = await as_operator(world, subscriber="S-1", channel="sms")
    assert "因为贵单位曾收到本政策的此前版本" in read["text"]


async def test_an_amendment_says_what_changed_and_a_first_push_does_not(world: World) -> None:
    await world.publish("P-1", title="关于支持软件产业发展的若干措施（修订）")
    amended = await seen(world, occasion="amendment")
    assert amended["subject"].startswith("【修订】")
    assert "标题：关于支持软件产业发展的若干措施 → " in amended["text"]
    assert "标题：" not in (await seen(world, occasion="policy"))["text"]
    assert "若干措施（修订）" not in (await seen(world, occasion="policy", revision=1))["text"]


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"channel": "pigeon"}, 422, "use one of"),
        ({"channel": "space", "occasion": "digest"}, 422, "use email or sms"),
        ({"channel": "webhook", "occasion": "sign_in"}, 422, "use email or sms"),
        ({"occasion": "birthday"}, 422, "occasion"),
        ({"policy": "P-404"}, 404, "P-404"),
        ({"revision": 9}, 404, "revision 9"),
    ],
)
async def test_a_refusal_says_what_to_do(world: World, asked: dict[str, Any], status: int, said: str) -> None:
    assert said in (await seen(world, status=status, **asked))["detail"]


async def test_without_a_policy_only_notices_can_be_seen(world: World) -> None:
    answer = await world.call("operator", "GET", "/api/v1/render")
    assert (answer.status_code, "confirm" in answer.json()["detail"]) == (422, True)


async def test_another_agency_does_not_see_it_and_neither_do_those_outside(world: World) -> None:
    await seen(world, who="other-reviewer", status=404)
    for who in ("association", "subscriber"):
        await seen(world, who=who, status=403)
    assert (await world.call(None, "GET", "/api/v1/render")).status_code == 401


async def test_what_waits_for_its_review_can_be_seen_by_who_reviews_it(world: World) -> None:
    await world.publish("P-2", release=False)
    assert (await seen(world, policy="P-2"))["policy_id"] == "P-2"


async def test_looking_plans_nothing(world: World) -> None:
    for channel, occasion in PAIRS:
        await seen(world, channel=channel, occasion=str(occasion))
    async with world.house.record.read() as conn:
        for table in (deliveries, notices):
            assert await conn.scalar(select(func.count()).select_from(table)) == 0


async def test_an_offices_template_is_what_is_seen_and_what_it_lacks_is_said(
    world: World, tmp_path: Path
) -> None:
    layout = tmp_path / "own" / "sms" / "layout.txt.jinja"
    layout.parent.mkdir(parents=True)
    layout.write_text(
        "【{{ signature }}】本局通知：{% block news %}{% endblock %}（{{ slots.why }}）", encoding="utf-8"
    )
    adopt(tmp_path / "own")
    read = await seen(world, channel="sms")
    assert read["text"].startswith("【政达】本局通知：")
    assert read["lacks"] == ["does not say how to leave: 退订回T"]


async def test_what_a_cloud_would_get_is_shown_as_it_is_cut(world: World, tmp_path: Path) -> None:
    templates = tmp_path / "sms.toml"
    templates.write_text(
        '[cloud.policy]\nid = "1001"\nvariables = ["issuer:6", "title", "code|无", "path"]\n',
        encoding="utf-8",
    )
    settings = {
        "sms_url": "tencent://id:key@sms.tencentcloudapi.com?app=1&name=cloud",
        "sms_templates": templates,
    }
    house = replace(world.house, settings=world.house.settings.model_copy(update=settings))
    world.app.state.house = house
    read = await seen(world, channel="sms")
    title = event("P-1")["data"]["title"]
    parameters = {"1": "示范市工业…", "2": title, "3": "无", "4": "policies/sheet/P-1"}
    assert read["registered"] == [{"gateway": "cloud", "template_id": "1001", "parameters": parameters}]
    assert (await seen(world, channel="sms", occasion="reminder"))["registered"] == []
    assert (await seen(world, channel="email"))["registered"] == []
