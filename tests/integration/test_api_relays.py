"""Associations over HTTP: joining and leaving, kits, relays and their reach, and who may see what."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select, update

from channels.message import Reason
from channels.reasons import dump_reasons
from config.database.schema import api_keys, audit, deliveries, inbox, memberships, relays
from service.api.security import BY_LINK, COOKIE, SESSION
from streams.access import Role, create_key
from streams.campaigns.record import open_campaign
from streams.names import POLICIES_RELEASED, SUBSCRIPTION_CHANGES
from streams.relay.record import relay_id
from subscribers.associations import put_association, put_membership
from subscribers.model import SubscriberIn
from subscribers.registry import put_subscriber
from tests.servers.api_world import NOW, ORIGIN, World

HTML = {"Accept": "text/html", "Origin": ORIGIN}
SOFT = "/api/v1/associations/soft"


async def fits(world: World, *who: str, policy_id: str = "P-1", revision: int = 1, **values: Any) -> None:
    """Give subscribers a row of a policy's own push, as matching does."""
    async with world.house.record.write() as conn:
        campaign = await open_campaign(
            conn, "sheet", policy_id, revision, "policy", labels=(), shards=1, now=NOW
        )
        for one in who:
            row = {
                "delivery_id": f"{policy_id}-{revision}-{one}",
                "campaign_id": campaign.campaign_id,
                "shard": 0,
                "subscriber_id": one,
                "channel": "space",
                "contact_id": "space",
                "reasons": [],
                "state": "delivered",
                "attempts": 1,
                "due_at": NOW,
                "planned_at": NOW,
                "delivered_at": NOW,
            }
            await conn.execute(deliveries.insert().values(row | values))


async def enrol(world: World, count: int) -> list[str]:
    """Make members M-0, M-1 … of the software association."""
    names = [f"M-{number}" for number in range(count)]
    async with world.house.record.write() as conn:
        for name in names:
            given = SubscriberIn(name=f"{name} 公司")
            await put_subscriber(conn, world.house.vault, name, given, shards=4, now=NOW, actor="tests")
            await put_membership(conn, "soft", name, consent_at=NOW, evidence="入会表")
    return names


async def relay(world: World, policy_id: str = "P-1", note: str = "请留意") -> Any:
    given = {"agency_id": "sheet", "policy_id": policy_id, "note": note}
    return await world.call("association", "POST", f"{SOFT}/relays", json=given)


# -- membership ------------------------------------------------------------------------------------------------------


async def test_a_subscriber_joins_and_leaves_by_its_own_call_and_the_consent_is_kept(world: World) -> None:
    where = "/api/v1/subscribers/S-1/memberships"
    joined = await world.call("subscriber", "POST", f"{where}/soft")
    assert joined.status_code == 201
    assert joined.json()["name"] == "软件行业协会"
    assert joined.json()["consent_at"] == "2026-03-02T04:00:00.000Z"
    assert "joined by itself" in joined.json()["consent_evidence"]
    assert world.keys["subscriber"].split("_")[1] in joined.json()["consent_evidence"]
    listed = (await world.call("subscriber", "GET", where)).json()["memberships"]
    assert listed == [joined.json()]
    for _ in range(2):
        assert (await world.call("subscriber", "DELETE", f"{where}/soft")).status_code == 204
    assert (await world.call("subscriber", "GET", where)).json() == {"memberships": []}
    async with world.house.record.read() as conn:
        rows = await conn.execute(select(audit).where(audit.c.object == "S-1").order_by(audit.c.at))
        told = {row.action: row.details for row in rows}
    assert "joined by itself" in told["membership.joined"]["evidence"]
    assert told["membership.left"] == {"association_id": "soft"}


async def test_what_an_operator_enters_is_audited_with_its_evidence(world: World) -> None:
    given = {"consent_at": "2026-01-05T01:00:00Z", "consent_evidence": "入会申请表 17"}
    assert (await world.call("operator", "PUT", f"{SOFT}/members/S-1", json=given)).status_code == 200
    async with world.house.record.read() as conn:
        row = (await conn.execute(select(audit).where(audit.c.action == "membership.put"))).one()
    assert (row.actor, row.object) == ("运维", "S-1")
    assert row.details == {"association_id": "soft", "evidence": "入会申请表 17"}


