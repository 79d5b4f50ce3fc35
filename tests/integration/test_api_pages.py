"""The pages: logging in, forms that other sites cannot send, and what each page shows."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from channels.message import Evidence, Reason
from channels.reasons import dump_reasons
from config.database.schema import deliveries, inbox
from service.pages.render import HERE
from streams.campaigns.record import open_campaign
from tests.servers.api_world import NOW, ORIGIN, World

HTML = {"Accept": "text/html"}


@asynccontextmanager
async def browser(world: World, who: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A browser, logged in with the key of ``who``; it says where its forms come from."""
    async with world.client(None, Accept="text/html", Origin=ORIGIN) as client:
        if who is not None:
            answer = await client.post("/login", data={"key": world.keys[who]})
            assert answer.status_code == 303, answer.text
        yield client


async def test_the_first_page_shows_what_is_public_and_counts_the_day(world: World) -> None:
    await world.publish("P-1", title="公开的措施")
    await world.publish("P-2", title="定向的措施", audience_scope={"subscribers": ["S-1"]})
    await world.publish("P-3", title="未审查的措施", release=False)
    page = (await world.call(None, "GET", "/", headers=HTML)).text
    assert "公开的措施" in page
    assert "定向的措施" not in page
    assert "未审查的措施" not in page
    assert "1<small>项政策" in page


async def test_a_small_count_is_not_shown_to_strangers(world: World) -> None:
    async with world.house.record.write() as conn:
        for number in range(3):
            await conn.exec_driver_sql(
                "INSERT INTO deliveries (delivery_id, campaign_id, shard, subscriber_id, channel, contact_id, reasons,"
                " state, attempts, due_at, planned_at, delivered_at) VALUES"
                f" ('{number}', 'c', 0, 'S-1', 'space', 'x', '[]', 'delivered', 1,"
                " '2026-03-02 04:00:00', '2026-03-02 04:00:00', '2026-03-02 04:00:00')"
            )
    assert "少于 5" in (await world.call(None, "GET", "/", headers=HTML)).text


@pytest.mark.parametrize(
    ("data", "shown", "not_shown"),
    [
        ({}, ["现行有效", "前往申报"], ["尚未施行", "已过有效期", "申报期已结束"]),
        ({"effective_date": "2026-03-02"}, ["现行有效"], ["尚未施行"]),
        ({"effective_date": "2026-03-03"}, ["尚未施行", "前往申报"], ["现行有效"]),
        ({"apply_window": {"closes": "2026-03-02"}}, ["现行有效", "前往申报"], ["申报期已结束"]),
        ({"apply_window": {"closes": "2026-03-01"}}, ["现行有效", "申报期已结束"], ["前往申报"]),
        ({"valid_until": "2026-03-01"}, ["已过有效期"], ["现行有效", "尚未施行", "前往申报"]),
    ],
)
async def test_a_policy_says_whether_it_is_in_force_and_leads_to_no_closed_application(
    world: World, data: dict[str, Any], shown: list[str], not_shown: list[str]
) -> None:
    await world.publish("P-1", apply_url="https://apply.example.cn/", **data)
    page = (await world.call(None, "GET", "/policies/sheet/P-1", headers=HTML)).text
    assert [words for words in shown if words not in page] == []
    assert [words for words in not_shown if words in page] == []


async def test_the_words_that_prove_a_label_are_marked_in_the_text(world: World) -> None:
    await world.publish("P-1")
    page = (await world.call(None, "GET", "/policies/sheet/P-1", headers=HTML)).text
    assert '<mark title="' in page
    assert "软件和信息技术服务业" in page
    assert "推送情况" not in page


async def test_what_a_publisher_writes_is_never_taken_for_markup(world: World) -> None:
    evil = "<math onload=alert(1)>"
    await world.publish("P-1", title=evil, body=f"{evil}支持软件产业发展{evil}", contact=evil)
    for path in ("/", "/policies", "/policies/sheet/P-1"):
        page = (await world.call(None, "GET", path, headers=HTML)).text
        assert evil not in page
        assert "&lt;math onload=alert(1)&gt;" in page


async def test_only_staff_sees_the_funnel(world: World) -> None:
    await world.publish("P-1")
    for who, sees in (
        ("publisher", True),
        ("operator", True),
        ("other-publisher", False),
        ("subscriber", False),
    ):
        page = (await world.call(who, "GET", "/policies/sheet/P-1", headers=HTML)).text
        assert ("推送情况" in page) is sees, who


