"""A replay keeps to the pace of what goes to an endpoint ordinarily, and ends when the endpoint is disabled."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from channels.webhook import WebhookChannel
from channels.webhook.places import open_networks
from channels.webhook.posting import OF_ONE, Poster
from config.clock import SystemClock
from config.database.schema import deliveries
from streams.delivery import replays
from streams.delivery.replays import Replayed, replay
from subscribers.endpoints import HeldEndpoint, enable_endpoint, endpoints_of
from subscribers.suppression import suppress
from tests.servers.webhook_receiver import WebhookReceiver, webhook_receiver
from tests.support.flow import NOW, Flow, open_flow

# What a replay reads and plans is tried on both databases in test_flow_webhooks.py; this is about its pace.
pytestmark = pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
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


async def held(flow: Flow) -> HeldEndpoint:
    async with flow.record.read() as conn:
        (found,) = await endpoints_of(conn, flow.desk.vault, "S-1")
    return found


async def again(flow: Flow, after: str | None = None) -> Replayed:
    contact_id = (await held(flow)).contact_id
    done = await replay(flow.desk, "S-1", contact_id, since=NOW - timedelta(days=1), after=after)
    assert done is not None
    return done


async def many(flow: Flow, receiver: WebhookReceiver, count: int = 9) -> list[str]:
    """Have many policies delivered; return their ids in the order of a replay."""
    contact = {"channel": "webhook", "address": receiver.url, "consent": CONSENT}
    await flow.announce(await flow.subscriber("S-1", channels=("webhook",), contacts=[contact]))
    await flow.pump()
    for number in range(count):
        await flow.campaign(f"P-{number}")
    await flow.pump()
    rows = sorted(await flow.rows(state="delivered"), key=lambda r: (r["planned_at"], r["delivery_id"]))
    assert len(rows) == count
    receiver.received.clear()
    return [row["delivery_id"] for row in rows]


def ids(receiver: WebhookReceiver) -> set[str]:
    return {one.headers["webhook-id"] for one in receiver.pushed}


async def test_a_410_in_the_middle_of_a_replay_disables_the_endpoint_and_ends_it(
    flow: Flow, receiver: WebhookReceiver
) -> None:
    await many(flow, receiver)
    receiver.script.extend([204, 204, 204, 204, 204, 410])
    receiver.usual = 410
    done = await again(flow)
    assert (done.sent, done.failed, done.next, done.disabled) == (5, 3, None, True)
    assert len(receiver.pushed) == 8, "only those beside it were on their way"
    assert (await held(flow)).suppressed is not None
    receiver.usual = 204
    async with flow.record.write() as conn:
        assert await enable_endpoint(conn, await held(flow), actor="运维", now=flow.clock.now())
    done = await again(flow)
    assert done == Replayed(sent=9)


async def test_a_replay_ends_when_the_endpoint_is_disabled_by_another(
    flow: Flow, receiver: WebhookReceiver
) -> None:
    await many(flow, receiver, 2)
    address = (await held(flow)).url
    async with flow.record.write() as conn:
        await suppress(conn, flow.desk.vault, "webhook", address, reason="complained", now=flow.clock.now())
    done = await again(flow)
    assert (done.sent, done.failed, done.next, done.disabled) == (0, 0, None, True)
    assert receiver.pushed == []


async def test_a_replay_waits_as_long_as_the_endpoint_asks_for_and_goes_on_from_there(
    flow: Flow, receiver: WebhookReceiver
) -> None:
    every = await many(flow, receiver)
    receiver.script.extend([204] * 6)
    receiver.usual = (429, {"Retry-After": "90"})
    done = await again(flow)
    assert (done.sent, done.failed, done.retry_after_s, done.disabled) == (6, 0, 90.0, False)
    assert done.next is not None
    assert len(receiver.pushed) == 8
    receiver.usual = 204
    rest = await again(flow, done.next)
    assert (rest.next, rest.retry_after_s) == (None, None)
    assert ids(receiver) == set(every), "none is left out"
    assert len(receiver.pushed) <= 9 + 4


async def test_a_replay_that_is_turned_away_at_once_begins_again_at_its_first(
    flow: Flow, receiver: WebhookReceiver
) -> None:
    every = await many(flow, receiver, 5)
    receiver.usual = (503, {"Retry-After": "30"})
    done = await again(flow)
    assert (done.sent, done.retry_after_s) == (0, 30.0)
    receiver.received.clear()
    receiver.usual = 204
    assert await again(flow, done.next) == Replayed(sent=5)
    assert ids(receiver) == set(every)


async def test_a_replay_speaks_to_a_server_no_oftener_at_once_than_what_goes_there_ordinarily(
    flow: Flow, receiver: WebhookReceiver
) -> None:
    await many(flow, receiver)
    receiver.most_open = receiver.open_now
    done = await again(flow)
    assert done == Replayed(sent=9)
    assert receiver.most_open <= OF_ONE


async def test_a_replay_that_takes_too_long_is_left_to_the_next_call(
    flow: Flow, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = await many(flow, receiver, 10)
    monkeypatch.setattr(replays, "CALL_S", 0.0)
    first = await again(flow)
    assert (first.sent, first.retry_after_s) == (4, None)
    second = await again(flow, first.next)
    assert await again(flow, second.next) == Replayed(sent=2)
    assert len(receiver.pushed) == 10
    assert ids(receiver) == set(every)


async def test_what_failed_is_planned_anew_only_as_far_as_the_replay_came(
    flow: Flow, receiver: WebhookReceiver
) -> None:
    await many(flow, receiver, 2)
    receiver.usual = 413
    flow.clock.advance(timedelta(minutes=1))
    await flow.campaign("P-refused")
    await flow.pump()
    receiver.usual = (503, {"Retry-After": "30"})
    done = await again(flow)
    assert (done.planned, done.sent, done.retry_after_s) == (0, 0, 30.0)
    receiver.usual = 410
    assert (await again(flow)).disabled
    assert (await flow.row(state="failed"))["attempts"] == 1


async def test_what_may_have_arrived_before_its_endpoint_was_disabled_is_not_forgotten(
    flow: Flow, receiver: WebhookReceiver
) -> None:
    (delivery_id,) = await many(flow, receiver, 1)
    values = {"state": "suppressed", "reason": "contact_suppressed", "sent_at": NOW, "delivered_at": None}
    async with flow.record.write() as conn:
        await conn.execute(update(deliveries).values(values))
    assert (await again(flow)).planned == 1
    row = await flow.row(delivery_id=delivery_id)
    assert (row["state"], row["sent_at"]) == ("planned", NOW), "a repeal has to reach whoever may have it"