async def test_who_signed_in_by_a_link_joins_without_a_key_and_the_evidence_says_so(world: World) -> None:
    session = world.house.tokens.sign_session({BY_LINK: "S-1"}, SESSION, now=NOW)
    headers = {"Cookie": f"{COOKIE}={session}", "Origin": ORIGIN}
    answer = await world.call(None, "POST", "/api/v1/subscribers/S-1/memberships/soft", headers=headers)
    assert answer.status_code == 201, answer.text
    assert "signed in by its confirmed contact" in answer.json()["consent_evidence"]


async def test_the_audit_of_a_membership_names_nobody_who_could_be_erased(world: World) -> None:
    where = "/api/v1/subscribers/S-1/memberships/soft"
    session = world.house.tokens.sign_session({BY_LINK: "S-1"}, SESSION, now=NOW)
    headers = {"Cookie": f"{COOKIE}={session}", "Origin": ORIGIN}
    assert (await world.call(None, "POST", where, headers=headers)).status_code == 201
    assert (await world.call(None, "DELETE", where, headers=headers)).status_code == 204
    async with world.house.record.read() as conn:
        rows = (await conn.execute(select(audit).where(audit.c.action.startswith("membership.")))).all()
    assert {(row.actor, row.object) for row in rows} == {("S-1", "S-1")}
    assert len(rows) == 2
    assert "公司" not in str(rows)


async def test_nobody_joins_in_anothers_name(world: World) -> None:
    path = "/api/v1/subscribers/S-1/memberships/soft"
    for who in ("operator", "association", "publisher", "other-subscriber"):
        assert (await world.call(who, "POST", path)).status_code == 403, who
    assert (await world.call("operator", "DELETE", path)).status_code == 204


async def test_joining_an_association_that_does_not_exist_is_not_found(world: World) -> None:
    answer = await world.call("subscriber", "POST", "/api/v1/subscribers/S-1/memberships/nowhere")
    assert answer.status_code == 404
    async with world.house.record.read() as conn:
        assert (await conn.execute(select(memberships))).all() == []


async def test_an_association_sees_of_its_members_only_id_and_name(world: World) -> None:
    await enrol(world, 3)
    answer = await world.call("association", "GET", f"{SOFT}/members?limit=2")
    assert answer.json() == {
        "count": 3,
        "members": [
            {"subscriber_id": "M-0", "name": "M-0 公司", "confirmed": True},
            {"subscriber_id": "M-1", "name": "M-1 公司", "confirmed": True},
        ],
        "next": "M-1",
    }
    rest = await world.call("association", "GET", f"{SOFT}/members?after=M-1")
    assert [one["subscriber_id"] for one in rest.json()["members"]] == ["M-2"]
    for path in ("/api/v1/subscribers/M-0", "/api/v1/space/M-0/messages", "/api/v1/ledger"):
        assert (await world.call("association", "GET", path)).status_code == 403, path


@pytest.mark.parametrize("path", ["members", "kits", "relays", "relays/x", "kits/sheet/P-1"])
async def test_an_association_sees_nothing_of_another(world: World, path: str) -> None:
    async with world.house.record.write() as conn:
        await put_association(conn, "other", "别的协会", now=NOW)
    assert (await world.call("association", "GET", f"/api/v1/associations/other/{path}")).status_code == 403
    given = {"agency_id": "sheet", "policy_id": "P-1"}
    answer = await world.call("association", "POST", "/api/v1/associations/other/relays", json=given)
    assert answer.status_code == 403


async def test_whoever_may_join_sees_all_associations_and_an_association_itself(world: World) -> None:
    async with world.house.record.write() as conn:
        await put_association(conn, "other", "别的协会", now=NOW)
    for who, seen in (
        ("subscriber", ["other", "soft"]),
        ("operator", ["other", "soft"]),
        ("association", ["soft"]),
    ):
        found = (await world.call(who, "GET", "/api/v1/associations")).json()["associations"]
        assert [one["association_id"] for one in found] == seen, who


# -- kits ------------------------------------------------------------------------------------------------------------


