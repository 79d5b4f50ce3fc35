"""Running the installation over HTTP: keys, agencies, dead letters, outbox, backup, health, errors."""

import tarfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from channels.message import Content, Message, Occasion
from config.database.schema import audit
from service.api.app import create_app
from streams.deadletters import letter_id, put_aside
from streams.log import Position
from subscribers.registry import erase
from tests.servers.api_world import NOW, ORIGIN, World, outage


async def test_a_key_is_shown_once_and_works(world: World) -> None:
    bound = {"role": "publisher", "holder": "新人", "agency_id": "sheet"}
    made = await world.call("operator", "POST", "/api/v1/keys", json=bound)
    assert made.status_code == 201
    key = made.json()["key"]
    assert key.startswith(f"zd_{made.json()['key_id']}_")
    assert made.json()["hmac_secret"]
    world.keys["new"] = key
    assert (await world.call("new", "GET", "/api/v1/policies")).status_code == 200
    listed = await world.call("operator", "GET", "/api/v1/keys")
    assert key.split("_", 2)[2] not in listed.text
    assert made.json()["hmac_secret"] not in listed.text


@pytest.mark.parametrize(
    "bound",
    [
        {},
        {"role": "publisher", "holder": "x"},
        {"role": "publisher", "holder": "x", "agency_id": "no-such"},
        {"role": "subscriber", "holder": "x"},
        {"role": "emperor", "holder": "x"},
        {"role": "operator", "holder": " "},
        {"role": "operator", "holder": "x", "colour": "red"},
    ],
)
async def test_a_key_that_cannot_be_is_refused(world: World, bound: dict[str, Any]) -> None:
    assert (await world.call("operator", "POST", "/api/v1/keys", json=bound)).status_code == 422


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        ({"role": "publisher", "agency_id": "no-such"}, "unknown agency no-such"),
        ({"role": "association", "association_id": "no-such"}, "unknown association no-such"),
        ({"role": "subscriber", "subscriber_id": "no-such"}, "unknown subscriber no-such"),
        ({"role": "subscriber", "subscriber_id": "S-2"}, "unknown subscriber S-2"),
    ],
)
async def test_a_key_for_nobody_is_refused_with_what_to_do(
    world: World, bound: dict[str, str], said: str
) -> None:
    async with world.house.record.write() as conn:
        await erase(conn, "S-2", now=NOW, actor="tests")
    answer = await world.call("operator", "POST", "/api/v1/keys", json=bound | {"holder": "新人"})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(f"{said}: put it first with PUT /api/v1/")


async def test_keys_agencies_and_members_leave_a_trace_of_who_made_and_revoked_them(world: World) -> None:
    bound = {"role": "publisher", "holder": "新人", "agency_id": "kjj"}
    put = {"name": "科技局", "region": "310000"}
    await world.call("operator", "PUT", "/api/v1/agencies/kjj", json=put)
    made = (await world.call("operator", "POST", "/api/v1/keys", json=bound)).json()
    await world.call("operator", "DELETE", f"/api/v1/keys/{made['key_id']}")
    consent = {"consent_at": "2026-01-01T00:00:00Z", "consent_evidence": "入会表"}
    await world.call("operator", "PUT", "/api/v1/associations/soft/members/S-1", json=consent)
    async with world.house.record.read() as conn:
        rows = (await conn.execute(select(audit).where(audit.c.actor == "运维"))).all()
    found = {row.action: (row.object, row.details) for row in rows}
    assert found["agency.put"] == ("kjj", put)
    assert found["key.created"] == (made["key_id"], bound)
    assert found["key.revoked"] == (made["key_id"], {})
    assert found["membership.put"] == ("S-1", {"association_id": "soft", "evidence": "入会表"})
    assert made["key"].split("_", 2)[2] not in str(rows)


async def test_the_audit_of_a_subscribers_key_names_nobody_who_could_be_erased(world: World) -> None:
    bound = {"role": "subscriber", "holder": "王小明", "subscriber_id": "S-1"}
    assert (await world.call("operator", "POST", "/api/v1/keys", json=bound)).status_code == 201
    async with world.house.record.read() as conn:
        made = (await conn.execute(select(audit).where(audit.c.action == "key.created"))).one()
    assert made.details == {"role": "subscriber", "subscriber_id": "S-1"}


