"""What subscribers entered themselves over HTTP and on pages, and how staff or an association confirms it."""

from typing import Any

import pytest
from sqlalchemy import select

from config.database.schema import audit, subscribers
from streams.access import Role, create_key
from subscribers.associations import put_association
from tests.servers.api_world import NOW, ORIGIN, World

CODE, OTHER = "91310000MA1K4C0T0N", "913101150000000120"
HTML = {"Accept": "text/html", "Origin": ORIGIN}
ME = "/api/v1/subscribers/S-1"
MEMBERS = "/api/v1/associations/soft/members"


async def puts(world: World, who: str, code: str | None = CODE) -> bool:
    """Put S-1 with a credit code; returns whether it is confirmed."""
    answer = await world.call(who, "PUT", ME, json={"name": "S-1 公司", "credit_code": code})
    assert answer.status_code == 200, answer.text
    return bool(answer.json()["credit_code_confirmed"])


async def waiting(world: World) -> list[dict[str, Any]]:
    answer = await world.call("operator", "GET", "/api/v1/credit-codes/unconfirmed")
    assert answer.json()["next"] is None
    return list(answer.json()["subscribers"])


async def test_a_code_is_confirmed_by_an_operators_put_and_not_by_ones_own(world: World) -> None:
    assert not await puts(world, "subscriber")
    assert await waiting(world) == [{"subscriber_id": "S-1", "name": "S-1 公司", "credit_code": CODE}]
    assert await puts(world, "operator")
    assert await waiting(world) == []
    assert await puts(world, "subscriber")  # the same code
    assert not await puts(world, "subscriber", OTHER)


async def test_so_it_is_by_the_form_where_the_page_says_that_it_waits(world: World) -> None:
    await puts(world, "operator")
    form = {"name": "S-1 公司", "credit_code": OTHER, "kind": "enterprise"}
    answer = await world.call("subscriber", "POST", "/my/who", data=form, headers=HTML)
    assert answer.status_code == 303, answer.text
    shown = await world.call("subscriber", "GET", "/my", headers=HTML)
    assert f"{OTHER} 尚未经机关核实" in shown.text
    await world.call("operator", "PUT", f"{ME}/credit-code", json={"credit_code": OTHER})
    shown = await world.call("subscriber", "GET", "/my", headers=HTML)
    assert "尚未经机关核实" not in shown.text


async def test_who_signs_up_by_the_public_form_is_not_confirmed(world: World) -> None:
    given = {"name": "陌生人", "credit_code": CODE, "contacts": [{"channel": "email", "address": "a@b.cn"}]}
    assert (await world.call(None, "POST", "/api/v1/join", json=given)).status_code == 202
    s = subscribers.c
    async with world.house.record.read() as conn:
        query = select(s.credit_code_confirmed).where(s.credit_code == CODE)
        assert list(await conn.scalars(query)) == [False]


async def test_an_imported_code_is_confirmed(world: World) -> None:
    table = f"企业编号,企业名称,统一社会信用代码\nS-1,甲公司,{CODE}\n"
    headers = {"Content-Type": "text/csv; charset=utf-8"}
    path = "/api/v1/subscribers/import"
    answer = await world.call("operator", "POST", path, content=table.encode(), headers=headers)
    assert answer.status_code == 200, answer.text
    assert (await world.call("operator", "GET", ME)).json()["credit_code_confirmed"] is True


async def test_an_operator_confirms_the_code_that_was_looked_into_and_takes_it_back(world: World) -> None:
    await puts(world, "subscriber")
    path = f"{ME}/credit-code"
    other = await world.call("operator", "PUT", path, json={"credit_code": OTHER})
    assert other.status_code == 409
    assert f"S-1 does not state the credit code {OTHER}" in other.json()["detail"]
    done = await world.call("operator", "PUT", path, json={"credit_code": CODE})
    assert done.json() == {"subscriber_id": "S-1", "credit_code": CODE, "credit_code_confirmed": True}
    assert await waiting(world) == []
    await world.call("operator", "PUT", path, json={"credit_code": CODE, "confirmed": False})
    assert [one["subscriber_id"] for one in await waiting(world)] == ["S-1"]
    for who in ("subscriber", "association", "publisher"):
        answer = await world.call(who, "PUT", path, json={"credit_code": CODE})
        assert answer.status_code == 403, who
    nobody = await world.call(
        "operator", "PUT", "/api/v1/subscribers/S-9/credit-code", json={"credit_code": CODE}
    )
    assert nobody.status_code == 404


