"""Joining over HTTP: what a stranger learns (nothing), what is wrong field by field, sessions, /my, export, erasure."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select

from config.database.schema import api_keys, audit, contacts, inbox, notices, subscribers
from service.api.throttle import GUESSES, SIGN_UPS, Allowance, Throttle
from streams.delivery.notices import send_notices
from streams.names import SUBSCRIPTION_CHANGES
from subscribers.suppression import suppress
from tests.servers.api_world import NOW, ORIGIN, World
from tests.support.fakes import FakeChannel

MAIL = "chen@firm.example.cn"
MOBILE = "13812340000"
CRITERIA = {"any": [{"all": [{"industry": "I65"}]}]}


@pytest.fixture
def channels(world: World) -> Mapping[str, FakeChannel]:
    """Channels that remember what they were given, in the place of the world's own."""
    made = {"email": FakeChannel("email"), "sms": FakeChannel("sms")}
    object.__setattr__(world.house, "channels", made)
    return made


def sign_up(*addresses: tuple[str, str], **changes: Any) -> dict[str, Any]:
    listed = [
        {"channel": channel, "address": address} for channel, address in addresses or (("email", MAIL),)
    ]
    return {"name": "示范软件有限公司", "contacts": listed} | changes


async def join(world: World, *addresses: tuple[str, str], **changes: Any) -> httpx.Response:
    answer = await world.call(None, "POST", "/api/v1/join", json=sign_up(*addresses, **changes))
    await send_notices(world.house.desk(), world.clock)
    return answer


async def count(world: World, table: Any, *where: Any) -> int:
    async with world.house.record.read() as conn:
        return int(await conn.scalar(select(func.count()).select_from(table).where(*where)) or 0)


async def joined(world: World, channels: Mapping[str, FakeChannel], **changes: Any) -> str:
    """Sign up and confirm by e-mail; returns the subscriber_id."""
    await join(world, **changes)
    token = channels["email"].sent[-1].secret.rpartition("/")[2]
    answer = await world.call(None, "POST", "/api/v1/join/confirm", json={"token": token})
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["subscriber_id"]
    return found


