"""Webhooks in the flow: chosen, consented, never waiting for the morning, disabled by 410 and back again, replayed."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from channels.webhook import WebhookChannel
from channels.webhook.places import open_networks
from channels.webhook.posting import Poster
from config.clock import SystemClock
from config.database.schema import suppressions, webhook_attempts, webhook_endpoints
from streams.delivery.replays import Replayed, replay
from streams.sweeps import hand_over_due
from subscribers.endpoints import HeldEndpoint, enable_endpoint, endpoints_of
from subscribers.leaving import erase
from tests.servers.webhook_receiver import HANG_UP, WebhookReceiver, webhook_receiver
from tests.support.flow import NOW, Flow, open_flow

CONSENT = {"basis": "对接协议", "at": NOW - timedelta(days=9), "evidence": "协议 7"}


@pytest.fixture
async def flow(record_url: str) -> AsyncIterator[Flow]:
    async with open_flow(record_url) as opened:
        poster = Poster(open_networks("127.0.0.0/8"), lambda: 0.5, answer_s=2.0)
        channel = WebhookChannel(opened.record, poster, opened.desk.vault.derive, SystemClock())
        opened.channels["webhook"] = channel  # type: ignore[assignment]
        yield opened
        await channel.close()


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    async with webhook_receiver() as found:
        yield found


async def joins(flow: Flow, url: str, who: str = "S-1", **changes: Any) -> None:
    contact = {"channel": "webhook", "address": url, "consent": changes.pop("consent", CONSENT)}
    wanted = changes.pop("channels", ("webhook",))
    await flow.announce(await flow.subscriber(who, channels=wanted, contacts=[contact], **changes))
    await flow.pump()


async def held(flow: Flow, who: str = "S-1") -> HeldEndpoint:
    async with flow.record.read() as conn:
        (found,) = await endpoints_of(conn, flow.desk.vault, who)
    return found


async def again(flow: Flow, **which: Any) -> Replayed | None:
    return await replay(flow.desk, "S-1", (await held(flow)).contact_id, **which)


async def later(flow: Flow, by: timedelta) -> None:
    flow.clock.advance(by)
    await hand_over_due(flow.desk)
    await flow.pump()


async def test_a_policy_that_fits_arrives_with_its_reasons_and_counts_as_delivered(
    flow: Flow, receiver: WebhookReceiver
) -> None:
    await joins(flow, receiver.url)
    await flow.campaign()
    await flow.pump()
    row = await flow.row(channel="webhook")
    assert (row["state"], row["attempts"]) == ("delivered", 1)
    (pushed,) = receiver.pushed
    assert pushed.headers["webhook-id"] == row["delivery_id"] == row["gateway_ref"]
    data = pushed.json["data"]
    assert data["policy"]["policy_id"] == "P-1"
    assert data["reasons"][0]["subscription"] == "软件扶持"
    assert (await flow.funnel()).delivered == 1


async def test_it_waits_neither_for_the_end_of_quiet_hours_nor_for_a_digest(
    flow: Flow, receiver: WebhookReceiver
) -> None:
    quiet = {"quiet_hours": {"from": "09:00", "to": "12:00"}, "frequency": "daily"}
    await joins(flow, receiver.url, preferences=quiet)
    await flow.campaign()
    await flow.pump()
    assert len(receiver.pushed) == 1


async def test_without_consent_nothing_is_sent_not_even_a_test(flow: Flow, receiver: WebhookReceiver) -> None:
    await joins(flow, receiver.url, consent=None)
    await flow.campaign()
    await flow.pump()
    assert receiver.received == []


async def test_profile_matches_go_there_once_it_was_chosen_for_them(
    flow: Flow, receiver: WebhookReceiver
) -> None:
    profile = {"profile": {"industries": ["I65"]}, "profile_matching": True}
    preferences = {"profile_channels": ["space", "webhook"]}
    await joins(flow, receiver.url, criteria={}, preferences=preferences, **profile)
    await flow.campaign()
    await flow.pump()
    assert {row["channel"] for row in await flow.rows()} == {"space", "webhook"}
    assert len(receiver.pushed) == 1


async def test_410_disables_the_endpoint_and_it_comes_back_with_all_that_it_missed(
    flow: Flow, receiver: WebhookReceiver
) -> None:
    await joins(flow, receiver.url)
    await flow.campaign("P-0")
    await flow.pump()
    receiver.usual = 410
    await flow.campaign("P-1")
    await flow.pump()
    async with flow.record.read() as conn:
        assert (await conn.scalars(select(suppressions.c.channel))).all() == ["webhook"]
    await flow.campaign("P-2")
    await flow.pump()
    states = {(row["state"], row["reason"]) for row in await flow.rows()}
    assert states == {("delivered", None), ("failed", "gone"), ("suppressed", "contact_suppressed")}
    assert len(receiver.pushed) == 2, "to a disabled endpoint nothing goes"

    receiver.usual = 204
    one = await held(flow)
    assert one.suppressed is not None
    async with flow.record.write() as conn:
        assert await enable_endpoint(conn, one, actor="运维", now=flow.clock.now())
        assert not await enable_endpoint(conn, one, actor="运维", now=flow.clock.now())
    missed = await again(flow, since=NOW - timedelta(days=1))
    assert missed is not None
    assert missed.planned + missed.sent == len(await flow.rows(channel="webhook"))
    await later(flow, timedelta(seconds=1))
    assert {row["state"] for row in await flow.rows(channel="webhook")} == {"delivered"}


async def test_retry_after_is_waited_for_and_the_try_counts(flow: Flow, receiver: WebhookReceiver) -> None:
    await joins(flow, receiver.url)
    receiver.script.extend([204, (503, {"Retry-After": "7200"})])
    await flow.campaign()
    await flow.pump()
    row = await flow.row(channel="webhook")
    assert (row["state"], row["attempts"], row["reason"]) == ("planned", 1, "the endpoint answers 503")
    assert row["due_at"] >= flow.clock.now() + timedelta(hours=2)
    await later(flow, timedelta(hours=1))
    assert len(receiver.pushed) == 1
    await later(flow, timedelta(hours=2))
    assert (await flow.row(channel="webhook"))["state"] == "delivered"


async def test_what_may_have_arrived_goes_again_under_the_same_id(
    flow: Flow, receiver: WebhookReceiver
) -> None:
    await joins(flow, receiver.url)
    receiver.script.extend([204, HANG_UP])
    await flow.campaign()
    await flow.pump()
    assert (await flow.row(channel="webhook"))["state"] == "planned"
    await later(flow, timedelta(minutes=1))
    assert len({request.headers["webhook-id"] for request in receiver.pushed}) == 1
    assert len(receiver.pushed) == 2
    assert (await flow.row(channel="webhook"))["state"] == "delivered"


async def test_after_ten_tries_it_is_over_and_a_replay_begins_anew(
    flow: Flow, receiver: WebhookReceiver
) -> None:
    await joins(flow, receiver.url)
    await flow.campaign("P-0")
    await flow.pump()
    receiver.usual = 500
    await flow.campaign("P-1")
    await flow.pump()
    for _ in range(12):
        await later(flow, timedelta(hours=30))
    failed = await flow.row(state="failed")
    assert (failed["attempts"], failed["reason"]) == (10, "the endpoint answers 500")
    assert len(receiver.pushed) == 1 + 10
    receiver.usual = 204
    done = await again(flow, delivery_id=failed["delivery_id"])
    assert done == Replayed(planned=1, sent=0, failed=0, withheld=0, next=None)
    await later(flow, timedelta(seconds=1))
    row = next(r for r in await flow.rows() if r["delivery_id"] == failed["delivery_id"])
    assert (row["state"], row["attempts"]) == ("delivered", 1)


async def test_a_receiver_that_lost_its_data_gets_it_again_and_the_ledger_stays(
    flow: Flow, receiver: WebhookReceiver
) -> None:
    await joins(flow, receiver.url)
    await flow.campaign()
    await flow.pump()
    before = await flow.rows()
    done = await again(flow, since=NOW - timedelta(days=1))
    assert done == Replayed(planned=0, sent=1, failed=0, withheld=0, next=None)
    assert await flow.rows() == before
    first, second = receiver.pushed
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    receiver.usual = 500
    done = await again(flow, delivery_id=before[0]["delivery_id"])
    assert done == Replayed(planned=0, sent=0, failed=1, withheld=0, next=None)
    assert await flow.rows() == before


async def test_nothing_is_replayed_to_who_left_or_of_what_never_went_there(
    flow: Flow, receiver: WebhookReceiver
) -> None:
    await joins(flow, receiver.url)
    await flow.campaign()
    await flow.pump()
    assert await again(flow, delivery_id="00000000-0000-0000-0000-000000000000") is None
    assert await again(flow, since=flow.clock.now() + timedelta(days=1)) == Replayed(0, 0, 0, 0, None)
    contact = (await held(flow)).contact_id
    async with flow.record.write() as conn:
        await erase(conn, "S-1", now=flow.clock.now(), actor="S-1")
    gone = await replay(flow.desk, "S-1", contact, since=NOW - timedelta(days=1))
    assert gone == Replayed(0, 0, 0, 1, None)
    assert len(receiver.pushed) == 1


async def test_erasing_a_subscriber_forgets_its_endpoints(flow: Flow, receiver: WebhookReceiver) -> None:
    await joins(flow, receiver.url)
    await flow.campaign()
    await flow.pump()
    async with flow.record.write() as conn:
        await erase(conn, "S-1", now=datetime.now(UTC), actor="S-1")
        for table in (webhook_endpoints, webhook_attempts):
            assert await conn.scalar(select(func.count()).select_from(table)) == 0


async def test_an_endpoint_that_is_down_holds_up_nobody_else(flow: Flow, receiver: WebhookReceiver) -> None:
    async with webhook_receiver(500) as broken:
        for number in range(3):
            await joins(flow, broken.url, f"B-{number}")
        await joins(flow, receiver.url, "S-1", channels=("webhook", "space"))
        await flow.campaign()
        await flow.pump()
    states = {(row["subscriber_id"], row["channel"]): row["state"] for row in await flow.rows()}
    assert (states["S-1", "webhook"], states["S-1", "space"]) == ("delivered", "sent")
    assert {states[f"B-{number}", "webhook"] for number in range(3)} == {"planned"}
