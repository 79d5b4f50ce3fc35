"""The suppression list and what came back, as operators see and mend them over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from channels.email.bounces import Bounce
from config.database.schema import audit, soft_failures
from streams.receipts.bounces import apply, keep
from subscribers.by_number import close_number
from subscribers.model import SubscriberIn
from subscribers.registry import put_subscriber
from subscribers.rows import contact_id_of
from subscribers.suppression import soft_failure
from tests.servers.api_world import NOW, World

MAIL, MOBILE = "chen@firm.example.cn", "13812340000"
BASE = "/api/v1/suppressions"
UNKNOWN = "00000000-0000-0000-0000-000000000000"


async def said(world: World, path: str = "", status: int = 200, **body: Any) -> dict[str, Any]:
    answer = await world.call("operator", "POST", f"{BASE}{path}", json=body)
    assert answer.status_code == status, answer.text
    assert MAIL not in answer.text
    assert MOBILE not in answer.text
    found: dict[str, Any] = answer.json()
    return found


async def listed(world: World, **params: Any) -> list[str]:
    answer = await world.call("operator", "GET", BASE, params=params)
    assert answer.status_code == 200, answer.text
    return [one["reason"] for one in answer.json()["suppressions"]]


async def holder(world: World, address: str = MAIL) -> str:
    """S-1 holds the address; returns the contact's id."""
    consent = {"basis": "申请表", "at": NOW, "evidence": "表 7"}
    contact = {"channel": "email", "address": address, "consent": consent}
    given = SubscriberIn.model_validate({"name": "甲公司", "contacts": [contact]})
    vault = world.house.vault
    async with world.house.record.write() as conn:
        await put_subscriber(conn, vault, "S-1", given, shards=4, now=NOW, actor="tests")
    return contact_id_of("S-1", "email", vault.blind_index("email", address))


async def audited(world: World) -> list[tuple[str, str, dict[str, Any]]]:
    async with world.house.record.read() as conn:
        a = audit.c
        rows = await conn.execute(
            select(a.actor, a.action, a.details)
            .where(a.action.like("suppression.%"))
            .order_by(a.at, a.action)
        )
        return [(row.actor, row.action, row.details) for row in rows]


async def test_an_operator_puts_an_address_on_the_list_once_and_the_audit_knows_who(world: World) -> None:
    await holder(world)
    first = await said(world, status=201, address=MAIL.upper(), reason="来电说已停用")
    assert (first["channel"], first["reason"], first["subscribers"]) == ("email", "来电说已停用", ["S-1"])
    assert (await said(world, address=MAIL, reason="again"))["reason"] == "来电说已停用"
    assert await listed(world) == ["来电说已停用"]
    assert await audited(world) == [("运维", "suppression.added", {"reason": "来电说已停用"})]


async def test_an_address_is_looked_up_by_itself(world: World) -> None:
    unknown = await said(world, "/find", 404, address=MAIL)
    assert unknown["detail"] == "this address is not on the suppression list"
    await said(world, status=201, address=MAIL, reason="gone")
    found = await said(world, "/find", address=f" {MAIL} ")
    assert (found["reason"], found["said"]) == ("gone", None)
    await said(world, "/find", 404, address=MOBILE)


@pytest.mark.parametrize("reason", ["gone", "complained", "unreachable"])
async def test_who_lifts_an_entry_says_why_and_the_failures_are_forgotten(world: World, reason: str) -> None:
    contact = await holder(world)
    async with world.house.record.write() as conn:
        await soft_failure(conn, contact, at=NOW, key="d-1")
    await said(world, status=201, address=MAIL, reason=reason)
    before = await version(world)
    lifted = await said(world, "/lift", address=MAIL, reason="换了新邮箱系统")
    assert lifted["reason"] == reason
    assert await listed(world) == []
    assert await version(world) == before + 1, "the shard is told"
    async with world.house.record.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(soft_failures)) == 0
    assert (await audited(world))[-1][1:] == (
        "suppression.lifted",
        {"reason": "换了新邮箱系统", "was": reason, "since": NOW.isoformat()},
    )
    await said(world, "/lift", 404, address=MAIL, reason="again")


async def version(world: World) -> int:
    answer = await world.call("operator", "GET", "/api/v1/subscribers/S-1")
    return int(answer.json()["version"])


