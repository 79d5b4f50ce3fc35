"""What the webhook channel sends, signs and keeps, against an endpoint that answers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from channels.errors import (
    ContentError,
    TemporaryError,
)
from channels.message import Occasion, Progress, Receipt
from channels.webhook.channel import WebhookChannel
from channels.webhook.endpoints import attempts_of, endpoints, rotate
from config.database import Record
from tests.servers.messages import content
from tests.servers.webhook_receiver import (
    WebhookReceiver,
)
from tests.servers.webhook_world import channel_of, derive, secrets_of, to


@pytest.fixture
async def channel(record: Record) -> AsyncIterator[WebhookChannel]:
    found = channel_of(record, answer_s=1.0)
    yield found
    await found.close()


async def test_a_message_arrives_signed_under_the_id_of_its_delivery(
    channel: WebhookChannel, receiver: WebhookReceiver, record: Record
) -> None:
    one = to(receiver)
    assert await channel.send([one]) == [Receipt(Progress.DELIVERED, one.delivery_id)]
    (secret,) = await secrets_of(record, one)
    (pushed,) = receiver.pushed
    said = pushed.verified(secret)
    assert (said["type"], pushed.headers["webhook-id"]) == ("policy.published", one.delivery_id)
    assert said["data"]["policy"]["title"] == one.content.title
    assert said["data"]["reasons"][0]["evidence"][0]["quote"] == "支持软件和信息技术服务企业"
    assert pushed.path == "/hooks/policies?to=us"
    assert one.recipient not in pushed.body.decode()


async def test_an_endpoint_proves_itself_once_by_a_signed_test_event(
    channel: WebhookChannel, receiver: WebhookReceiver, record: Record
) -> None:
    one = to(receiver)
    await channel.send([one, to(receiver, 1, delivery_id="d-2")])
    await channel.send([to(receiver, 1, delivery_id="d-3")])
    first = receiver.received[0]
    assert first.json["type"] == "webhook.test"
    first.verified((await secrets_of(record, one))[0])
    assert [r.json["type"] for r in receiver.received[1:]] == ["policy.published"] * 3


async def test_nothing_is_pushed_to_an_endpoint_that_does_not_answer_the_test_event(
    channel: WebhookChannel, receiver: WebhookReceiver, record: Record
) -> None:
    receiver.usual = 404
    (outcome,) = await channel.send([to(receiver)])
    assert isinstance(outcome, TemporaryError)
    assert outcome.reason == "test event: the endpoint answers 404"
    assert receiver.pushed == []
    receiver.usual = 204
    assert isinstance((await channel.send([to(receiver)]))[0], Receipt)


@pytest.mark.parametrize("repeats", [True, False])
async def test_a_test_says_whether_the_challenge_was_repeated(
    channel: WebhookChannel, receiver: WebhookReceiver, repeats: bool
) -> None:
    receiver.honest = repeats
    tested = await channel.test("S-1", receiver.url)
    assert (tested.failure, tested.repeated) == (None, repeats)
    assert tested.answer is not None
    assert tested.answer.status == (200 if repeats else 204)


async def test_while_the_secret_changes_both_sign(
    channel: WebhookChannel, receiver: WebhookReceiver, record: Record
) -> None:
    one, now = to(receiver), datetime.now(UTC)
    (old,) = await secrets_of(record, one)
    async with record.write() as conn:
        where = (one.subscriber_id, one.address)
        before = (await endpoints(conn, derive, [where]))[where]
        await rotate(conn, before, now)
        await rotate(conn, before, now)  # two at once are one
    new, also = await secrets_of(record, one)
    assert also == old != new
    await channel.send([one])
    for request in receiver.received:
        assert request.verified(old) == request.verified(new)


async def test_what_endpoints_answered_can_be_read_later(record: Record, receiver: WebhookReceiver) -> None:
    channel = channel_of(record)
    one = to(receiver)
    await channel.send([one])
    receiver.usual = (503, {"Retry-After": "120"})
    (failed,) = await channel.send([one])
    assert isinstance(failed, TemporaryError)
    assert failed.not_before_s == 120.0
    where = (one.subscriber_id, one.address)
    async with record.write() as conn:
        endpoint = (await endpoints(conn, derive, [where]))[where]
        kept = await attempts_of(conn, endpoint)
    assert sorted((row["status"] or 0) for row in kept) == [200, 204, 503]
    assert {row["webhook_id"] for row in kept if row["status"] != 200} == {one.delivery_id}
    await channel.close()


async def test_a_message_that_cannot_be_built_is_a_matter_of_its_content(
    channel: WebhookChannel, receiver: WebhookReceiver
) -> None:
    code = to(receiver, content=content(occasion=Occasion.CONFIRM))
    outcomes = await channel.send([code, to(receiver, 2)])
    assert [type(one) for one in outcomes] == [ContentError, Receipt]