@pytest.mark.parametrize("sent", ["", "application/x-www-form-urlencoded", "text/plain; charset=utf-8"])
async def test_json_that_does_not_say_so_is_told_how_to(world: World, sent: str) -> None:
    headers = {"Content-Type": sent} if sent else {}
    body = b'{"role": "operator", "holder": "x"}'
    answer = await world.call("operator", "POST", "/api/v1/keys", content=body, headers=headers)
    assert answer.status_code == 422
    assert "Content-Type: application/json" in answer.json()["detail"]
    assert (sent.partition(";")[0] or "nothing") in answer.json()["detail"]
    said = await world.call("operator", "POST", "/api/v1/keys", json=["role"])
    assert "Content-Type" not in said.json()["detail"]


async def test_an_operator_does_not_saw_off_its_own_branch(world: World) -> None:
    key_id = world.keys["operator"].split("_")[1]
    assert (await world.call("operator", "DELETE", f"/api/v1/keys/{key_id}")).status_code == 409


async def test_an_agency_is_put_and_corrected(world: World) -> None:
    for name in ("科技局", "科学技术局"):
        body = {"name": name, "region": "310000"}
        answer = await world.call("operator", "PUT", "/api/v1/agencies/kjj", json=body)
        assert answer.json() == {"agency_id": "kjj"} | body
    listed = (await world.call("operator", "GET", "/api/v1/agencies")).json()["agencies"]
    assert [agency["name"] for agency in listed if agency["agency_id"] == "kjj"] == ["科学技术局"]


@pytest.mark.parametrize(
    "body",
    [{}, {"name": "x", "region": "1"}, {"name": "x", "region": "999999"}, {"name": "x", "agency_id": "y"}],
)
async def test_a_wrong_agency_is_refused(world: World, body: dict[str, str]) -> None:
    assert (await world.call("operator", "PUT", "/api/v1/agencies/kjj", json=body)).status_code == 422


async def test_members_join_an_association_with_their_consent(world: World) -> None:
    path = "/api/v1/associations/chips"
    assert (await world.call("operator", "PUT", path, json={"name": "芯片协会"})).status_code == 200
    consent = {"consent_at": "2026-01-01T00:00:00Z", "consent_evidence": "入会表"}
    assert (await world.call("operator", "PUT", f"{path}/members/S-1", json=consent)).status_code == 200
    assert (await world.call("operator", "PUT", f"{path}/members/S-9", json=consent)).status_code == 404
    nowhere = "/api/v1/associations/no-such/members/S-1"
    assert (await world.call("operator", "PUT", nowhere, json=consent)).status_code == 404
    bare = await world.call("operator", "PUT", f"{path}/members/S-1", json={})
    assert {error["field"] for error in bare.json()["errors"]} == {"consent_at", "consent_evidence"}


async def test_a_dead_letter_is_listed_with_its_reason_and_replayed(world: World) -> None:
    at = Position("policy.events", 1, 7)
    async with world.house.record.write() as conn:
        await put_aside(conn, at, (b"k", b"{}", {}), "not valid JSON", NOW)
    listed = (await world.call("operator", "GET", "/api/v1/deadletters")).json()["dead_letters"]
    assert [(letter["reason"], letter["offset"]) for letter in listed] == [("not valid JSON", 7)]
    path = f"/api/v1/deadletters/{letter_id(at)}/replay"
    assert (await world.call("operator", "POST", path)).status_code == 202
    assert world.log.messages[-1][1] == b"{}"
    again = (await world.call("operator", "GET", "/api/v1/deadletters")).json()["dead_letters"]
    assert again[0]["replayed_at"] == "2026-03-02T04:00:00.000Z"
    world.log.away = True
    assert (await world.call("operator", "POST", path)).status_code == 503


async def test_the_outbox_shows_masked_messages_newest_first(world: World) -> None:
    content = Content(
        "c", Occasion.POLICY, "sheet", "P-1", 1, "工信局", "软件措施", None, "摘要", "http://x/p"
    )
    for number in range(3):
        message = Message(
            f"d{number}",
            "S-1",
            "甲公司",
            f"zhangsan{number}@example.cn",
            content,
            (),
            "http://x/unsubscribe/t",
            "policy",
            NOW + timedelta(seconds=number),
        )
        await world.house.channels["email"].send([message])
    first = (await world.call("operator", "GET", "/api/v1/outbox?channel=email&limit=2")).json()
    assert [message["delivery_id"] for message in first["messages"]] == ["d2", "d1"]
    assert "zhangsan" not in str(first)
    rest = await world.call("operator", "GET", f"/api/v1/outbox?channel=email&limit=2&after={first['next']}")
    assert [message["delivery_id"] for message in rest.json()["messages"]] == ["d0"]
    everything = (await world.call("operator", "GET", "/api/v1/outbox")).json()["messages"]
    assert [message["channel"] for message in everything] == ["email"] * 3
    page = await world.call("operator", "GET", "/outbox", headers={"Accept": "text/html"})
    assert "软件措施" in page.text