async def test_a_kit_holds_the_whole_package(world: World) -> None:
    names = await enrol(world, 12)
    more = {
        "doc_number": "示工信〔2026〕1号",
        "interpretations": [{"title": "图解", "body": "一图读懂"}],
        "attachments": [{"title": "申请表", "url": "https://example.cn/a.docx"}],
        "apply_url": "https://example.cn/apply",
        "matter_codes": ["1102030"],
    }
    await world.publish("P-1", **more)
    await fits(world, *names[:6])
    kits = (await world.call("association", "GET", f"{SOFT}/kits")).json()
    assert kits["next"] is None
    (head,) = kits["kits"]
    assert (head["policy_id"], head["fitting"]) == ("P-1", 6)
    assert head["sheet_url"].endswith("/sheets/sheet/P-1")
    kit = (await world.call("association", "GET", f"{SOFT}/kits/sheet/P-1")).json()
    assert kit["body"].startswith("各有关单位")
    assert kit["doc_number"] == "示工信〔2026〕1号"
    assert [one["title"] for one in kit["interpretations"]] == ["图解"]
    assert kit["attachments"][0]["title"] == "申请表"
    assert (kit["apply_url"], kit["matter_codes"]) == ("https://example.cn/apply", ["1102030"])
    assert any(label["quote"] for label in kit["labels"])
    assert (kit["fitting"], kit["relay"]) == (6, None)
    assert "publisher" not in kit


async def test_whom_a_kit_fits_is_masked_from_both_sides(world: World) -> None:
    names = await enrol(world, 12)
    for policy_id, count in (("P-1", 2), ("P-2", 7), ("P-3", 11)):
        await world.publish(policy_id)
        await fits(world, *names[:count], policy_id=policy_id)
    for who in ("association", "operator"):
        kits = (await world.call(who, "GET", f"{SOFT}/kits")).json()["kits"]
        assert {kit["policy_id"]: kit["fitting"] for kit in kits} == {"P-1": "<5", "P-2": 7, "P-3": "≥8"}


async def test_a_targeted_or_unreleased_policy_is_no_kit(world: World) -> None:
    await enrol(world, 1)
    await world.publish("P-1", audience_scope={"subscribers": ["M-0"]})
    await world.publish("P-2", release=False)
    await world.publish("P-3")
    for policy_id in ("P-1", "P-2"):
        await fits(world, "M-0", policy_id=policy_id)
    assert (await world.call("association", "GET", f"{SOFT}/kits")).json()["kits"] == []
    for policy_id in ("P-1", "P-2", "P-3", "P-9"):
        answer = await world.call("association", "GET", f"{SOFT}/kits/sheet/{policy_id}")
        assert answer.status_code == 404, policy_id


async def test_a_policy_is_no_kit_any_more_once_it_is_repealed(world: World) -> None:
    names = await enrol(world, 12)
    await world.publish("P-1")
    await fits(world, *names[:6])
    assert (await world.call("association", "GET", f"{SOFT}/kits/sheet/P-1")).status_code == 200
    told = {"specversion": "1.0", "id": "r", "source": "/tests", "type": "policy.repealed"}
    ended = await world.call(
        "publisher", "POST", "/api/v1/events", json=told | {"data": {"policy_id": "P-1"}}
    )
    assert ended.status_code == 202
    await world.work()
    assert (await world.call("association", "GET", f"{SOFT}/kits")).json()["kits"] == []
    assert (await world.call("association", "GET", f"{SOFT}/kits/sheet/P-1")).status_code == 404


# -- relays ----------------------------------------------------------------------------------------------------------


async def test_a_relay_is_written_audited_and_handed_on(world: World) -> None:
    await world.publish("P-1")
    answer = await relay(world, note="  会员可到秘书处咨询 ")
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["relay_id"] == relay_id("soft", "sheet", "P-1", 1)
    assert (made["note"], made["by"], made["revision"]) == ("会员可到秘书处咨询", "软协", 1)
    (told,) = world.log.on(POLICIES_RELEASED)
    assert told == {
        "agency_id": "sheet",
        "policy_id": "P-1",
        "revision": 1,
        "occurrence": f"relay:{made['relay_id']}",
    }
    async with world.house.record.read() as conn:
        row = (await conn.execute(select(audit).where(audit.c.action == "policy.relayed"))).one()
    assert (row.actor, row.object) == ("软协", "sheet/P-1")
    assert row.details == {"association_id": "soft", "revision": 1, "note": "会员可到秘书处咨询"}
    listed = (await world.call("association", "GET", f"{SOFT}/relays")).json()["relays"]
    assert listed == [made | {"title": "关于支持软件产业发展的若干措施"}]


async def test_a_second_relay_of_a_revision_says_what_stands(world: World) -> None:
    await world.publish("P-1")
    made = (await relay(world, note="第一次")).json()
    again = await relay(world, note="第二次")
    assert again.status_code == 409
    assert made["relay_id"] in again.json()["detail"]
    assert "软协" in again.json()["detail"]
    assert len(world.log.on(POLICIES_RELEASED)) == 1
    await world.publish("P-1", title="第二版")
    assert (await relay(world)).json()["revision"] == 2