async def test_the_policy_page_says_of_every_row_where_it_is_or_why_it_did_not_arrive(world: World) -> None:
    await world.publish("P-1")
    rows = {
        ("sent", None): 1,
        ("unknown", "timeout"): 2,
        ("planned", None): 3,
        ("claimed", None): 4,
        ("held", "digest"): 1200,
        ("delivered", None): 5,
        ("failed", "gone"): 6,
        ("failed", "554 <odd>"): 7,
        ("suppressed", "opted_out"): 8,
        ("expired", "apply_window"): 1301,
        ("superseded", "repealed"): 9,
    }
    async with world.house.record.write() as conn:
        campaign = await open_campaign(conn, "sheet", "P-1", 1, "policy", labels=[], shards=1, now=NOW)
        await conn.execute(
            insert(deliveries),
            [
                {
                    "delivery_id": f"{state} {reason} {number}",
                    "campaign_id": campaign.campaign_id,
                    "shard": 0,
                    "subscriber_id": f"S-{number}",
                    "channel": "email",
                    "contact_id": "x",
                    "reasons": [],
                    "state": state,
                    "reason": reason,
                    "attempts": 1,
                    "due_at": NOW,
                    "planned_at": NOW,
                    "delivered_at": NOW if state == "delivered" else None,
                }
                for (state, reason), count in rows.items()
                for number in range(count)
            ],
        )
    page = (await world.call("publisher", "GET", "/policies/sheet/P-1", headers=HTML)).text
    for words in ("待发 7", "已发、尚无结果 3", "暂缓 1,200", "<span>2,546</span>"):
        assert words in page, words
    table = page[page.index("未送达的原因") : page.index("</table>")]
    assert [re.sub("<[^>]+>", "|", line) for line in re.findall("<tr>(.*?)</tr>", table)] == [
        "|失败||554 &lt;odd&gt;||7|",
        "|失败||地址不存在||6|",
        "|不予发送||已退订||8|",
        "|已过期||申报期已过||1,301|",
        "|已被替代||政策已废止||9|",
    ]
    answer = (await world.call("publisher", "GET", "/api/v1/policies/P-1/funnel")).json()
    assert (answer["expired"], answer["superseded"]) == ({"apply_window": 1301}, {"repealed": 9})
    assert (answer["planned"], answer["unreported"]) == (2546, 3)


async def test_a_key_opens_a_session_that_pages_and_api_accept(world: World) -> None:
    async with browser(world) as client:
        answer = await client.post("/login", data={"key": f" {world.keys['publisher']} "})
        cookie = answer.headers["set-cookie"]
        assert (answer.status_code, answer.headers["location"]) == (303, "/policies")
        assert "HttpOnly" in cookie
        assert "samesite=lax" in cookie.lower()
        assert world.keys["publisher"] not in cookie
        assert "张三" in (await client.get("/policies")).text
        assert (await client.get("/api/v1/policies")).status_code == 200
        await client.post("/logout")
        assert (await client.get("/api/v1/policies")).status_code == 401


async def test_a_wrong_key_opens_nothing(world: World) -> None:
    async with browser(world) as client:
        for key in ("", "zd_a_b", world.keys["publisher"] + "x"):
            answer = await client.post("/login", data={"key": key})
            assert answer.status_code == 401
            assert "set-cookie" not in answer.headers
            assert "密钥不正确" in answer.text


async def test_a_session_ends_by_time_and_with_its_key(world: World) -> None:
    async with browser(world, "publisher") as client:
        key_id = world.keys["publisher"].split("_")[1]
        await world.call("operator", "DELETE", f"/api/v1/keys/{key_id}")
        assert (await client.get("/api/v1/policies")).status_code == 401
    async with browser(world, "reviewer") as client:
        world.clock.advance(timedelta(hours=12))
        assert (await client.get("/api/v1/policies")).status_code == 401


async def test_a_forged_session_is_nobody(world: World) -> None:
    async with browser(world, "publisher") as client:
        cookie = client.cookies["zhengda_session"]
    for forged in (cookie[:-1], f"x{cookie}", "x", cookie.replace(".", "")):
        answer = await world.call(
            None, "GET", "/api/v1/policies", headers={"Cookie": f"zhengda_session={forged}"}
        )
        assert answer.status_code == 401


async def test_who_must_log_in_is_led_there_and_back(world: World) -> None:
    async with browser(world) as client:
        answer = await client.get("/space/S-1?after=x")
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            "/login?next=%2Fspace%2FS-1%3Fafter%3Dx",
        )
        data = {"key": world.keys["subscriber"], "next": "/space/S-1?after=x"}
        assert (await client.post("/login", data=data)).headers["location"] == "/space/S-1?after=x"


@pytest.mark.parametrize(
    "away", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "/\n/x"]
)
async def test_a_login_never_leads_to_another_site(world: World, away: str) -> None:
    async with browser(world) as client:
        answer = await client.post("/login", data={"key": world.keys["publisher"], "next": away})
        assert answer.headers["location"] == "/policies"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{ORIGIN}.evil.example"])