@pytest.mark.parametrize(
    "query", ["channel=pigeon", "channel=email&after=x", "after=2026-01-01:0", "limit=0"]
)
async def test_a_wrong_outbox_query_is_refused(world: World, query: str) -> None:
    assert (await world.call("operator", "GET", f"/api/v1/outbox?{query}")).status_code == 422


async def test_keys_are_wrapped_anew_as_often_as_one_likes_and_the_audit_says_so(world: World) -> None:
    first = await world.call("operator", "POST", "/api/v1/master-keys/rewrap")
    again = await world.call("operator", "POST", "/api/v1/master-keys/rewrap")
    assert first.json() == again.json()
    assert first.json()["rewrapped"] >= 2  # the installation's own two, and one for each subscriber
    async with world.house.record.read() as conn:
        noted = select(audit.c.details).where(audit.c.action == "master_keys.rewrapped")
        assert await conn.scalar(noted) == {"keys": first.json()["rewrapped"]}


async def test_a_backup_is_a_file_of_that_size(world: World) -> None:
    answer = (await world.call("operator", "POST", "/api/v1/backup")).json()
    path = Path(answer["path"])
    assert path.stat().st_size == answer["bytes"]
    with tarfile.open(path) as archive:
        assert archive.getnames()


async def test_health_says_what_is_away_and_answers_200(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await world.call(None, "GET", "/healthz")).json() == {"status": "ok", "checks": {"record": "ok"}}
    world.app = create_app(world.house, lambda: {"log": "away since 04:00"})
    answer = await world.call(None, "GET", "/healthz")
    assert answer.json()["checks"] == {"record": "ok", "log": "away since 04:00"}
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")

    def away() -> None:
        raise outage()

    monkeypatch.setattr(world.house.record, "read", away)
    answer = await world.call(None, "GET", "/healthz")
    assert answer.json()["checks"]["record"].startswith("away")
    assert "secret" not in answer.text


async def test_metrics_are_prometheus_text(world: World) -> None:
    answer = await world.call(None, "GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "zhengda_" in answer.text


async def test_metrics_are_for_this_machine_and_for_operators_unless_they_are_public(world: World) -> None:
    async def asked(app: Any = world.app, who: str | None = None) -> httpx.Response:
        given = {"Authorization": f"Bearer {world.keys[who]}"} if who else {}
        transport = httpx.ASGITransport(app, client=("192.0.2.7", 4711))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=given) as client:
            return await client.get("/metrics")

    refused = await asked()
    assert refused.status_code == 403
    assert "ZHENGDA_METRICS_PUBLIC=1" in refused.json()["detail"]
    assert (await asked(who="publisher")).status_code == 403
    assert (await asked(who="operator")).status_code == 200
    # What a reverse proxy on this machine passes on is not from this machine.
    passed_on = {"X-Forwarded-For": "192.0.2.7"}
    assert (await world.call(None, "GET", "/metrics", headers=passed_on)).status_code == 403
    settings = world.house.settings.model_copy(update={"metrics_public": True})
    public = create_app(replace(world.house, settings=settings))
    assert (await asked(public)).status_code == 200


async def test_what_nobody_foresaw_is_a_500_that_tells_nothing_of_the_inside(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(world.house.record, "read", broken)
    for accept in ("*/*", "text/html"):
        for path in ("/api/v1/policies", "/policies"):
            answer = await world.call("operator", "GET", path, headers={"Accept": accept})
            assert answer.status_code == 500
            assert "secret" not in answer.text
            assert "Traceback" not in answer.text
            assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("PATCH", "/api/v1/policies", 405),
        ("DELETE", "/", 405),
        ("GET", "/x", 404),
    ],
)
async def test_what_is_not_there_is_a_problem_too(world: World, method: str, path: str, status: int) -> None:
    answer = await world.call("operator", method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


async def test_every_answer_carries_the_security_headers(world: World) -> None:
    for path in ("/", "/api/v1/policies", "/x", "/static/zhengda.css", "/healthz", "/api/docs"):
        headers = (await world.call(None, "GET", path)).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


async def test_the_openapi_document_covers_the_whole_api_and_the_page_shows_it(world: World) -> None:
    document = (await world.call(None, "GET", "/api/openapi.json")).json()
    assert "/api/v1/events" in document["paths"]
    page = (await world.call(None, "GET", "/api/docs")).text
    for path in document["paths"]:
        assert path in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