async def test_a_relay_stands_though_the_log_is_away(world: World) -> None:
    await world.publish("P-1")
    world.log.away = True
    answer = await relay(world)
    assert answer.status_code == 201, "it is durable; the sweep hands it on"
    async with world.house.record.read() as conn:
        assert len((await conn.execute(select(relays))).all()) == 1


@pytest.mark.parametrize(
    ("policy_id", "status", "words"),
    [
        ("targeted", 404, "targeted does not exist, or you may not see it"),
        ("waiting", 404, "waiting does not exist, or you may not see it"),
        ("repealed", 409, "repealed"),
        ("over", 409, "apply_window"),
        ("unknown", 404, "unknown"),
    ],
)
async def test_what_cannot_be_relayed_says_why(world: World, policy_id: str, status: int, words: str) -> None:
    await world.publish("targeted", audience_scope={"subscribers": ["S-1"]})
    await world.publish("waiting", release=False)
    await world.publish("over", apply_window={"opens": "2026-01-01", "closes": "2026-03-01"})
    await world.publish("repealed")
    told = {
        "specversion": "1.0",
        "id": "r",
        "source": "/tests",
        "type": "policy.repealed",
        "data": {"policy_id": "repealed"},
    }
    assert (await world.call("publisher", "POST", "/api/v1/events", json=told)).status_code == 202
    await world.work()
    answer = await relay(world, policy_id)
    assert answer.status_code == status, answer.text
    assert words in answer.json()["detail"]
    assert world.log.on(POLICIES_RELEASED) == []


@pytest.mark.parametrize(
    "given", [{"note": "长" * 501}, {"policy_id": ""}, {"agency_id": "a b"}, {"more": 1}]
)
async def test_a_wrong_relay_is_refused_by_field(world: World, given: Mapping[str, Any]) -> None:
    whole = {"agency_id": "sheet", "policy_id": "P-1"} | dict(given)
    answer = await world.call("association", "POST", f"{SOFT}/relays", json=whole)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == list(given)


async def test_the_reach_is_shown_as_counts_that_cannot_be_subtracted(world: World) -> None:
    names = await enrol(world, 20)
    await world.publish("P-1")
    await fits(world, *names[:10])
    made = (await relay(world)).json()
    async with world.house.record.write() as conn:
        campaign = await open_campaign(
            conn, "sheet", "P-1", 1, f"relay:{made['relay_id']}", labels=(), shards=1, now=NOW
        )
        for name in names[10:18]:
            row = {
                "delivery_id": f"r-{name}",
                "campaign_id": campaign.campaign_id,
                "shard": 0,
                "subscriber_id": name,
                "channel": "space",
                "contact_id": "space",
                "reasons": [],
                "state": "delivered",
                "attempts": 1,
                "due_at": NOW,
                "planned_at": NOW,
                "delivered_at": NOW,
            }
            await conn.execute(deliveries.insert().values(row))
        read = deliveries.c.subscriber_id.in_(names[:3])
        await conn.execute(update(deliveries).where(read).values(read_at=NOW))
    shown = (await world.call("association", "GET", f"{SOFT}/relays/{made['relay_id']}")).json()
    assert shown["reach"] == {"members": 20, "by_agency": 10, "by_relay": "≥6", "read": "<5"}
    assert shown["complete"] is False
    assert (await world.call("association", "GET", f"{SOFT}/relays/other")).status_code == 404


async def test_an_association_without_members_has_a_reach_that_says_nothing(world: World) -> None:
    await world.publish("P-1")
    made = (await relay(world)).json()
    shown = (await world.call("association", "GET", f"{SOFT}/relays/{made['relay_id']}")).json()
    assert set(shown["reach"].values()) == {"<5"}


async def test_the_agency_may_be_left_out_where_only_one_has_the_policy(world: World) -> None:
    await world.publish("P-1")
    await world.publish("P-2")
    await world.publish("P-2", who="other-")
    given = {"policy_id": "P-1"}
    answer = await world.call("association", "POST", f"{SOFT}/relays", json=given)
    assert (answer.status_code, answer.json()["agency_id"]) == (201, "sheet")
    for who in ("", "other-"):
        await world.publish("hidden", who=who, release=False)
    for policy_id, status, words in (
        ("P-2", 409, "agency_id"),
        ("P-9", 404, "P-9"),
        ("hidden", 404, "hidden"),
    ):
        answer = await world.call("association", "POST", f"{SOFT}/relays", json={"policy_id": policy_id})
        assert answer.status_code == status
        assert words in answer.json()["detail"]


