"""The webhook channel against an endpoint that answers badly, slowly, not at all, or lies where none may."""

import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from channels.errors import (
    PermanentError,
    TemporaryError,
    TransportError,
    UnknownOutcomeError,
)
from channels.message import Receipt
from channels.webhook.channel import WebhookChannel
from channels.webhook.endpoints import endpoints, rotate
from channels.webhook.posting import OF_ONE
from config.database import Record
from config.database.schema import webhook_endpoints
from tests.servers.local_authority import LocalAuthority
from tests.servers.messages import message
from tests.servers.ports import free_port
from tests.servers.webhook_receiver import (
    DRIP,
    FLOOD,
    HANG_UP,
    SILENCE,
    WebhookReceiver,
    webhook_receiver,
)
from tests.servers.webhook_world import channel_of, derive, to

POURED_AT_MOST = 100_000_000  # what sockets hold of an answer that says it is ten times as long


@pytest.fixture
async def channel(record: Record) -> AsyncIterator[WebhookChannel]:
    found = channel_of(record, answer_s=1.0)
    yield found
    await found.close()


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (500, TemporaryError, "500"),
        (404, TemporaryError, "404"),
        ((302, {"Location": "http://127.0.0.1:1/"}), TemporaryError, "redirects are not followed"),
        (410, PermanentError, "410"),
        (HANG_UP, UnknownOutcomeError, "ended before the answer"),
        (SILENCE, UnknownOutcomeError, "did not answer within 1 s"),
        (DRIP, UnknownOutcomeError, "did not answer within 1 s"),
    ],
)
async def test_what_is_no_2xx_is_told_by_its_kind(
    channel: WebhookChannel,
    receiver: WebhookReceiver,
    said: int | str | tuple[int, dict[str, str]],
    kind: type[TransportError],
    words: str,
) -> None:
    await channel.test("ent-1", receiver.url)
    receiver.usual = said
    (outcome,) = await channel.send([to(receiver)])
    assert type(outcome) is kind
    assert words in outcome.reason
    assert receiver.url not in outcome.reason
    assert len(receiver.pushed) == 1


async def test_an_endless_answer_is_not_read_to_its_end(
    channel: WebhookChannel, receiver: WebhookReceiver
) -> None:
    await channel.test("ent-1", receiver.url)
    receiver.usual = FLOOD
    assert isinstance((await channel.send([to(receiver)]))[0], Receipt)
    assert 0 < receiver.poured < POURED_AT_MOST


async def test_an_endpoint_that_is_down_is_left_alone_after_three_tries_and_found_again(
    record: Record,
) -> None:
    port = free_port()
    channel = channel_of(record)
    batch = [message(1, delivery_id=f"d-{n}", address=f"http://localhost:{port}/") for n in range(20)]
    async with record.write() as conn:
        where = (batch[0].subscriber_id, batch[0].address)
        await rotate(conn, (await endpoints(conn, derive, [where]))[where], datetime.now(UTC))
        await conn.execute(update(webhook_endpoints).values(verified_at=datetime.now(UTC)))
    outcomes = await channel.send(batch)
    reasons = [one.reason for one in outcomes if type(one) is TemporaryError]
    assert len(reasons) == 20
    assert sum("takes no connection" in reason for reason in reasons) <= OF_ONE + 3
    assert "left alone" in reasons[-1]
    await channel.close()


async def test_one_server_gets_few_requests_at_once_and_a_neighbour_is_not_held_up(
    channel: WebhookChannel, receiver: WebhookReceiver
) -> None:
    async with webhook_receiver() as neighbour:
        await channel.test("ent-1", receiver.url)
        await channel.test("ent-2", neighbour.url)
        receiver.usual = SILENCE
        slow = [to(receiver, 1, delivery_id=f"d-{n}") for n in range(12)]
        moments: list[int] = []
        neighbour.meanwhile = lambda _: moments.append(receiver.open_now)
        outcomes = await channel.send([*slow, to(neighbour, 2)])
        assert isinstance(outcomes[-1], Receipt)
        (open_then,) = moments
        assert 1 <= open_then <= OF_ONE, "it did not wait for the slow ones"
        assert len(receiver.pushed) < len(slow), "after some the others are not even tried"


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:{port}/",
        "https://localhost:{port}/",
        "https://127.1:{port}/",
        "https://2130706433:{port}/",
        "https://[::ffff:127.0.0.1]:{port}/",
        "https://0.0.0.0:{port}/",
        "http://8.8.8.8:{port}/",
    ],
)
async def test_without_the_operators_word_nothing_goes_to_this_machine_nor_unencrypted(
    record: Record, receiver: WebhookReceiver, url: str
) -> None:
    guarded = channel_of(record, opened=())
    (outcome,) = await guarded.send([message(1, address=url.format(port=receiver.port))])
    assert type(outcome) is PermanentError
    assert not outcome.dead
    assert "not open to webhooks" in outcome.reason
    assert receiver.connections == 0
    await guarded.close()


async def test_a_name_is_resolved_once_and_what_was_checked_is_connected_to(
    record: Record, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that changes its mind (DNS rebinding) is not asked; nor does a good address excuse another."""
    asked: list[str] = []
    answers = {"public.example": ["8.8.8.8", "127.0.0.1"], "inner.example": ["127.0.0.1"]}

    really = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *args: Any, **how: Any) -> list[Any]:
        if host not in answers:
            return list(really(host, port, *args, **how))
        asked.append(host)
        return [(2, 1, 6, "", (address, port)) for address in answers[host]]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    channel = channel_of(record, opened=())
    (mixed,) = await channel.send([message(1, address=f"https://public.example:{receiver.port}/")])
    assert type(mixed) is PermanentError
    assert receiver.connections == 0
    opened = channel_of(record)
    (outcome,) = await opened.send([message(2, address=f"http://inner.example:{receiver.port}/")])
    assert isinstance(outcome, Receipt)
    assert asked.count("inner.example") == receiver.connections == 1
    assert receiver.received[0].headers["host"] == f"inner.example:{receiver.port}"
    await channel.close()
    await opened.close()


async def test_https_is_checked_by_the_name_although_the_address_was_connected_to(
    record: Record, tmp_path: Path
) -> None:
    authority = LocalAuthority(tmp_path)
    async with webhook_receiver(tls=authority.server("localhost")) as receiver:
        trusting = channel_of(record, tls=authority.client())
        assert isinstance((await trusting.send([to(receiver)]))[0], Receipt)
        assert len(receiver.pushed) == 1
        (by_number,) = await trusting.send([message(2, address=f"https://127.0.0.1:{receiver.port}/")])
        doubting = channel_of(record)
        (unknown,) = await doubting.send([to(receiver, 3)])
        assert len(receiver.pushed) == 1
    for outcome in (by_number, unknown):
        assert type(outcome) is TemporaryError
        assert "takes no connection" in outcome.reason
    await trusting.close()
    await doubting.close()
