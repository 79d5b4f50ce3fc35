"""What Aliyun and Tencent call, over HTTP: kept before it is answered, and answered as they want it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select

from config.database.schema import audit, optouts, parked_reports
from service.api.sms import links_of
from subscribers.model import SubscriberIn
from subscribers.registry import put_subscriber
from tests.servers.api_world import NOW, World, open_world, outage

NUMBER = "+8613800138000"
CONSENT = {"basis": "申请表", "at": NOW, "evidence": "表 7"}
KEPT = {"aliyun": {"code": 0, "msg": "接收成功"}, "tencent": {"result": 0, "errmsg": "OK"}}
REPORTS = {
    "aliyun": [
        {"phone_number": "13800138000", "success": True, "err_code": "DELIVERED", "biz_id": "1^0"},
        {
            "phone_number": "13900139000",
            "success": False,
            "err_code": "MOBILE_NOT_ON_SERVICE",
            "biz_id": "1^0",
        },
    ],
    "tencent": [
        {
            "mobile": "13800138000",
            "nationcode": "86",
            "report_status": "SUCCESS",
            "errmsg": "DELIVRD",
            "sid": "1",
        },
        {
            "mobile": "13900139000",
            "nationcode": "86",
            "report_status": "FAIL",
            "errmsg": "CB:0001",
            "sid": "2",
        },
    ],
}
REPLIES: dict[str, Any] = {
    "aliyun": [{"phone_number": "13800138000", "content": "退订", "sequence_id": 7}],
    "tencent": {"mobile": "13800138000", "nationcode": "86", "text": "TD", "time": 1_780_000_000},
}
clouds = pytest.mark.parametrize("cloud", sorted(KEPT))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


async def called(world: World, cloud: str, content: Any, name: str | None = None) -> httpx.Response:
    address = urlsplit(links_of(world.house).callback(cloud, name or cloud)).path
    return await world.call(None, "POST", address, json=content)


async def rows(world: World, table: Any) -> list[dict[str, Any]]:
    async with world.house.record.read() as conn:
        return [dict(row) for row in (await conn.execute(select(table))).mappings()]


@clouds
async def test_reports_are_kept_and_answered_as_the_cloud_wants_it(world: World, cloud: str) -> None:
    answer = await called(world, cloud, REPORTS[cloud])
    assert (answer.status_code, answer.json()) == (200, KEPT[cloud])
    kept = await rows(world, parked_reports)
    assert sorted((one["status"], one["failure"]) for one in kept) == [
        ("delivered", None),
        ("failed", "gone"),
    ]
    assert {one["gateway"] for one in kept} == {cloud}


@clouds
async def test_the_same_reports_again_are_the_same(world: World, cloud: str) -> None:
    for _ in range(2):
        assert (await called(world, cloud, REPORTS[cloud])).status_code == 200
    assert len(await rows(world, parked_reports)) == 2


@clouds
async def test_a_reply_that_asks_to_leave_is_obeyed_before_it_is_answered(world: World, cloud: str) -> None:
    given = SubscriberIn.model_validate(
        {"name": "S-9", "contacts": [{"channel": "sms", "address": NUMBER, "consent": CONSENT}]}
    )
    async with world.house.record.write() as conn:
        await put_subscriber(conn, world.house.vault, "S-9", given, shards=4, now=NOW, actor="tests")
    answer = await called(world, cloud, REPLIES[cloud])
    assert (answer.status_code, answer.json()) == (200, KEPT[cloud])
    assert [(row["subscriber_id"], row["channel"]) for row in await rows(world, optouts)] == [("S-9", "sms")]


@clouds
async def test_other_words_are_noted_once_and_without_the_number(world: World, cloud: str) -> None:
    said = {
        "aliyun": [REPLIES["aliyun"][0] | {"content": "怎么申报"}],
        "tencent": REPLIES["tencent"] | {"text": "怎么申报"},
    }
    for _ in range(2):
        await called(world, cloud, said[cloud])
    noted = [row for row in await rows(world, audit) if row["action"] == "sms.reply"]
    assert [row["details"]["text"] for row in noted] == ["怎么申报"]
    assert "13800138000" not in str(noted)


@clouds
async def test_what_is_nothing_of_the_cloud_does_not_keep_its_neighbours_away(
    world: World, cloud: str
) -> None:
    answer = await called(world, cloud, [{"strange": 1}, *REPORTS[cloud]])
    assert answer.json() == KEPT[cloud]
    assert len(await rows(world, parked_reports)) == 2


@clouds
async def test_a_wrong_token_is_no_address(world: World, cloud: str) -> None:
    other = {"aliyun": "tencent", "tencent": "aliyun"}[cloud]
    address = urlsplit(links_of(world.house).callback(other, cloud)).path.replace(
        f"/sms/{other}/", f"/sms/{cloud}/"
    )
    answer = await world.call(None, "POST", address, json=REPORTS[cloud])
    assert answer.status_code == 404
    assert await rows(world, parked_reports) == []


@clouds
@pytest.mark.parametrize("body", [b"", b"no json", b"[1]", b'"text"'])
async def test_a_body_that_is_no_callback_is_refused_with_the_reason(
    world: World, cloud: str, body: bytes
) -> None:
    address = urlsplit(links_of(world.house).callback(cloud, cloud)).path
    answer = await world.call(None, "POST", address, content=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "body"


@clouds
async def test_while_the_record_is_away_nothing_is_acknowledged(
    world: World, cloud: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*args: Any) -> None:
        raise outage()

    with monkeypatch.context() as patch:
        patch.setattr("streams.receipts.hearing.keep", away)
        assert (await called(world, cloud, REPORTS[cloud])).status_code == 503
    assert (await called(world, cloud, REPORTS[cloud])).status_code == 200
    assert len(await rows(world, parked_reports)) == 2