# -- the member's side -----------------------------------------------------------------------------------------------


async def lay(world: World, message_id: str = "m-1", occurrence: str = "policy") -> None:
    """Put a message of P-1 into the inbox of S-1."""
    async with world.house.record.write() as conn:
        await conn.execute(
            inbox.insert().values(
                message_id=message_id,
                subscriber_id="S-1",
                agency_id="sheet",
                policy_id="P-1",
                revision=1,
                occurrence=occurrence,
                title="题",
                reasons=dump_reasons([Reason(None, "", ())]),
                at=NOW,
            )
        )


async def test_who_had_the_policy_sees_the_note_beside_its_message_while_it_is_a_member(world: World) -> None:
    await world.publish("P-1")
    await lay(world)
    await relay(world, note="会员可到<秘书处>咨询")
    where = "/api/v1/space/S-1/messages"
    assert (await world.call("subscriber", "GET", where)).json()["messages"][0]["notes"] == []
    membership = "/api/v1/subscribers/S-1/memberships/soft"
    await world.call("subscriber", "POST", membership)
    (note,) = (await world.call("subscriber", "GET", where)).json()["messages"][0]["notes"]
    assert (note["association_id"], note["association"]) == ("soft", "软件行业协会")
    assert note["note"] == "会员可到<秘书处>咨询"
    page = (await world.call("subscriber", "GET", "/space/S-1", headers=HTML)).text
    assert "软件行业协会附言" in page
    assert "会员可到&lt;秘书处&gt;咨询" in page
    await world.call("subscriber", "DELETE", membership)
    assert (await world.call("subscriber", "GET", where)).json()["messages"][0]["notes"] == []


