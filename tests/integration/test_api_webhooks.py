"""Webhooks over HTTP: what owners and operators see, the test that confirms, secrets, re-enabling, replay."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from config.database.schema import audit, contacts, deliveries, suppressions
from service.api.app import create_app
from service.api.throttle import WEBHOOK_TESTS
from streams.campaigns.record import campaign_id
from tests.servers.api_world import NOW, World, open_world
from tests.servers.ports import free_port
from tests.servers.webhook_receiver import WebhookReceiver

BASE = "/api/v1/subscribers/S-1/webhook"
CONSENT = {"basis": "对接协议", "at": NOW.isoformat(), "evidence": "协议 7"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path, webhook_allow="127.0.0.0/8") as opened:
        # Far sides compare the time of a signature with their own.
        opened.house = replace(opened.house, real_clock=opened.clock)
        opened.clock.advance(datetime.now(UTC) - opened.clock.now())
        opened.app = create_app(opened.house)
        yield opened


async def put(world: World, who: str, *urls: str, **consent: Any) -> None:
    given = [{"channel": "webhook", "address": url, **consent} for url in urls]
    answer = await world.call(who, "PUT", "/api/v1/subscribers/S-1", json={"name": "甲", "contacts": given})
    assert answer.status_code == 200, answer.text


async def ask(world: World, method: str, path: str = "", who: str = "subscriber", **given: Any) -> Any:
    answer = await world.call(who, method, f"{BASE}{path}", **given)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def delivered(world: World, state: str = "delivered", number: int = 1, **changes: Any) -> str:
    """A ledger row as a released policy would have left it."""
    async with world.house.record.read() as conn:
        contact = await conn.scalar(select(contacts.c.contact_id).where(contacts.c.channel == "webhook"))
    row = {
        "delivery_id": f"00000000-0000-4000-8000-{number:012}",
        "campaign_id": campaign_id("sheet", "P-1", 1, "policy"),
        "shard": 0,
        "subscriber_id": "S-1",
        "channel": "webhook",
        "contact_id": contact,
        "reasons": [{"subscription": "named", "labels": []}],
        "state": state,
        "attempts": 10,
        "due_at": world.clock.now(),
        "planned_at": world.clock.now() + timedelta(seconds=number),
    } | changes
    async with world.house.record.write() as conn:
        await conn.execute(insert(deliveries), row)
    return str(row["delivery_id"])


async def test_who_enters_an_endpoint_itself_proves_it_by_repeating_the_challenge(
    world: World, receiver: WebhookReceiver
) -> None:
    await put(world, "subscriber", receiver.url, consent=CONSENT)
    (before,) = (await ask(world, "GET"))["endpoints"]
    assert (before["consented"], before["verified_at"]) == (False, None), "what it claims is not taken"
    receiver.honest = False
    told = await ask(world, "POST", "/test")
    assert (told["ok"], told["challenge_repeated"], told["confirmed"]) == (True, False, False)
    receiver.honest = True
    told = await ask(world, "POST", "/test")
    assert (told["ok"], told["status"], told["confirmed"]) == (True, 200, True)
    (after,) = (await ask(world, "GET"))["endpoints"]
    assert after["consented"]
    assert after["verified_at"] is not None
    assert sorted(one["status"] for one in after["attempts"]) == [200, 204]
    shown = (await world.call("subscriber", "GET", "/api/v1/subscribers/S-1")).json()
    assert shown["contacts"][0]["consent_basis"] == "double opt-in"


async def test_urls_are_masked_and_others_see_nothing(world: World, receiver: WebhookReceiver) -> None:
    await put(world, "operator", receiver.url, consent=CONSENT)
    whole = await world.call("operator", "GET", BASE)
    assert "policies?to=us" not in whole.text
    assert "localhost" in whole.text
    for who, status in (("other-subscriber", 403), ("publisher", 403), (None, 401)):
        for method, path in (("GET", ""), ("GET", "/secret"), ("POST", "/test"), ("POST", "/rotate")):
            assert (await world.call(who, method, f"{BASE}{path}")).status_code == status
    assert receiver.received == []


async def test_the_secret_verifies_and_both_do_while_it_changes(
    world: World, receiver: WebhookReceiver
) -> None:
    await put(world, "operator", receiver.url, consent=CONSENT)
    old = (await ask(world, "GET", "/secret"))["secret"]
    changed = await ask(world, "POST", "/rotate")
    assert changed["previous"]["secret"] == old != changed["secret"]
    assert await ask(world, "GET", "/secret") == changed
    await ask(world, "POST", "/test", "operator")
    (sent,) = receiver.received
    assert sent.verified(old) == sent.verified(changed["secret"])
    async with world.house.record.read() as conn:
        noted = set(await conn.scalars(select(audit.c.action).where(audit.c.object == "S-1")))
    assert {"webhook.secret_shown", "webhook.rotated"} <= noted
    world.clock.advance(timedelta(hours=25))
    assert (await ask(world, "GET", "/secret"))["previous"] is None


async def test_an_endpoint_that_is_down_or_inside_is_told_and_nothing_is_confirmed(world: World) -> None:
    await put(world, "subscriber", f"http://localhost:{free_port()}/")
    told = await ask(world, "POST", "/test")
    assert (told["ok"], told["status"], told["confirmed"]) == (False, None, False)
    assert "takes no connection" in told["reason"]
    await put(world, "subscriber", "https://10.0.0.1/", "https://169.254.169.254/latest/meta-data/")
    for one in (await ask(world, "GET"))["endpoints"]:
        told = await ask(world, "POST", "/test", params={"contact_id": one["contact_id"]})
        assert "not open to webhooks" in told["reason"]


async def test_a_disabled_endpoint_is_shown_and_comes_back_when_it_answers(
    world: World, receiver: WebhookReceiver
) -> None:
    await put(world, "operator", receiver.url, consent=CONSENT)
    index = world.house.vault.blind_index("webhook", receiver.url)
    row = {"channel": "webhook", "blind_index": index, "reason": "gone", "at": world.clock.now()}
    async with world.house.record.write() as conn:
        await conn.execute(insert(suppressions), row)
    (shown,) = (await ask(world, "GET"))["endpoints"]
    assert shown["disabled"]["reason"] == "gone"
    since = {"since": NOW.isoformat()}
    refused = await world.call("subscriber", "POST", f"{BASE}/replay", json=since)
    assert refused.status_code == 409
    receiver.usual = 410
    assert (await ask(world, "POST", "/enable"))["enabled"] is False
    receiver.usual = 204
    assert (await ask(world, "POST", "/enable"))["enabled"] is True
    (shown,) = (await ask(world, "GET"))["endpoints"]
    assert shown["disabled"] is None
    assert (await ask(world, "POST", "/replay", json=since))["next"] is None


@pytest.mark.parametrize("reason", ["opted_out", "complained", "the operator knows why"])
async def test_a_no_and_the_word_of_an_operator_outlast_a_test_event(
    world: World, receiver: WebhookReceiver, reason: str
) -> None:
    await put(world, "operator", receiver.url, consent=CONSENT)
    index = world.house.vault.blind_index("webhook", receiver.url)
    row = {"channel": "webhook", "blind_index": index, "reason": reason, "at": world.clock.now()}
    async with world.house.record.write() as conn:
        await conn.execute(insert(suppressions), row)
    for who in ("subscriber", "operator"):
        answer = await world.call(who, "POST", f"{BASE}/enable")
        assert answer.status_code == 409, answer.text
    assert receiver.received == [], "nothing goes there, a test event neither"
    (shown,) = (await ask(world, "GET"))["endpoints"]
    assert shown["disabled"]["reason"] == reason


async def test_what_failed_is_planned_again_page_by_page(world: World, receiver: WebhookReceiver) -> None:
    await put(world, "operator", receiver.url, consent=CONSENT)
    for number in range(1, 103):
        await delivered(world, "failed", number, ended_at=world.clock.now(), reason="500")
    since = {"since": NOW.isoformat()}
    first = await ask(world, "POST", "/replay", json=since)
    assert (first["planned"], first["next"] is None) == (100, False)
    second = await ask(world, "POST", "/replay", json=since | {"after": first["next"]})
    assert (second["planned"], second["next"]) == (2, None)
    async with world.house.record.read() as conn:
        rows = (await conn.execute(select(deliveries))).mappings().all()
    assert {(row["state"], row["attempts"], row["reason"], row["ended_at"]) for row in rows} == {
        ("planned", 0, None, None)
    }


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"delivery_id": "x", "since": "2026-01-01T00:00:00Z"}, 422),
        ({"since": "2026-01-01T00:00:00"}, 422),
        ({"since": "2026-01-01T00:00:00Z", "after": "nonsense"}, 422),
        ({"since": "2026-01-01T00:00:00Z", "after": "2026-01-01T00:00:00|x"}, 422),
        ({"delivery_id": "unknown"}, 404),
    ],
)
async def test_a_replay_of_nothing_in_particular_is_refused(
    world: World, receiver: WebhookReceiver, body: dict[str, Any], status: int
) -> None:
    await put(world, "operator", receiver.url, consent=CONSENT)
    assert (await world.call("subscriber", "POST", f"{BASE}/replay", json=body)).status_code == status


async def test_among_several_endpoints_one_is_named(world: World, receiver: WebhookReceiver) -> None:
    assert (await world.call("subscriber", "POST", f"{BASE}/test")).status_code == 404
    await put(world, "operator", receiver.url, f"{receiver.url}&also", consent=CONSENT)
    assert (await world.call("subscriber", "POST", f"{BASE}/test")).status_code == 422
    for one in (await ask(world, "GET"))["endpoints"]:
        assert (await ask(world, "POST", "/test", params={"contact_id": one["contact_id"]}))["ok"]
    assert len({request.path for request in receiver.received}) == 2


async def test_test_events_are_few(world: World, receiver: WebhookReceiver) -> None:
    await put(world, "operator", receiver.url, consent=CONSENT)
    throttle = world.app.state.throttle
    for _ in range(WEBHOOK_TESTS.most):
        assert await throttle.allows(WEBHOOK_TESTS, "S-1", world.clock.now())
    assert (await world.call("subscriber", "POST", f"{BASE}/test")).status_code == 429


async def test_its_own_page_shows_the_endpoint_and_keeps_the_choice(
    world: World, receiver: WebhookReceiver
) -> None:
    await put(world, "operator", receiver.url, consent=CONSENT)
    shown = (await world.call("subscriber", "GET", "/my")).text
    assert 'name="profile_channels" value="webhook"' in shown
    assert "系统对接" in shown
    form = {"profile_matching": "yes", "profile_channels": "webhook", "frequency": "instant"}
    answer = await world.call(
        "subscriber", "POST", "/my/choices", data=form, headers={"origin": "http://zhengda.test"}
    )
    assert answer.status_code == 303, answer.text
    chosen = (await world.call("subscriber", "GET", "/api/v1/subscribers/S-1")).json()["preferences"]
    assert chosen["profile_channels"] == ["space", "webhook"]
    other = (await world.call("other-subscriber", "GET", "/my")).text
    assert "系统对接" not in other