async def test_a_no_is_taken_back_by_nobody_but_who_said_it(world: World) -> None:
    async with world.house.record.write() as conn:
        await close_number(conn, world.house.vault, MOBILE, now=NOW)
    refused = await said(world, "/lift", 409, address=MOBILE, reason="they called")
    assert "/join" in refused["detail"]
    assert await listed(world) == ["opted_out"]
    assert await audited(world) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"address": "nobody", "reason": "x"}, "address"),
        ({"address": "a@b", "reason": "x"}, "address"),
        ({"address": MAIL, "reason": " "}, "reason"),
        ({"address": MAIL}, "reason"),
        ({"address": MAIL, "reason": "x", "channel": "space"}, "channel"),
        ({"address": MAIL, "reason": "x", "colour": "red"}, "colour"),
    ],
)
async def test_what_cannot_be_an_entry_is_refused_by_name(
    world: World, body: dict[str, str], field: str
) -> None:
    refused = await said(world, "", 422, **body)
    assert field in refused["detail"] + str(refused.get("errors"))
    assert await listed(world) == []


async def test_the_list_is_seen_newest_first_in_pages_and_by_what_one_looks_for(world: World) -> None:
    for number in range(5):
        world.clock.advance(timedelta(days=1))
        await said(world, status=201, address=f"a{number}@firm.example.cn", reason=f"r{number}")
    await said(world, status=201, address=MOBILE, reason="r9")
    found, after = [], None
    while True:
        page = await world.call(
            "operator", "GET", BASE, params={"limit": 2} | ({"after": after} if after else {})
        )
        found += [one["reason"] for one in page.json()["suppressions"]]
        after = page.json()["next"]
        if after is None:
            break
    assert sorted(found[:2]) == ["r4", "r9"]
    assert found[2:] == ["r3", "r2", "r1", "r0"]
    assert await listed(world, channel="sms") == ["r9"]
    assert await listed(world, reason="r3") == ["r3"]
    since = (NOW + timedelta(days=4)).isoformat()
    assert sorted(await listed(world, since=since)) == ["r3", "r4", "r9"]
    for wrong in ({"after": "x"}, {"after": "2026-01-01T00:00:00+00:00"}, {"channel": "space"}, {"limit": 0}):
        assert (await world.call("operator", "GET", BASE, params=wrong)).status_code == 422


async def test_many_addresses_come_at_once_and_a_wrong_one_holds_nobody_up(world: World) -> None:
    rows = [{"address": one, "reason": "旧名单"} for one in (MAIL, "nobody", MOBILE, MAIL)]
    answer = await said(world, "/import", rows=rows)
    assert (answer["added"], answer["known"]) == (2, 1)
    assert [one["row"] for one in answer["refused"]] == [2]
    assert await listed(world) == ["旧名单", "旧名单"]


async def test_bounces_are_shown_without_addresses_and_counted(world: World) -> None:
    for word, delivery_id in (("gone", UNKNOWN), ("auto_reply", UNKNOWN), ("full", None)):
        bounce = Bounce(word, "5.1.1", "test", "550 no")  # type: ignore[arg-type]
        async with world.house.record.write() as conn:
            key = await keep(conn, bounce, delivery_id, b"", world.clock.now())
            await apply(conn, key, world.clock.now())
        world.clock.advance(timedelta(seconds=1))
    answer = (await world.call("operator", "GET", "/api/v1/bounces")).json()
    assert answer["counts"] == {"auto_reply": 1, "full": 1, "gone": 1}
    assert [(one["word"], one["parked"]) for one in answer["bounces"]] == [
        ("full", "no_delivery_named"),
        ("auto_reply", "says_nothing"),
        ("gone", "delivery_unknown"),
    ]
    few = await world.call("operator", "GET", "/api/v1/bounces", params={"word": "gone", "parked": True})
    assert [one["detail"] for one in few.json()["bounces"]] == ["550 no"]
    assert (await world.call("operator", "GET", "/api/v1/bounces?parked=false")).json()["bounces"] == []
    first = (await world.call("operator", "GET", "/api/v1/bounces?limit=1")).json()
    rest = await world.call("operator", "GET", "/api/v1/bounces", params={"after": first["next"]})
    assert len(rest.json()["bounces"]) == 2