async def joins(world: World) -> dict[str, Any]:
    answer = await world.call("subscriber", "POST", f"{ME}/memberships/soft")
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_an_association_confirms_who_joined_by_itself_over_the_api(world: World) -> None:
    assert (await joins(world))["confirmed"] is False
    listed = (await world.call("association", "GET", f"{MEMBERS}?confirmed=false")).json()
    assert listed["members"] == [{"subscriber_id": "S-1", "name": "S-1 公司", "confirmed": False}]
    done = await world.call("association", "PUT", f"{MEMBERS}/S-1/confirmed", json={})
    assert done.json() == {"association_id": "soft", "subscriber_id": "S-1", "confirmed": True}
    assert (await world.call("association", "GET", f"{MEMBERS}?confirmed=false")).json()["members"] == []
    [shown] = (await world.call("subscriber", "GET", f"{ME}/memberships")).json()["memberships"]
    assert shown["confirmed"] is True
    assert "joined by itself" in shown["consent_evidence"]
    async with world.house.record.read() as conn:
        row = (await conn.execute(select(audit).where(audit.c.action == "membership.vouched"))).one()
    assert row.details == {"association_id": "soft", "confirmed": True}


async def test_and_by_a_button_on_its_page(world: World) -> None:
    await joins(world)
    own = await world.call("subscriber", "GET", "/space/S-1/associations", headers=HTML)
    assert "会员身份待确认" in own.text
    before = await world.call("association", "GET", "/association", headers=HTML)
    assert "待确认的会员" in before.text
    assert 'action="/association/members/S-1/confirm"' in before.text
    done = await world.call("association", "POST", "/association/members/S-1/confirm", headers=HTML)
    assert done.status_code == 303
    after = await world.call("association", "GET", "/association", headers=HTML)
    assert "待确认的会员" not in after.text
    own = await world.call("subscriber", "GET", "/space/S-1/associations", headers=HTML)
    assert "会员身份待确认" not in own.text


async def test_what_an_operator_enters_confirms_what_the_member_entered(world: World) -> None:
    await joins(world)
    given = {"consent_at": "2026-01-05T01:00:00Z", "consent_evidence": "入会申请表 17"}
    assert (await world.call("operator", "PUT", f"{MEMBERS}/S-1", json=given)).status_code == 200
    [shown] = (await world.call("operator", "GET", MEMBERS)).json()["members"]
    assert shown["confirmed"] is True
    back = await world.call("operator", "PUT", f"{MEMBERS}/S-1/confirmed", json={"confirmed": False})
    assert back.json()["confirmed"] is False


async def test_nobody_is_a_member_by_a_confirmation_and_no_association_confirms_anothers(
    world: World,
) -> None:
    for path in (f"{MEMBERS}/S-1/confirmed", f"{MEMBERS}/S-9/confirmed"):
        answer = await world.call("association", "PUT", path, json={})
        assert answer.status_code == 404
        assert "is no member of soft" in answer.json()["detail"]
    await joins(world)
    async with world.house.record.write() as conn:
        await put_association(conn, "other", "别的协会", now=NOW)
        bound = {"role": Role.ASSOCIATION, "holder": "别的协会", "association_id": "other"}
        key = await create_key(conn, world.house.vault, **bound, now=NOW)
    world.keys["other-association"] = key.bearer
    answer = await world.call("other-association", "PUT", f"{MEMBERS}/S-1/confirmed", json={})
    assert answer.status_code == 403
    [shown] = (await world.call("operator", "GET", MEMBERS)).json()["members"]
    assert shown["confirmed"] is False


@pytest.mark.parametrize("body", [{}, {"credit_code": "123"}, {"credit_code": CODE, "sure": True}])
async def test_what_is_wrong_with_a_confirmation_is_named(world: World, body: dict[str, Any]) -> None:
    answer = await world.call("operator", "PUT", f"{ME}/credit-code", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] in ("credit_code", "sure")
