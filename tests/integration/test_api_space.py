"""The enterprise space over HTTP: the inbox, what was read, and what comes while one looks."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.inbox import InboxMessage
from channels.message import Evidence, Reason
from channels.reasons import dump_reasons
from config.database.schema import deliveries, inbox, subscribers
from service.api.security import BY_LINK, COOKIE, SESSION
from service.api.space_live import Bookmark, inbox_events
from subscribers.model import LEFT
from tests.servers.api_world import NOW, World
from tests.servers.web_server import serving

SPACE = "/api/v1/space/S-1"
REASON = Reason("sub-1", "软件补贴", (Evidence("industry", "I65", "软件和信息技术服务业", "支持软件"),))


async def deliver(world: World, title: str, *, after_s: float = 0, to: str = "S-1") -> str:
    """Put a message into an inbox with its ledger row, as the space channel does."""
    message_id, at = str(uuid.uuid4()), NOW + timedelta(seconds=after_s)
    row = {
        "subscriber_id": to,
        "agency_id": "sheet",
        "policy_id": "P-1",
        "revision": 1,
        "occurrence": "policy",
    }
    ledger = {
        "delivery_id": message_id,
        "campaign_id": "c",
        "shard": 0,
        "subscriber_id": to,
        "channel": "space",
        "contact_id": to,
        "reasons": [],
        "state": "delivered",
        "attempts": 1,
        "due_at": at,
        "planned_at": at,
        "delivered_at": at,
    }
    shown = {"message_id": message_id, "title": title, "reasons": dump_reasons([REASON]), "at": at}
    async with world.house.record.write() as conn:
        await conn.execute(inbox.insert().values(row | shown))
        await conn.execute(deliveries.insert().values(ledger))
    return message_id


async def ledger_row(world: World, delivery_id: str) -> Any:
    async with world.house.record.read() as conn:
        return (await conn.execute(select(deliveries).where(deliveries.c.delivery_id == delivery_id))).one()


async def test_the_inbox_tells_why_each_message_came(world: World) -> None:
    message_id = await deliver(world, "关于软件的措施")
    answer = (await world.call("subscriber", "GET", f"{SPACE}/messages")).json()
    assert (answer["unread"], answer["next"]) == (1, None)
    message = answer["messages"][0]
    assert (message["message_id"], message["title"], message["read_at"]) == (
        message_id,
        "关于软件的措施",
        None,
    )
    assert message["reasons"][0]["subscription"] == "软件补贴"
    assert message["reasons"][0]["labels"][0]["quote"] == "支持软件"


async def test_the_inbox_is_read_page_by_page(world: World) -> None:
    sent = [await deliver(world, str(n), after_s=n) for n in range(5)]
    first = (await world.call("subscriber", "GET", f"{SPACE}/messages?limit=3")).json()
    second = (await world.call("subscriber", "GET", f"{SPACE}/messages?limit=3&after={first['next']}")).json()
    seen = [message["message_id"] for message in first["messages"] + second["messages"]]
    assert seen == sent[::-1]
    assert second["next"] is None


async def test_reading_counts_once_and_reaches_the_ledger(world: World) -> None:
    message_id = await deliver(world, "x")
    for _ in range(2):
        assert (
            await world.call("subscriber", "POST", f"{SPACE}/messages/{message_id}/read")
        ).status_code == 204
        world.clock.advance(timedelta(minutes=1))
    assert (await ledger_row(world, message_id)).read_at == NOW
    assert (await world.call("subscriber", "GET", f"{SPACE}/messages")).json()["unread"] == 0


async def test_acknowledging_is_reading_too(world: World) -> None:
    message_id = await deliver(world, "x")
    path = f"{SPACE}/messages/{message_id}/acknowledge"
    assert (await world.call("subscriber", "POST", path)).status_code == 204
    row = await ledger_row(world, message_id)
    assert (row.read_at, row.acknowledged_at) == (NOW, NOW)


@pytest.mark.parametrize("verb", ["read", "acknowledge"])
async def test_a_message_of_another_inbox_is_not_there(world: World, verb: str) -> None:
    message_id = await deliver(world, "x", to="S-2")
    answer = await world.call("subscriber", "POST", f"{SPACE}/messages/{message_id}/{verb}")
    assert answer.status_code == 404
    assert (await ledger_row(world, message_id)).read_at is None


async def test_a_recipient_may_read_a_targeted_policy_and_strangers_may_not(world: World) -> None:
    await world.publish("P-1", audience_scope={"subscribers": ["S-1"]})
    await deliver(world, "x")
    page = "/policies/sheet/P-1?revision=1"
    assert (await world.call("subscriber", "GET", page)).status_code == 200
    assert (await world.call("other-subscriber", "GET", page)).status_code == 404
    assert (await world.call(None, "GET", page)).status_code == 404


async def events(lines: AsyncIterator[str], count: int) -> list[tuple[str, dict[str, Any]]]:
    """The next ``count`` server-sent events; what is said within the comments is passed over."""
    found: list[tuple[str, dict[str, Any]]] = []
    name = ""
    async with asyncio.timeout(60):
        async for line in lines:
            if line.startswith("event:"):
                name = line[6:].strip()
            elif line.startswith("data:"):
                found.append((name, json.loads(line[5:])))
                if len(found) == count:
                    break
    return found


async def test_what_comes_while_one_looks_is_shown_at_once(world: World) -> None:
    await deliver(world, "旧")
    async with serving(world.app) as url, httpx.AsyncClient(base_url=url, timeout=10) as client:
        token = (await world.call("subscriber", "POST", f"{SPACE}/token")).json()["token"]
        async with client.stream("GET", f"{SPACE}/events", params={"token": token}) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.aiter_lines()
            assert await events(lines, 1) == [("unread", {"unread": 1})]
            message_id = await deliver(world, "新", after_s=1)
            await world.house.live.announce(["S-1"])
            (name, message), (_, unread) = await events(lines, 2)
            assert (name, message["message_id"], message["title"]) == ("message", message_id, "新")
            assert unread == {"unread": 2}


async def test_what_comes_while_the_inbox_is_looked_at_is_told_before_it_is_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await deliver(world, "旧")
    look, late = Bookmark.fresh, []

    async def interrupted(self: Bookmark, conn: AsyncConnection) -> list[InboxMessage]:
        found = await look(self, conn)
        if not late:
            late.append(await deliver(world, "新", after_s=1))
        return found

    monkeypatch.setattr(Bookmark, "fresh", interrupted)
    told = inbox_events(world.house, "S-1", None)
    first = await anext(told)
    after = asyncio.create_task(anext(told))
    while not late:
        await asyncio.sleep(0.01)
    await world.house.live.announce(["S-1"])
    assert [first.event, (await after).event, (await anext(told)).event] == ["unread", "message", "unread"]
    await told.aclose()


async def test_whom_a_token_let_in_hears_nothing_more_after_the_subscriber_left(world: World) -> None:
    told = inbox_events(world.house, "S-1", None)
    assert (await anext(told)).event == "unread"
    async with world.house.record.write() as conn:
        await conn.execute(update(subscribers).values(status=LEFT))
    await deliver(world, "新")
    after = asyncio.create_task(anext(told, None))
    async with asyncio.timeout(60):
        while not after.done():
            await world.house.live.announce(["S-1"])
            await asyncio.sleep(0.01)
    assert after.result() is None


async def test_a_listener_that_was_away_gets_what_it_missed(world: World) -> None:
    first = await deliver(world, "1")
    second = await deliver(world, "2", after_s=1)
    headers = {"Last-Event-ID": first, "Authorization": f"Bearer {world.keys['subscriber']}"}
    async with (
        serving(world.app) as url,
        httpx.AsyncClient(base_url=url, timeout=10, headers=headers) as client,
        client.stream("GET", f"{SPACE}/events") as answer,
    ):
        told = await events(answer.aiter_lines(), 2)
    assert [name for name, _ in told] == ["unread", "message"]
    assert told[1][1]["message_id"] == second


async def test_whatever_was_missed_comes_in_order_each_once_and_the_header_counts_before_the_address(
    world: World,
) -> None:
    ids = [await deliver(world, str(number), after_s=number) for number in range(230)]
    headers = {"Last-Event-ID": ids[9], "Authorization": f"Bearer {world.keys['subscriber']}"}
    async with (
        serving(world.app) as url,
        httpx.AsyncClient(base_url=url, timeout=10, headers=headers) as client,
        client.stream("GET", f"{SPACE}/events", params={"after": ids[200]}) as answer,
    ):
        told = await events(answer.aiter_lines(), 1 + 220)
    assert [message["message_id"] for name, message in told if name == "message"] == ids[10:]


@pytest.mark.parametrize("verb", ["read", "acknowledge", "page"])
async def test_what_is_read_here_is_counted_there_at_once_from_the_same_inbox(
    world: World, verb: str
) -> None:
    first = await deliver(world, "1")
    await deliver(world, "2", after_s=1)
    path = (
        f"/space/S-1/messages/{first}/acknowledge" if verb == "page" else f"{SPACE}/messages/{first}/{verb}"
    )
    async with serving(world.app) as url, httpx.AsyncClient(base_url=url, timeout=10) as client:
        token = (await world.call("subscriber", "POST", f"{SPACE}/token")).json()["token"]
        async with client.stream("GET", f"{SPACE}/events", params={"token": token}) as answer:
            lines = answer.aiter_lines()
            assert await events(lines, 1) == [("unread", {"unread": 2})]
            done = await world.call("subscriber", "POST", path)
            assert done.status_code == (303 if verb == "page" else 204)
            assert await events(lines, 1) == [("unread", {"unread": 1})]
    assert (await world.call("subscriber", "GET", f"{SPACE}/messages")).json()["unread"] == 1
    page = (await world.call("subscriber", "GET", "/space/S-1")).text
    assert '<span id="unread" class="badge"  aria-label="未读">1</span>' in page


async def test_who_listens_with_a_key_that_is_revoked_hears_no_more(world: World) -> None:
    key = world.keys["subscriber"]
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        serving(world.app) as url,
        httpx.AsyncClient(base_url=url, timeout=10, headers=headers) as client,
        client.stream("GET", f"{SPACE}/events") as answer,
    ):
        lines = answer.aiter_lines()
        assert await events(lines, 1) == [("unread", {"unread": 0})]
        gone = await world.call("operator", "DELETE", f"/api/v1/keys/{key.split('_')[1]}")
        assert gone.status_code == 204
        await deliver(world, "secret")
        await world.house.live.announce(["S-1"])
        assert await events(lines, 1) == []


async def test_who_signed_in_by_a_link_hears_what_comes_until_it_leaves(world: World) -> None:
    session = world.house.tokens.sign_session({BY_LINK: "S-1"}, SESSION, now=NOW)
    async with (
        serving(world.app) as url,
        httpx.AsyncClient(base_url=url, timeout=10, cookies={COOKIE: session}) as client,
        client.stream("GET", f"{SPACE}/events") as answer,
    ):
        lines = answer.aiter_lines()
        assert await events(lines, 1) == [("unread", {"unread": 0})]
        message_id = await deliver(world, "新")
        await world.house.live.announce(["S-1"])
        (name, message), _ = await events(lines, 2)
        assert (name, message["message_id"]) == ("message", message_id)
        async with world.house.record.write() as conn:
            await conn.execute(update(subscribers).filter_by(subscriber_id="S-1").values(status=LEFT))
        await deliver(world, "secret", after_s=1)
        await world.house.live.announce(["S-1"])
        assert await events(lines, 1) == []


async def test_a_message_that_becomes_visible_late_is_not_missed(world: World) -> None:
    await deliver(world, "seen", after_s=30)
    async with world.house.record.read() as conn:
        bookmark = await Bookmark.at(conn, "S-1", None)
    late = await deliver(world, "written before, committed after", after_s=10)
    newer = await deliver(world, "newer", after_s=40)
    async with world.house.record.read() as conn:
        assert [message.message_id for message in await bookmark.fresh(conn)] == [late, newer]
        assert await bookmark.fresh(conn) == []


async def test_a_bookmark_in_an_empty_inbox_sees_the_first_message(world: World) -> None:
    async with world.house.record.read() as conn:
        bookmark = await Bookmark.at(conn, "S-1", None)
    first = await deliver(world, "first")
    async with world.house.record.read() as conn:
        assert [message.message_id for message in await bookmark.fresh(conn)] == [first]


async def test_a_space_token_opens_its_own_space_for_ten_minutes_and_nothing_else(world: World) -> None:
    made = (await world.call("subscriber", "POST", f"{SPACE}/token")).json()
    token = made["token"]
    assert made["expires_at"] == "2026-03-02T04:10:00.000Z"
    other = await world.call(None, "GET", f"/api/v1/space/S-2/events?token={token}")
    assert other.status_code == 403
    as_session = {"Cookie": f"zhengda_session={token}"}
    assert (await world.call(None, "GET", f"{SPACE}/messages", headers=as_session)).status_code == 401
    world.clock.advance(timedelta(minutes=10))
    assert (await world.call(None, "GET", f"{SPACE}/events?token={token}")).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "%00"])
async def test_a_wrong_token_opens_nothing(world: World, token: str) -> None:
    assert (await world.call(None, "GET", f"{SPACE}/events?token={token}")).status_code == 401