async def test_the_page_of_associations_joins_and_leaves_by_a_button(world: World) -> None:
    path = "/space/S-1/associations"
    page = (await world.call("subscriber", "GET", path, headers=HTML)).text
    assert "同意加入" in page
    answer = await world.call("subscriber", "POST", f"{path}/soft/join", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    page = (await world.call("subscriber", "GET", path, headers=HTML)).text
    assert "起为会员" in page
    await world.call("subscriber", "POST", f"{path}/soft/leave", headers=HTML)
    assert "同意加入" in (await world.call("subscriber", "GET", path, headers=HTML)).text
    assert "同意加入" not in (await world.call("operator", "GET", path, headers=HTML)).text


async def test_a_membership_is_announced_for_a_policy_may_name_the_association(world: World) -> None:
    where = "/api/v1/subscribers/S-1/memberships/soft"
    await world.call("subscriber", "POST", where)
    await world.call("subscriber", "POST", where)
    assert [told["data"]["subscriber_id"] for told in world.log.on(SUBSCRIPTION_CHANGES)] == ["S-1"]
    given = {"consent_at": NOW.isoformat(), "consent_evidence": "入会表"}
    await world.call("operator", "PUT", f"{SOFT}/members/S-1", json=given)
    assert len(world.log.on(SUBSCRIPTION_CHANGES)) == 2


# -- the association's pages -----------------------------------------------------------------------------------------


async def test_the_kit_leads_to_no_application_that_is_closed(world: World) -> None:
    names = await enrol(world, 10)
    for policy_id, closes in (("P-1", "2026-03-02"), ("P-2", "2026-03-01")):
        await world.publish(policy_id, apply_url="https://apply.example.cn/", apply_window={"closes": closes})
        await fits(world, *names, policy_id=policy_id)
    kits = [
        (await world.call("association", "GET", f"/association/kits/sheet/{policy_id}", headers=HTML)).text
        for policy_id in ("P-1", "P-2")
    ]
    assert ["前往申报" in kit for kit in kits] == [True, False]
    assert ["申报期已结束" in kit for kit in kits] == [False, True]


async def test_the_association_relays_from_its_page_and_sees_the_reach(world: World) -> None:
    names = await enrol(world, 10)
    await world.publish("P-1", contact="<cite>张</cite>")
    await fits(world, *names)
    home = (await world.call("association", "GET", "/association", headers=HTML)).text
    assert "关于支持软件产业发展的若干措施" in home
    assert "适合会员 至少 6 家" in home
    where = "/association/kits/sheet/P-1"
    kit = (await world.call("association", "GET", where, headers=HTML)).text
    assert "每一版只能接力一次" in kit
    assert "/sheets/sheet/P-1" in kit
    assert "<cite>" not in kit
    answer = await world.call(
        "association", "POST", f"{where}/relay", headers=HTML, data={"note": "请\r\n留意"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"{where}?said=relayed")
    kit = (await world.call("association", "GET", f"{where}?said=relayed", headers=HTML)).text
    assert "已接力" in kit
    assert "请\n留意" in kit
    assert "至少 6" in kit
    assert "每一版只能接力一次" not in kit
    assert "已经接力的" in (await world.call("association", "GET", "/association", headers=HTML)).text
    again = await world.call("association", "POST", f"{where}/relay", headers=HTML, data={"note": ""})
    assert again.status_code == 409


async def test_a_relay_keeps_its_page_when_its_policy_has_moved_on(world: World) -> None:
    await enrol(world, 10)
    await world.publish("P-1")
    made = (await relay(world)).json()
    await world.publish("P-1", title="第二版")
    where = f"/association/relays/{made['relay_id']}"
    assert f'href="{where}"' in (await world.call("association", "GET", "/association", headers=HTML)).text
    page = (await world.call("association", "GET", where, headers=HTML)).text
    assert "关于支持软件产业发展的若干措施" in page
    assert "请留意" in page
    assert "少于 5" in page
    assert (await world.call("association", "GET", "/association/relays/x", headers=HTML)).status_code == 404


async def test_a_note_that_is_too_long_is_refused_on_the_page(world: World) -> None:
    where = "/association/kits/sheet/P-1/relay"
    answer = await world.call("association", "POST", where, headers=HTML, data={"note": "长" * 501})
    assert answer.status_code == 422
    assert "附言最多 500 个字" in answer.text


async def test_an_association_lands_on_its_own_page(world: World) -> None:
    async with world.client(None, **HTML) as client:
        answer = await client.post("/login", data={"key": world.keys["association"]})
        assert answer.headers["location"] == "/association"
        assert "协会工作台" in (await client.get("/association")).text


async def test_a_key_of_an_association_that_was_never_written_finds_nothing(world: World) -> None:
    async with world.house.record.write() as conn:
        key = await create_key(
            conn, world.house.vault, role=Role.ASSOCIATION, holder="无", association_id="soft", now=NOW
        )
        # Keys that were made before their association had to exist are still there.
        mine = api_keys.c.key_id == key.key_id
        await conn.execute(update(api_keys).where(mine).values(association_id="ghost"))
    world.keys["ghost"] = key.bearer
    assert (await world.call("ghost", "GET", "/association")).status_code == 404
    assert (await world.call("ghost", "GET", "/api/v1/associations/ghost/kits")).status_code == 404
    assert (await world.call("ghost", "GET", "/api/v1/associations")).json() == {"associations": []}


# -- the sheet -------------------------------------------------------------------------------------------------------


async def test_the_sheet_is_there_for_everybody_and_only_of_what_is_public(world: World) -> None:
    await world.publish("P-1", contact="010-12345678", apply_url="https://example.cn/apply")
    await world.publish("P-2", audience_scope={"subscribers": ["S-1"]})
    await world.publish("P-3", release=False)
    page = await world.call(None, "GET", "/sheets/sheet/P-1", headers=HTML)
    assert page.status_code == 200
    for words in (
        "关于支持软件产业发展的若干措施",
        "示范市工业和信息化局",
        "010-12345678",
        "data:image/svg+xml",
    ):
        assert words in page.text, words
    assert "<script>" not in page.text
    for policy_id in ("P-2", "P-3", "P-9"):
        for who in (None, "association", "publisher", "operator"):
            answer = await world.call(who, "GET", f"/sheets/sheet/{policy_id}", headers=HTML)
            assert answer.status_code == 404, (policy_id, who)
    linked = (await world.call(None, "GET", "/policies/sheet/P-1", headers=HTML)).text
    assert 'href="/sheets/sheet/P-1"' in linked


async def test_the_sheet_says_when_it_is_too_late(world: World) -> None:
    await world.publish("P-1", apply_window={"opens": "2026-01-01", "closes": "2026-03-01"})
    await world.publish("P-2", valid_until="2026-02-01")
    assert "申报期已结束" in (await world.call(None, "GET", "/sheets/sheet/P-1")).text
    assert "已过有效期" in (await world.call(None, "GET", "/sheets/sheet/P-2")).text
