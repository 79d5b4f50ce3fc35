"""Subscribers over HTTP: put, get, subscriptions, CSV import."""

import io
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from config.database.schema import subscribers
from service.api.importing import BATCH
from streams.events.changes import who_changed
from streams.names import SUBSCRIPTION_CHANGES
from tests.servers.api_world import World

ONE = "/api/v1/subscribers/S-1"
IMPORT = "/api/v1/subscribers/import"
CONSENT = {"basis": "合同", "at": "2026-01-01T00:00:00Z", "evidence": "合同 12 号"}
COMPANY = {
    "name": "甲公司",
    "profile": {"region": "310118", "industries": ["I65"], "staff": 40},
    "contacts": [{"channel": "email", "address": "zhangsan@example.cn", "consent": CONSENT}],
    "preferences": {"quiet_hours": {"from": "22:00", "to": "07:00"}},
}


async def test_what_was_put_is_shown_with_its_contacts_masked(world: World) -> None:
    answer = await world.call("subscriber", "PUT", ONE, json=COMPANY)
    assert answer.status_code == 200, answer.text
    shown = (await world.call("operator", "GET", ONE)).json()
    assert (shown["name"], shown["profile"]["region"]) == ("甲公司", "310118")
    assert shown["preferences"]["quiet_hours"]["from"].startswith("22:00")
    assert "zhangsan" not in (answer.text + str(shown))
    assert shown["contacts"][0]["channel"] == "email"


async def test_a_change_is_announced_and_noted_as_announced(world: World) -> None:
    await world.call("subscriber", "PUT", ONE, json=COMPANY)
    told = world.log.on(SUBSCRIPTION_CHANGES)
    async with world.house.record.read() as conn:
        row = (await conn.execute(select(subscribers).where(subscribers.c.subscriber_id == "S-1"))).one()
    assert [change["data"] for change in told] == [{"subscriber_id": "S-1", "version": row.version}]
    assert row.announced_version == row.version


async def test_a_change_stands_while_the_log_is_away_and_waits_to_be_announced(world: World) -> None:
    world.log.away = True
    assert (await world.call("subscriber", "PUT", ONE, json=COMPANY)).status_code == 200
    async with world.house.record.read() as conn:
        row = (await conn.execute(select(subscribers).where(subscribers.c.subscriber_id == "S-1"))).one()
    assert row.announced_version < row.version


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "x", "colour": "red"}, "colour"),
        ({"name": "x", "credit_code": "123"}, "credit_code"),
        ({"name": "x", "profile": {"region": "999999"}}, "profile.region"),
        ({"name": "x", "profile": {"staff": -1}}, "profile.staff"),
        ({"name": "x", "contacts": [{"channel": "email", "address": "no-at"}]}, "contacts"),
        ({"name": "x", "preferences": {"profile_channels": ["pigeon"]}}, "preferences.profile_channels"),
    ],
)
async def test_a_wrong_field_is_named_and_an_address_is_not_repeated(
    world: World, body: dict[str, Any], field: str
) -> None:
    answer = await world.call("operator", "PUT", ONE, json=body)
    assert answer.status_code == 422
    assert any(error["field"].startswith(field) for error in answer.json()["errors"])
    assert "no-at" not in answer.text


@pytest.mark.parametrize("subscriber_id", ["a b", "a%2Fb", "x" * 65, "%E4%B8%AD"])
async def test_an_odd_id_is_refused(world: World, subscriber_id: str) -> None:
    answer = await world.call("operator", "GET", f"/api/v1/subscribers/{subscriber_id}")
    assert answer.status_code in (404, 422)


async def test_an_unknown_subscriber_is_not_there(world: World) -> None:
    for path in ("", "/subscriptions"):
        assert (await world.call("operator", "GET", f"/api/v1/subscribers/S-9{path}")).status_code == 404
    empty: dict[str, Any] = {"subscriptions": []}
    answer = await world.call("operator", "PUT", "/api/v1/subscribers/S-9/subscriptions", json=empty)
    assert answer.status_code == 404


async def test_subscriptions_are_replaced_as_a_whole(world: World) -> None:
    path = f"{ONE}/subscriptions"
    items = [
        {"id": name, "name": name, "criteria": {"keywords": [name]}, "channels": ["space", "email"]}
        for name in ("首版次", "补贴款")
    ]
    for item, word in zip(items, ("first", "money"), strict=True):
        item["id"] = word
    both = (await world.call("subscriber", "PUT", path, json={"subscriptions": items})).json()[
        "subscriptions"
    ]
    assert {item["name"] for item in both} == {"首版次", "补贴款"}
    kept = next(item for item in both if item["name"] == "补贴款")
    back = {key: kept[key] for key in ("id", "name", "criteria", "channels")}
    one = (await world.call("subscriber", "PUT", path, json={"subscriptions": [back]})).json()[
        "subscriptions"
    ]
    assert [item["id"] for item in one] == [kept["id"]]


@pytest.mark.parametrize(
    "item",
    [
        {"name": "x"},
        {"name": "x", "criteria": {"any": [{"all": [{"industri": "I65"}]}]}},
        {"name": "x", "criteria": {"any": [{"all": [{"industry": "NO-SUCH"}]}]}},
        {"name": "x", "criteria": {"keywords": ["补贴"]}, "channels": ["pigeon"]},
        {"name": "x", "criteria": {"keywords": ["补贴"]}, "channels": []},
    ],
)
async def test_a_wrong_subscription_is_refused(world: World, item: dict[str, Any]) -> None:
    answer = await world.call("subscriber", "PUT", f"{ONE}/subscriptions", json={"subscriptions": [item]})
    assert answer.status_code == 422
    assert answer.json()["errors"]