async def test_another_site_cannot_act_in_a_persons_name(world: World, origin: str) -> None:
    await world.publish("P-1", release=False)
    async with browser(world, "reviewer") as client:
        client.headers["Origin"] = origin
        form = await client.post("/policies/sheet/P-1/release", data={"revision": "1"})
        api = await client.post("/api/v1/policies/P-1/release", json={})
        assert (form.status_code, api.status_code) == (403, 403)
        assert (await client.post("/logout")).status_code == 403
        assert (await client.post("/login", data={"key": world.keys["operator"]})).status_code == 403
    await world.work()
    assert await world.state("P-1") == "waiting"


async def test_a_form_that_does_not_say_where_it_comes_from_is_refused(world: World) -> None:
    await world.publish("P-1", release=False)
    async with browser(world, "reviewer") as client:
        del client.headers["Origin"]
        assert (await client.post("/policies/sheet/P-1/release", data={"revision": "1"})).status_code == 403
        client.headers["Referer"] = f"{ORIGIN}/policies/sheet/P-1"
        assert (await client.post("/policies/sheet/P-1/release", data={"revision": "1"})).status_code == 303


async def test_a_key_in_the_header_needs_no_origin(world: World) -> None:
    await world.publish("P-1", release=False)
    answer = await world.call(
        "reviewer", "POST", "/api/v1/policies/P-1/release", headers={"Origin": "https://x.example"}
    )
    assert answer.status_code == 202


async def test_a_reviewer_releases_by_the_button(world: World) -> None:
    await world.publish("P-1", release=False)
    async with browser(world, "reviewer") as client:
        assert "准予发布" in (await client.get("/policies/sheet/P-1")).text
        answer = await client.post("/policies/sheet/P-1/release", data={"revision": "1"})
        assert answer.headers["location"] == "/policies/sheet/P-1?said=released"
        await world.work()
        page = (await client.get(answer.headers["location"])).text
        assert "已记录" in page
        assert "准予发布</button>" not in page
    assert await world.state("P-1") == "released"


async def test_a_reviewer_refuses_by_the_button_with_a_reason(world: World) -> None:
    await world.publish("P-1", release=False)
    async with browser(world, "reviewer") as client:
        path = "/policies/sheet/P-1/refuse"
        assert (await client.post(path, data={"revision": "1", "reason": " "})).status_code == 422
        assert (await client.post(path, data={"revision": "x", "reason": "y"})).status_code == 422
        assert (await client.post(path, data={"revision": "1", "reason": "依据不足"})).status_code == 303
        await world.work()
        assert "依据不足" in (await client.get("/policies/sheet/P-1")).text
    assert await world.state("P-1") == "refused"


async def test_nobody_but_its_reviewer_is_offered_the_buttons(world: World) -> None:
    await world.publish("P-1", release=False)
    for who in ("publisher", "operator"):
        page = (await world.call(who, "GET", "/policies/sheet/P-1", headers=HTML)).text
        assert "准予发布" not in page
    async with browser(world, "other-reviewer") as client:
        assert (await client.post("/policies/sheet/P-1/release", data={"revision": "1"})).status_code == 404


async def test_the_space_page_shows_messages_and_acknowledges_without_script(world: World) -> None:
    row = {
        "message_id": "M-1",
        "subscriber_id": "S-1",
        "agency_id": "sheet",
        "policy_id": "P-1",
        "revision": 1,
    }
    evidence = (Evidence("industry", "I65", "软件业", "支持软件"),)
    reasons = dump_reasons([Reason(None, "", evidence), Reason("s", "首版次", ())])
    shown = {"occurrence": "policy", "title": "软件措施", "reasons": reasons, "at": NOW}
    async with world.house.record.write() as conn:
        await conn.execute(inbox.insert().values(row | shown))
    async with browser(world, "subscriber") as client:
        page = (await client.get("/space/S-1")).text
        for words in (
            "软件措施",
            "登记信息",
            "订阅“首版次”",
            "软件业",
            "支持软件",
            "签收",
            "2026年3月2日 12:00",
        ):
            assert words in page
        assert (await client.post("/space/S-1/messages/M-1/acknowledge")).status_code == 303
        assert (await client.post("/space/S-1/messages/M-2/acknowledge")).status_code == 404
        assert "签收</span>" in (await client.get("/space/S-1")).text


async def test_an_error_is_a_page_for_people_and_says_no_more_than_needed(world: World) -> None:
    answer = await world.call(None, "GET", "/policies/sheet/NO-SUCH", headers=HTML)
    assert answer.status_code == 404
    assert "没有找到" in answer.text
    assert (await world.call("operator", "GET", "/space/a%20b", headers=HTML)).status_code == 422


def test_pages_need_nothing_from_other_sites_and_nothing_inline() -> None:
    for file in [*HERE.glob("templates/*.html"), *HERE.glob("static/*")]:
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in text, file
        assert "https:" not in text, file
        assert " style=" not in text, file
        assert "<script>" not in text, file
        assert " onclick=" not in text, file
