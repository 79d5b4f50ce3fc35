"""What the gateway calls, over HTTP: reports and replies, with tokens in their addresses."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from sqlalchemy import select

from config.database.schema import audit, optouts, previews, receipts, subscribers, suppressions
from service.api.sms import links_of
from subscribers.model import SubscriberIn
from subscribers.registry import put_subscriber
from tests.servers.api_world import NOW, World, event, open_world
from tests.support.previews import counted as answer

NUMBER = "+8613800138000"
CONSENT = {"basis": "申请表", "at": NOW, "evidence": "表 7"}
DELIVERY = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


async def enrolled(world: World, *who: str, number: str = NUMBER) -> None:
    for name in who:
        given = SubscriberIn.model_validate(
            {"name": name, "contacts": [{"channel": "sms", "address": number, "consent": CONSENT}]}
        )
        async with world.house.record.write() as conn:
            await put_subscriber(conn, world.house.vault, name, given, shards=4, now=NOW, actor="tests")


async def replied(world: World, text: str, number: str = NUMBER, **changes: str) -> httpx.Response:
    token = parse_qs(urlsplit(links_of(world.house).incoming()).query)["token"][0]
    given = {"token": token, "from": number, "text": text, "charset": "UTF-8", "coding": "2", "id": "m-1"}
    return await world.call(None, "GET", "/sms/incoming?" + urlencode(given | changes))


async def report(world: World, status: str = "1", delivery: str = DELIVERY, **changes: str) -> httpx.Response:
    address = urlsplit(links_of(world.house).report(delivery)).query
    given = {name: values[0] for name, values in parse_qs(address).items()}
    given |= {"status": status, "detail": ""} | changes
    return await world.call(None, "GET", "/sms/report?" + urlencode(given))


async def rows(world: World, table: Any) -> list[dict[str, Any]]:
    async with world.house.record.read() as conn:
        return [dict(row) for row in (await conn.execute(select(table))).mappings()]


@pytest.mark.parametrize("text", ["T", "td", "退订", "ＴＤ。", " r "])
async def test_a_reply_opts_out_everybody_with_that_number_before_it_is_answered(
    world: World, text: str
) -> None:
    await enrolled(world, "S-8", "S-9")
    await enrolled(world, "S-7", number="+8613900139000")
    answer = await replied(world, text, "8613800138000")
    assert (answer.status_code, answer.text) == (200, "")
    assert {(row["subscriber_id"], row["channel"], row["via"]) for row in await rows(world, optouts)} == {
        ("S-8", "sms", "sms"),
        ("S-9", "sms", "sms"),
    }
    assert [row["reason"] for row in await rows(world, suppressions)] == ["opted_out"]


async def test_the_change_is_announced_so_that_the_shards_know(world: World) -> None:
    await enrolled(world, "S-9")
    await replied(world, "TD")
    assert [told["data"]["subscriber_id"] for told in world.log.on("subscription.changes")] == ["S-9"]
    (row,) = [row for row in await rows(world, subscribers) if row["subscriber_id"] == "S-9"]
    assert row["announced_version"] == row["version"] > 1


async def test_a_second_reply_changes_nothing(world: World) -> None:
    await enrolled(world, "S-9")
    await replied(world, "TD")
    before = [row for row in await rows(world, subscribers) if row["subscriber_id"] == "S-9"]
    assert (await replied(world, "T")).status_code == 200
    assert [row for row in await rows(world, subscribers) if row["subscriber_id"] == "S-9"] == before
    assert len(await rows(world, optouts)) == 1


async def test_a_number_that_nobody_has_is_suppressed_so_that_no_import_brings_it_in(world: World) -> None:
    assert (await replied(world, "退订")).status_code == 200
    assert (await replied(world, "T")).status_code == 200
    (row,) = await rows(world, suppressions)
    assert (row["channel"], row["reason"]) == ("sms", "opted_out")
    assert row["blind_index"] == world.house.vault.blind_index("sms", NUMBER)


async def test_another_reply_is_noted_once_and_without_its_number(world: World) -> None:
    await enrolled(world, "S-9")
    for _ in range(2):
        answer = await replied(world, "请回电 13800138000，谢谢\0")
        assert (answer.status_code, answer.text) == (200, "")
    (row,) = [row for row in await rows(world, audit) if row["action"] == "sms.reply"]
    assert row["details"] == {"text": "请回电 138****8000，谢谢"}
    assert "13800138000" not in repr(row)
    assert await rows(world, optouts) == []


async def test_a_sender_that_is_no_mobile_number_can_opt_nobody_out(world: World) -> None:
    assert (await replied(world, "T", "10086")).status_code == 200
    assert await rows(world, suppressions) == []
    assert [row["action"] for row in await rows(world, audit) if row["actor"] == "sms-gateway"] == [
        "sms.reply"
    ]


async def test_a_reply_in_the_carriers_charset_is_understood(world: World) -> None:
    await enrolled(world, "S-9")
    token = parse_qs(urlsplit(links_of(world.house).incoming()).query)["token"][0]
    raw = "".join(f"%{byte:02x}" for byte in "退订".encode("utf-16-be"))
    path = f"/sms/incoming?token={token}&from=%2B8613800138000&text={raw}&charset=UTF-16BE&coding=2&id=1"
    assert (await world.call(None, "GET", path)).status_code == 200
    assert len(await rows(world, optouts)) == 1


async def test_a_confirmation_goes_back_signed_where_one_is_set(world: World) -> None:
    await enrolled(world, "S-9")
    with_words = world.house.settings.model_copy(update={"sms_reply": "您已退订短信。"})
    object.__setattr__(world.house, "settings", with_words)
    answer = await replied(world, "T")
    assert answer.text == "【政达】您已退订短信。"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert (await replied(world, "你好")).text == ""


@pytest.mark.parametrize("token", ["", "0" * 32, "é"])
async def test_without_the_token_nothing_is_taken(world: World, token: str) -> None:
    await enrolled(world, "S-9")
    assert (await replied(world, "T", token=token)).status_code == 404
    assert (await report(world, token=token)).status_code == 404
    assert await rows(world, optouts) == []
    assert await rows(world, receipts) == []


async def test_the_token_of_one_report_is_no_good_for_another(world: World) -> None:
    other = parse_qs(urlsplit(links_of(world.house).report("another")).query)["token"][0]
    assert (await report(world, token=other)).status_code == 404


async def test_a_report_is_kept_even_where_its_row_is_not_known_yet(world: World) -> None:
    assert (await report(world, "8")).status_code == 200
    assert (await report(world, "2", detail="stat:UNDELIV err:MI:0210 +8613800138000")).status_code == 200
    kept = {(row["status"], row["detail"], row["applied_at"]) for row in await rows(world, receipts)}
    assert kept == {("accepted", None, None), ("failed", "gone", None)}


async def test_a_status_that_kannel_does_not_have_is_refused(world: World) -> None:
    assert (await report(world, "64")).status_code == 422
    assert (await report(world, "x")).status_code == 422
    assert await rows(world, receipts) == []


async def test_an_operator_is_told_what_to_set_in_the_gateway(world: World) -> None:
    told = (await world.call("operator", "GET", "/api/v1/sms/gateway")).json()
    assert (told["gateway"], told["gateways"], told["confirms"]) == (None, [], False)
    assert told["incoming_url"] == links_of(world.house).incoming()
    assert "&from=%p&text=%b&" in told["incoming_url"]


async def test_an_operator_is_told_every_gateway_and_where_a_cloud_reports(world: World) -> None:
    urls = "smpp://gov:secret12@127.0.0.1:2775?name=line aliyun://key:secret12@dysmsapi.aliyuncs.com"
    object.__setattr__(world.house, "settings", world.house.settings.model_copy(update={"sms_url": urls}))
    told = (await world.call("operator", "GET", "/api/v1/sms/gateway")).json()
    assert (told["gateway"], told["gateways"]) == ("line", ["line", "aliyun"])
    assert told["kinds"] == {"line": "smpp", "aliyun": "aliyun"}
    assert list(told["callbacks"]) == ["aliyun"]
    assert "/sms/aliyun/aliyun/" in told["callbacks"]["aliyun"]
    assert "secret12" not in repr(told)


async def test_a_preview_says_what_the_text_messages_would_cost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: dict[str, int] = {"space": 1, "sms": 2}

    async def shards_answer(preview_id: str, shards: int) -> None:
        result = answer(2, by_channel=counted)
        async with world.house.record.write() as conn:
            await conn.execute(previews.update().values(result=result))

    monkeypatch.setattr(world.house.log, "ask_preview", shards_answer)
    data = event("NEW", title="关于支持软件产业发展的若干措施" * 3)["data"]
    preview = "/api/v1/policies/preview"
    told = (await world.call("publisher", "POST", preview, json=data)).json()["sms"]
    assert told == {"parts": 3, "billed": 3, "total": 3 * 8}
    await world.publish("NEW", release=False)
    counted["sms"] = 1
    assert (await world.call("other-publisher", "POST", preview, json=data)).json()["sms"]["total"] is None
    del counted["sms"]
    assert (await world.call("publisher", "POST", preview, json=data)).json()["sms"] is None
