"""The SMS channel against a gateway that does what it is told: every way in which sending can end."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from channels.errors import (
    AccountError,
    ContentError,
    NotBegunError,
    PermanentError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
    UnreachableError,
)
from channels.leaving import asked_by
from channels.message import Message, Occasion, Receipt
from channels.sms import SmsChannel, SmsLinks
from tests.servers.messages import content, message
from tests.servers.ports import free_port
from tests.servers.scripted_gateway import DRIP, HANG_UP, SILENCE, ScriptedGateway, scripted_gateway
from tests.support.sms import kannel_channel

CONNECTIONS = 4
LINKS = SmsLinks("https://policy.example.cn", b"k" * 32)


@pytest.fixture
async def gateway() -> AsyncIterator[ScriptedGateway]:
    async with scripted_gateway() as opened:
        yield opened


@pytest.fixture
async def channel(gateway: ScriptedGateway) -> AsyncIterator[SmsChannel]:
    opened = kannel_channel(gateway.url, LINKS, "云山政策", connections=CONNECTIONS, answer_timeout_s=1.0)
    yield opened
    await opened.close()


def number(n: int) -> str:
    return f"+861380000{n:04d}"


def texts(*numbers: int) -> list[Message]:
    return [message(n, address=number(n)) for n in numbers]


async def test_a_message_is_signed_says_how_to_leave_and_where_to_report(
    gateway: ScriptedGateway, channel: SmsChannel
) -> None:
    (outcome,) = await channel.send(texts(1))
    assert isinstance(outcome, Receipt)
    (asked,) = gateway.asked
    assert asked["to"] == number(1)
    assert asked["text"].startswith("【云山政策】云山市工业和信息化局发布《")
    assert asked["text"].endswith("退订回T")
    assert asked["dlr-url"] == LINKS.report(message(1).delivery_id)


async def test_a_code_asks_for_no_report(gateway: ScriptedGateway, channel: SmsChannel) -> None:
    notice = message(1, address=number(1), content=content(occasion=Occasion.CONFIRM), secret="123456")
    assert isinstance((await channel.send([notice]))[0], Receipt)
    assert "123456" in gateway.asked[0]["text"]
    assert "dlr-url" not in gateway.asked[0]


async def test_every_neighbour_has_its_own_outcome(gateway: ScriptedGateway, channel: SmsChannel) -> None:
    gateway.answers = {
        number(1): (403, "Authorization failed for sendsms"),
        number(2): (400, "Charset or body misformed, rejected"),
        number(3): (503, "Temporal failure, try again later."),
        number(4): HANG_UP,
        number(5): SILENCE,
        number(6): DRIP,
    }
    outcomes = await asyncio.wait_for(channel.send(texts(0, 1, 2, 3, 4, 5, 6, 7)), 60)
    assert [type(outcome) for outcome in outcomes] == [
        Receipt,
        AccountError,
        ContentError,
        TemporaryError,
        UnknownOutcomeError,
        UnknownOutcomeError,
        UnknownOutcomeError,
        Receipt,
    ]


async def test_what_may_have_been_taken_is_asked_only_once(
    gateway: ScriptedGateway, channel: SmsChannel
) -> None:
    gateway.answers = {number(1): HANG_UP, number(2): SILENCE}
    await channel.send(texts(1, 2))
    assert sorted(asked["to"] for asked in gateway.asked) == [number(1), number(2)]


async def test_nobody_is_asked_twice_after_a_connection_went_stale(
    gateway: ScriptedGateway, channel: SmsChannel
) -> None:
    gateway.answers = {number(2): HANG_UP}
    await channel.send(texts(1))
    await channel.send(texts(2))
    outcomes = await channel.send(texts(3))
    assert isinstance(outcomes[0], Receipt)
    assert [asked["to"] for asked in gateway.asked] == [number(1), number(2), number(3)]


async def test_a_gateway_that_is_down_costs_a_few_tries_and_not_one_per_message() -> None:
    channel = kannel_channel(f"kannel://u:p@127.0.0.1:{free_port()}", LINKS, connections=2)
    outcomes = await asyncio.wait_for(channel.send(texts(*range(200))), 60)
    await channel.close()
    assert {type(outcome) for outcome in outcomes} == {UnreachableError}
    assert len({str(outcome) for outcome in outcomes}) == 1


async def test_a_service_that_is_stopped_begins_with_no_further_text(
    gateway: ScriptedGateway, channel: SmsChannel
) -> None:
    stopped = asyncio.Event()
    gateway.answers = {number(n): SILENCE for n in range(40)}
    loop = asyncio.get_running_loop()
    sending = loop.create_task(channel.send(texts(*range(40))), context=asked_by(stopped))
    while len(gateway.asked) < CONNECTIONS:
        await asyncio.sleep(0.01)
    stopped.set()
    outcomes = await asyncio.wait_for(sending, 60)
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds == [UnknownOutcomeError] * CONNECTIONS + [NotBegunError] * (40 - CONNECTIONS)
    assert len(gateway.asked) == CONNECTIONS


async def test_a_gateway_that_is_too_slow_for_a_batch_gets_the_rest_later(gateway: ScriptedGateway) -> None:
    gateway.answers = {number(n): SILENCE for n in range(40)}
    slow = kannel_channel(gateway.url, LINKS, connections=2, answer_timeout_s=0.2, patience_s=0.1)
    outcomes = await asyncio.wait_for(slow.send(texts(*range(40))), 60)
    await slow.close()
    assert [type(outcome) for outcome in outcomes] == [UnknownOutcomeError] * 2 + [ThrottledError] * 38


async def test_what_is_no_number_is_dead_and_asks_nobody(
    gateway: ScriptedGateway, channel: SmsChannel
) -> None:
    (outcome,) = await channel.send([message(1, address="13800138000 x")])
    assert isinstance(outcome, PermanentError)
    assert outcome.dead
    assert gateway.asked == []


async def test_connections_are_used_again_and_are_no_more_than_allowed(
    gateway: ScriptedGateway, channel: SmsChannel
) -> None:
    for _ in range(3):
        outcomes = await channel.send(texts(*range(40)))
        assert all(isinstance(outcome, Receipt) for outcome in outcomes)
    assert gateway.connections <= CONNECTIONS


async def test_no_log_line_and_no_reason_shows_a_number_or_the_password(
    gateway: ScriptedGateway,
    channel: SmsChannel,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    gateway.answers = {
        number(1): (400, f"Number {number(1)} denied by white- and/or black-lists."),
        number(2): HANG_UP,
    }
    outcomes = await channel.send(texts(1, 2, 3))
    shown = repr(outcomes) + "".join(capsys.readouterr()) + repr(vars(channel.ways[0].gateway))
    # httpx tells of each request at INFO, which the service's logging leaves out (config/logging.py).
    shown += " ".join(one.getMessage() for one in caplog.records if one.name != "httpx")
    assert "8000000" not in shown
    assert "secret" not in shown