HEADER = "subscriber_id,name,email,consent_basis,consent_at,consent_evidence"


async def bring(world: World, text: str | bytes) -> Any:
    raw = text.encode() if isinstance(text, str) else text
    return await world.call("operator", "POST", IMPORT, content=raw, headers={"Content-Type": "text/csv"})


async def count(world: World) -> int:
    async with world.house.record.read() as conn:
        return int(await conn.scalar(select(func.count()).select_from(subscribers)) or 0)


async def test_right_rows_come_in_and_wrong_ones_are_told_by_line(world: World) -> None:
    rows = [
        HEADER,
        "C-1,甲公司,a@example.cn,合同,2026-01-01,合同 1 号",
        "C 2,乙公司,,,,",
        "C-3,丙公司,b@example.cn,合同,,",
        "C-4,丁公司,,,,",
    ]
    answer = await bring(world, "\n".join(rows))
    assert answer.status_code == 200
    assert answer.json()["imported"] == 2
    assert [refusal["line"] for refusal in answer.json()["refused"]] == [3, 4]
    assert "b@example.cn" not in answer.text


async def test_the_same_file_twice_does_no_harm(world: World) -> None:
    text = f"{HEADER}\nC-1,甲公司,,,,\n"
    assert (await bring(world, text)).json()["imported"] == 1
    before = await count(world)
    assert (await bring(world, text)).status_code == 200
    assert await count(world) == before


async def test_a_file_of_several_batches_comes_in_whole_and_is_announced(world: World) -> None:
    rows = [f"B-{n},公司 {n},,,," for n in range(BATCH + 5)]
    before = await count(world)
    answer = await bring(world, "\r\n".join([HEADER, *rows]))
    assert answer.json() == {"imported": BATCH + 5, "refused": [], "confirmations": 0}
    assert await count(world) == before + BATCH + 5
    told = [who for message in world.log.on(SUBSCRIPTION_CHANGES) for who in who_changed(message["data"])]
    assert sorted(told) == sorted(f"B-{n}" for n in range(BATCH + 5))
    assert (
        len(world.log.on(SUBSCRIPTION_CHANGES)) < BATCH / 5
    )  # an event for each would cost more than the rows


async def test_a_file_from_a_chinese_spreadsheet_is_read(world: World) -> None:
    raw = f"{HEADER}\nC-1,甲公司,,,,\n".encode("gb18030")
    assert (await bring(world, raw)).json()["imported"] == 1
    shown = (await world.call("operator", "GET", "/api/v1/subscribers/C-1")).json()
    assert shown["name"] == "甲公司"


WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def bring_workbook(world: World, book: Workbook, **params: str) -> Any:
    file = io.BytesIO()
    book.save(file)
    headers = {"Content-Type": WORKBOOK}
    return await world.call(
        "operator", "POST", IMPORT, content=file.getvalue(), headers=headers, params=params
    )


async def test_a_workbook_is_read_with_the_row_numbers_excel_shows(world: World) -> None:
    book = Workbook()
    book.active.append(["企业编号", "企业名称", "手机号", "成立日期", "人数"])
    book.active.append(["X-1", "甲公司", 13900139000, date(2015, 4, 1), 87])
    book.active["A5"], book.active["B5"], book.active["E5"] = "X-2", "乙公司", "=1+1"
    answer = await bring_workbook(world, book)
    assert answer.status_code == 200
    assert answer.json() == {
        "imported": 1,
        "refused": [{"line": 5, "reason": "人数: a formula; copy the column and paste it as values"}],
        "confirmations": 1,
    }
    shown = (await world.call("operator", "GET", "/api/v1/subscribers/X-1")).json()
    assert (shown["profile"]["founded"], shown["profile"]["staff"]) == ("2015-04-01", 87)
    assert [contact["address"] for contact in shown["contacts"]] == ["139****9000"]


async def test_the_sheet_that_is_named_is_taken(world: World) -> None:
    book = Workbook()
    book.active.append(["nothing", "of", "ours"])
    other = book.create_sheet("名单")
    other.append(["subscriber_id", "name"])
    other.append(["X-9", "甲公司"])
    assert (await bring_workbook(world, book)).status_code == 422
    assert (await bring_workbook(world, book, sheet="名单")).json()["imported"] == 1


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"PK\x03\x04 and nothing more", "the workbook cannot be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as .xlsx without a password"),
    ],
)
async def test_a_broken_workbook_says_so_and_nothing_was_taken(world: World, raw: bytes, said: str) -> None:
    answer = await bring(world, raw)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert answer.json()["detail"].endswith("nothing was taken")


async def test_addresses_without_consent_are_asked_once_unless_nobody_is_to_be(world: World) -> None:
    text = f"{HEADER},mobile\nC-7,甲公司,a@example.cn;b@example.cn,,,,13900139000\n".encode()
    headers = {"Content-Type": "text/csv"}

    async def asked(**params: str) -> int:
        answer = await world.call("operator", "POST", IMPORT, content=text, headers=headers, params=params)
        return int(answer.json()["confirmations"])

    assert await asked(confirmation="false") == 0
    assert await asked() == 3
    assert await asked() == 0


async def test_a_header_mistake_names_the_nearest_column(world: World) -> None:
    answer = await bring(world, "企业编号,企业名称,电子邮相\n")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"field": "header", "message": "unknown column '电子邮相', did you mean 电子邮箱 (email)?"}
    ]


@pytest.mark.parametrize("raw", [b"", b"colour,name\n", b"name\nx\n", b"\xff\xff\xff"])
async def test_a_file_without_the_right_header_is_refused(world: World, raw: bytes) -> None:
    assert (await bring(world, raw)).status_code == 422