@asynccontextmanager
async def signed_in(world: World, channels: Mapping[str, FakeChannel]) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that has signed in by the link in its mail."""
    world.clock.advance(timedelta(minutes=1))
    async with world.client(None, Accept="text/html", Origin=ORIGIN) as browser:
        assert (await browser.post("/my/sign-in", data={"address": MAIL})).status_code == 200
        await send_notices(world.house.desk(), world.clock)
        answer = await browser.post(f"/my/enter/{channels['email'].sent[-1].secret.rpartition('/')[2]}")
        assert answer.status_code == 303, answer.text
        yield browser


async def test_known_suppressed_and_new_addresses_get_the_same_answer(
    world: World, channels: Mapping[str, FakeChannel]
) -> None:
    await joined(world, channels)
    async with world.house.record.write() as conn:
        await suppress(conn, world.house.vault, "email", "dead@firm.cn", reason="550", now=NOW)
    world.clock.advance(timedelta(minutes=1))
    answers = [await join(world, ("email", address)) for address in (MAIL, "dead@firm.cn", "new@firm.cn")]
    assert {(answer.status_code, answer.text) for answer in answers} == {
        (202, '{"status":"check_your_messages","channels":["email"]}')
    }
    assert [message.content.occasion for message in channels["email"].sent] == [
        "confirm",
        "sign_in",
        "confirm",
    ]


async def test_a_confirmed_subscriber_is_announced_and_counted_from_then_on(
    world: World, channels: Mapping[str, FakeChannel]
) -> None:
    await join(world)
    assert world.log.on(SUBSCRIPTION_CHANGES) == []
    token = channels["email"].sent[-1].secret.rpartition("/")[2]
    await world.call(None, "POST", "/api/v1/join/confirm", json={"token": token})
    assert len(world.log.on(SUBSCRIPTION_CHANGES)) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"credit_code": "91310000123456789X"}, "credit_code"),
        ({"contacts": []}, "contacts"),
        ({"contacts": [{"channel": "email", "address": "nobody"}]}, "contacts.0"),
        ({"contacts": [{"channel": "webhook", "address": "https://x.cn"}]}, "contacts.0.channel"),
        ({"contacts": [{"channel": "email", "address": MAIL, "consent": {}}]}, "contacts.0.consent"),
        ({"profile": {"staff": -1}}, "profile.staff"),
        ({"profile": {"region": "999999"}}, "profile.region"),
        ({"preferences": {"frequency": "hourly"}}, "preferences.frequency"),
        ({"subscriptions": [{"name": "x", "criteria": {}}]}, "subscriptions.0.criteria"),
    ],
)
async def test_each_wrong_field_is_named_and_nothing_is_kept(
    world: World, changes: dict[str, Any], field: str
) -> None:
    before = await count(world, subscribers)
    answer = await world.call(None, "POST", "/api/v1/join", json=sign_up() | changes)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert await count(world, subscribers) == before


async def test_a_code_by_sms_confirms_and_a_wrong_one_is_named(
    world: World, channels: Mapping[str, FakeChannel]
) -> None:
    await join(world, ("sms", MOBILE))
    code = channels["sms"].sent[-1].secret
    given = {"channel": "sms", "address": MOBILE}
    wrong = {"code": f"{(int(code) + 1) % 10**6:06d}"}
    answer = await world.call(None, "POST", "/api/v1/join/confirm", json=given | wrong)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "code")
    answer = await world.call(None, "POST", "/api/v1/join/confirm", json=given | {"code": code})
    assert answer.json()["status"] == "confirmed"


async def test_too_many_sign_ups_from_one_client_are_told_to_wait(world: World) -> None:
    for _ in range(SIGN_UPS.most):
        assert (await world.call(None, "POST", "/api/v1/join", json=sign_up())).status_code == 202
    answer = await world.call(None, "POST", "/api/v1/join", json=sign_up())
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 3600
    assert await count(world, notices) == 1, "a form that is sent again at once is one sign-up"
    world.clock.advance(timedelta(hours=1))
    assert (await world.call(None, "POST", "/api/v1/join", json=sign_up())).status_code == 202


async def test_too_many_guesses_from_one_client_are_told_to_wait(world: World) -> None:
    given = {"channel": "sms", "address": MOBILE, "code": "000000"}
    answers = [
        (await world.call(None, "POST", "/api/v1/join/confirm", json=given)).status_code
        for _ in range(GUESSES.most + 1)
    ]
    assert answers == [422] * GUESSES.most + [429]


async def test_tries_are_counted_over_all_processes_in_redis(redis_url: str) -> None:
    allowance = Allowance("t", 3, timedelta(hours=1))
    async with Redis.from_url(redis_url) as one, Redis.from_url(redis_url) as other:
        throttles = [Throttle(one), Throttle(other)]
        allowed = [await throttles[n % 2].allows(allowance, "who", NOW) for n in range(5)]
        assert allowed == [True, True, True, False, False]
        assert await throttles[0].allows(allowance, "another", NOW)


async def test_a_form_from_another_site_neither_confirms_nor_signs_in(
    world: World, channels: Mapping[str, FakeChannel]
) -> None:
    await join(world)
    token = channels["email"].sent[-1].secret.rpartition("/")[2]
    for path in (f"/join/confirm/{token}", f"/my/enter/{token}", "/join", "/join/code", "/my/sign-in"):
        answer = await world.call(None, "POST", path, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403, path
    assert await count(world, subscribers, subscribers.c.status == "pending") == 1


@pytest.mark.parametrize("path", ["/join/confirm", "/my/enter"])
async def test_a_link_that_would_not_do_says_so_before_any_button_is_shown(
    world: World, channels: Mapping[str, FakeChannel], path: str
) -> None:
    await joined(world, channels)
    used = channels["email"].sent[-1].secret.rpartition("/")[2]
    async with world.client(None, Accept="text/html", Origin=ORIGIN) as browser:
        for token, status, words in (("nonsense", 404, "链接不完整"), (used, 410, "链接已经用过")):
            for answer in (await browser.get(f"{path}/{token}"), await browser.post(f"{path}/{token}")):
                assert (answer.status_code, words in answer.text) == (status, True), answer.text
                assert "<button" not in answer.text.partition("<main")[2]


async def test_a_link_whose_time_is_over_says_so_and_a_good_one_shows_its_button(
    world: World, channels: Mapping[str, FakeChannel]
) -> None:
    await join(world)
    token = channels["email"].sent[-1].secret.rpartition("/")[2]
    async with world.client(None, Accept="text/html", Origin=ORIGIN) as browser:
        assert "确认接收" in (await browser.get(f"/join/confirm/{token}")).text
        assert (await browser.get(f"/my/enter/{token}")).status_code == 410, "it is a link of another kind"
        world.clock.advance(timedelta(days=3))
        assert (await browser.get(f"/join/confirm/{token}")).status_code == 410


async def test_a_form_of_unknown_origin_is_answered_in_chinese_and_nothing_else(world: World) -> None:
    answer = await world.call(None, "POST", "/join", data={}, headers={"Accept": "text/html"})
    assert answer.status_code == 403
    assert "请在本站重新打开页面" in answer.text
    assert "another site" not in answer.text


async def test_who_signs_in_by_a_code_is_that_one_whoever_was_logged_in_before(
    world: World, channels: Mapping[str, FakeChannel]
) -> None:
    await join(world, ("sms", MOBILE), name="用手机的公司")
    code = {"address": MOBILE, "code": channels["sms"].sent[-1].secret}
    async with world.client(None, Accept="text/html", Origin=ORIGIN) as phone:
        assert (await phone.post("/join/code", data=code)).status_code == 303
    await joined(world, channels)
    async with signed_in(world, channels) as browser:
        await browser.post("/my/sign-in", data={"address": MOBILE})
        await send_notices(world.house.desk(), world.clock)
        code = {"address": MOBILE, "code": channels["sms"].sent[-1].secret}
        assert (await browser.post("/join/code", data=code)).headers["location"] == "/my"
        assert "用手机的公司" in (await browser.get("/my")).text


async def test_a_session_by_link_opens_ones_own_page_and_space_and_nobody_elses(
    world: World, channels: Mapping[str, FakeChannel]
) -> None:
    me = await joined(world, channels)
    async with signed_in(world, channels) as browser:
        assert MAIL in (await browser.get("/my")).text
        assert (await browser.get(f"/space/{me}")).status_code == 200
        assert (await browser.get("/space/S-1")).status_code == 403
        assert (await browser.get("/outbox")).status_code == 403
        world.clock.advance(timedelta(hours=12))
        assert (await browser.get("/my")).headers["location"] == "/my/sign-in"


async def test_everything_about_oneself_can_be_changed_on_the_page(
    world: World, channels: Mapping[str, FakeChannel]
) -> None:
    me = await joined(world, channels, profile={"groups": ["graduate"]})
    async with signed_in(world, channels) as browser:
        who = {
            "name": "新名称",
            "kind": "enterprise",
            "region": "上海市松江区",
            "sections": ["I"],
            "revenue": "12.5",
        }
        done = await browser.post("/my/who", data=who)
        assert (done.status_code, done.headers["location"]) == (303, "/my?said=who#main")
        choices = {
            "frequency": "weekly",
            "profile_matching": "no",
            "quiet_from": "22:00",
            "quiet_to": "07:00",
            "profile_channels": ["email"],
        }
        assert (await browser.post("/my/choices", data=choices)).status_code == 303
        wish = {"themes": ["T07"], "wish_region": "上海市", "keywords": "首版次", "channels": ["email"]}
        assert (await browser.post("/my/subscriptions", data=wish)).status_code == 303
        shown = (await browser.get("/my")).text
    assert 'action="/my/who#who"' in shown, "what is wrong with a form is read where the form stands"
    for words in ("新名称", "上海市松江区", "12.5", "22:00", "工业、交通"):
        assert words in shown
    answer = (await world.call("operator", "GET", f"/api/v1/subscribers/{me}")).json()
    assert answer["profile"]["region"] == "310117"
    assert answer["profile"]["revenue"] == 125_000
    assert answer["profile"]["groups"] == ["graduate"], "what the form does not ask for stays"
    assert answer["preferences"]["frequency"] == "weekly"
    assert answer["preferences"]["profile_channels"] == ["email", "space"]
    found = (await world.call("operator", "GET", f"/api/v1/subscribers/{me}/subscriptions")).json()
    assert found["subscriptions"][0]["criteria"] == {
        "any": [{"all": [{"region": ["310000"], "or_unrestricted": True}, {"theme": ["T07"]}]}],
        "keywords": ["首版次"],
    }


async def test_a_wish_can_be_tried_before_it_is_added_and_is_told_in_words_afterwards(
    world: World, channels: Mapping[str, FakeChannel]
) -> None:
    me = await joined(world, channels)
    wish = {"themes": ["T07"], "wish_region": "上海市", "keywords": "首版次", "channels": ["email"]}
    async with signed_in(world, channels) as browser:
        tried = await browser.post("/my/subscriptions", data=wish | {"try": "yes"})
        assert tried.status_code == 200
        assert "近 90 天您会收到 0 条：这段时间还没有公开发布的政策。" in tried.text
        assert 'value="首版次"' in tried.text, "what was typed is still there"
        empty = await browser.post("/my/subscriptions", data={"try": "yes"})
        assert (empty.status_code, "请至少选择一个条件" in empty.text) == (422, True)
        none = (await world.call("operator", "GET", f"/api/v1/subscribers/{me}/subscriptions")).json()
        assert none == {"subscriptions": []}
        await browser.post("/my/subscriptions", data=wish)
        shown = (await browser.get("/my")).text
    assert "适用地区：上海市（含不限）" in shown
    assert "提到：首版次" in shown


async def test_the_page_says_where_nothing_goes_though_the_address_is_confirmed(
    world: World, channels: Mapping[str, FakeChannel]
) -> None:
    await joined(world, channels)
    idle = "电子邮件已经确认，但还没有选用"
    async with signed_in(world, channels) as browser:
        assert idle in (await browser.get("/my")).text
        await browser.post("/my/choices", data={"frequency": "instant", "profile_channels": ["email"]})
        assert idle not in (await browser.get("/my")).text
        await browser.post("/my/choices", data={"frequency": "instant"})
        await browser.post("/my/subscriptions", data={"keywords": "首版次", "channels": ["email"]})
        assert idle not in (await browser.get("/my")).text


async def test_an_added_address_is_asked_first_and_can_be_removed(
    world: World, channels: Mapping[str, FakeChannel]
) -> None:
    me = await joined(world, channels)
    async with signed_in(world, channels) as browser:
        assert (await browser.post("/my/contacts", data={"address": MOBILE})).status_code == 303
        await send_notices(world.house.desk(), world.clock)
        assert "待确认" in (await browser.get("/my")).text
        done = await browser.post(
            "/join/code", data={"address": MOBILE, "code": channels["sms"].sent[-1].secret}
        )
        assert done.headers["location"] == "/my?said=confirmed"
        page = (await browser.get("/my")).text
        assert "待确认" not in page
        removals = re.findall(r'action="(/my/contacts/[^"]+/remove)"', page)
        assert len(removals) == 2
        for path in removals:
            assert (await browser.post(path)).status_code == 303
        assert "已撤回同意" in (await browser.get("/my")).text
    standing = (contacts.c.subscriber_id == me) & contacts.c.withdrawn_at.is_(None)
    assert await count(world, contacts, standing) == 0


async def test_a_suppressed_address_cannot_be_added(
    world: World, channels: Mapping[str, FakeChannel]
) -> None:
    await joined(world, channels)
    async with world.house.record.write() as conn:
        await suppress(conn, world.house.vault, "email", "dead@firm.cn", reason="550", now=NOW)
    async with signed_in(world, channels) as browser:
        answer = await browser.post("/my/contacts", data={"address": "dead@firm.cn"})
        assert answer.status_code == 422
        assert "曾经退信" in answer.text


async def test_a_channel_and_everything_can_be_left_and_taken_back(
    world: World, channels: Mapping[str, FakeChannel]
) -> None:
    me = await joined(world, channels)

    async def closed() -> list[str]:
        shown = (await world.call("operator", "GET", f"/api/v1/subscribers/{me}")).json()
        found: list[str] = shown["opted_out"]
        return found

    async with signed_in(world, channels) as browser:
        for scope, kept in (("channel:email", ["email"]), ("all", ["*", "email"])):
            assert (await browser.post("/my/leave", data={"scope": scope})).status_code == 303
            assert await closed() == kept
        for scope in ("all", "channel:email"):
            assert (await browser.post("/my/return", data={"scope": scope})).status_code == 303
        assert await closed() == []
        assert (await browser.post("/my/leave", data={"scope": "nonsense"})).status_code == 422


async def test_only_the_subscriber_itself_takes_an_opt_out_back(world: World) -> None:
    path = "/api/v1/subscribers/S-1"
    said = {"scope": "channel:email"}
    assert (await world.call("operator", "POST", f"{path}/opt-out", json=said)).status_code == 200
    assert (await world.call("operator", "POST", f"{path}/opt-in", json=said)).status_code == 403
    assert (await world.call("subscriber", "POST", f"{path}/opt-in", json=said)).status_code == 200
    assert (await world.call("operator", "GET", path)).json()["opted_out"] == []


async def test_what_was_never_subscribed_is_neither_left_nor_taken_up(world: World) -> None:
    path = "/api/v1/subscribers/S-1"
    given = {"subscriptions": [{"name": "软件", "criteria": CRITERIA}]}
    assert (await world.call("subscriber", "PUT", f"{path}/subscriptions", json=given)).status_code == 200
    (own,) = (await world.call("subscriber", "GET", f"{path}/subscriptions")).json()["subscriptions"]
    for said, status in ((own["id"], 200), (own["id"], 200), ("nonsense", 404)):
        for verb in ("opt-out", "opt-in"):
            answer = await world.call(
                "subscriber", "POST", f"{path}/{verb}", json={"scope": f"subscription:{said}"}
            )
            assert answer.status_code == status
    assert "subscription nonsense does not exist" in answer.json()["detail"]


async def test_a_subscriber_cannot_claim_consent_for_an_address(
    world: World, channels: Mapping[str, FakeChannel]
) -> None:
    claimed = {"basis": "自称", "at": "2026-01-01T00:00:00Z", "evidence": "无"}
    body = {
        "name": "甲",
        "contacts": [{"channel": "email", "address": "victim@firm.cn", "consent": claimed}],
    }
    answer = await world.call("subscriber", "PUT", "/api/v1/subscribers/S-1", json=body)
    assert answer.json()["contacts"][0]["consent_basis"] is None
    await send_notices(world.house.desk(), world.clock)
    assert [message.address for message in channels["email"].sent] == ["victim@firm.cn"]
    answer = await world.call("operator", "PUT", "/api/v1/subscribers/S-1", json=body)
    assert answer.json()["contacts"][0]["consent_basis"] == "自称"


async def test_erasing_leaves_a_bare_id_and_ends_its_keys_and_sessions(
    world: World, channels: Mapping[str, FakeChannel]
) -> None:
    me = await joined(world, channels, subscriptions=[{"name": "软件", "criteria": CRITERIA}])
    made = {"role": "subscriber", "holder": "陈某", "subscriber_id": me}
    await world.call("operator", "POST", "/api/v1/keys", json=made)
    async with signed_in(world, channels) as browser:
        answer = await world.call("operator", "DELETE", f"/api/v1/subscribers/{me}")
        assert answer.status_code == 204
        assert (await browser.get("/my")).headers["location"] == "/my/sign-in"
    for table in (contacts, inbox, notices):
        assert await count(world, table, table.c.subscriber_id == me) == 0
    assert await count(world, api_keys, api_keys.c.holder == "陈某") == 0
    async with world.house.record.read() as conn:
        said = " ".join(str(row._mapping) for row in await conn.execute(select(audit)))
    assert "示范软件" not in said
    assert world.log.on(SUBSCRIPTION_CHANGES)[-1]["data"]["subscriber_id"] == me
