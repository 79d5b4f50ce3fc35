"""Leaving by a link: looking changes nothing, one click is enough, twice is as good as once."""

import pytest
from sqlalchemy import select

from config.database.schema import optouts
from streams.names import SUBSCRIPTION_CHANGES
from tests.servers.api_world import World

CRITERIA = {"any": [{"all": [{"industry": "I65"}]}]}


async def closed(world: World) -> set[str]:
    async with world.house.record.read() as conn:
        query = select(optouts.c.channel).where(optouts.c.subscriber_id == "S-1")
        return set(await conn.scalars(query))


async def subscribe(world: World) -> str:
    body = {"subscriptions": [{"name": "软件补贴", "criteria": CRITERIA, "channels": ["email"]}]}
    answer = await world.call("subscriber", "PUT", "/api/v1/subscribers/S-1/subscriptions", json=body)
    found: str = answer.json()["subscriptions"][0]["id"]
    return found


async def active(world: World) -> list[str]:
    answer = await world.call("subscriber", "GET", "/api/v1/subscribers/S-1/subscriptions")
    return [item["id"] for item in answer.json()["subscriptions"]]


def link(world: World, *subscriptions: str) -> str:
    return f"/unsubscribe/{world.house.tokens.unsubscribe('S-1', 'email', subscriptions)}"


async def test_opening_the_link_changes_nothing(world: World) -> None:
    subscription = await subscribe(world)
    for method in ("GET", "GET", "HEAD"):
        await world.call(None, method, link(world, subscription))
    page = await world.call(None, "GET", link(world, subscription))
    assert page.status_code == 200
    assert "软件补贴" in page.text
    assert "电子邮件" in page.text
    assert (await closed(world), await active(world)) == (set(), [subscription])


async def test_one_click_closes_the_channel_of_the_message(world: World) -> None:
    answer = await world.call(None, "POST", link(world), data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert await closed(world) == {"email"}


async def test_one_click_works_as_multipart_too(world: World) -> None:
    files = {"List-Unsubscribe": (None, "One-Click")}
    assert (await world.call(None, "POST", link(world), files=files)).status_code == 200
    assert await closed(world) == {"email"}


async def test_second_unsubscribe_succeeds_quietly(world: World) -> None:
    for _ in range(2):
        answer = await world.call(None, "POST", link(world), data={"scope": "all"})
        assert answer.status_code == 200
        assert "已退订" in answer.text
    assert await closed(world) == {"*"}


async def test_one_subscription_ends_and_the_channel_stays_open(world: World) -> None:
    subscription = await subscribe(world)
    data = {"scope": f"subscription:{subscription}"}
    assert (await world.call(None, "POST", link(world, subscription), data=data)).status_code == 200
    assert (await closed(world), await active(world)) == (set(), [])


async def test_the_change_is_announced_to_the_shards(world: World) -> None:
    await world.call(None, "POST", link(world), data={"scope": "all"})
    assert [change["data"]["subscriber_id"] for change in world.log.on(SUBSCRIPTION_CHANGES)] == ["S-1"]


async def test_an_opt_out_counts_while_the_log_is_away(world: World) -> None:
    world.log.away = True
    answer = await world.call(None, "POST", link(world), data={"scope": "all"})
    assert answer.status_code == 200
    assert await closed(world) == {"*"}


@pytest.mark.parametrize("data", [{}, {"scope": ""}, {"scope": "channel:pigeon"}, {"scope": "everything"}])
async def test_a_form_that_names_nothing_is_refused(world: World, data: dict[str, str]) -> None:
    answer = await world.call(None, "POST", link(world), data=data)
    assert answer.status_code == 422
    assert await closed(world) == set()


@pytest.mark.parametrize("token", ["x", "a.b", "." * 300])
async def test_a_damaged_link_is_not_there(world: World, token: str) -> None:
    for method in ("GET", "POST"):
        answer = await world.call(None, method, f"/unsubscribe/{token}")
        assert answer.status_code == 404


async def test_a_changed_link_does_not_leave_for_somebody_else(world: World) -> None:
    own, foreign = (world.house.tokens.unsubscribe(who, "email") for who in ("S-1", "S-2"))
    forged = f"{foreign.split('.')[0]}.{own.split('.')[1]}"
    assert (
        await world.call(None, "POST", f"/unsubscribe/{forged}", data={"scope": "all"})
    ).status_code == 404


async def test_a_session_token_is_no_unsubscribe_link(world: World) -> None:
    token = (await world.call("subscriber", "POST", "/api/v1/space/S-1/token")).json()["token"]
    assert (await world.call(None, "GET", f"/unsubscribe/{token}")).status_code == 404


async def test_what_would_be_one_subscription_too_many_stays_ended_and_every_face_says_why(
    world: World,
) -> None:
    old = await subscribe(world)
    data = {"scope": f"subscription:{old}"}
    await world.call(None, "POST", link(world, old), data=data)
    many = [
        {"name": f"词{n}", "criteria": {"keywords": [f"词语{n}"]}, "channels": ["space"]} for n in range(64)
    ]
    path = "/api/v1/subscribers/S-1"
    await world.call("subscriber", "PUT", f"{path}/subscriptions", json={"subscriptions": many})
    before = await active(world)
    html = {"Accept": "text/html"}
    by_link = await world.call(None, "POST", f"{link(world, old)}/back", data=data, headers=html)
    assert by_link.status_code == 422
    assert "数量已到上限" in by_link.text
    by_key = await world.call("subscriber", "POST", f"{path}/opt-in", json=data)
    assert by_key.status_code == 422
    assert "may hold 64 subscriptions; end one first" in by_key.json()["detail"]
    on_page = await world.call("subscriber", "POST", "/my/return", data=data, headers=html)
    assert "数量已到上限" in on_page.text
    assert await active(world) == before
