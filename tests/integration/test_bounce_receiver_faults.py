"""The receiver of bounces when something fails or somebody means harm: nothing is acknowledged in vain."""

import asyncio
import smtplib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from channels.email.bounces import load_rules
from config.database.record import Record
from service import smtp_server
from service.bounces import MOST_BYTES, bounce_listener, receive_bounces
from service.smtp_server import address_of
from streams.receipts.bounces import apply_early
from tests.servers.api_world import World, outage
from tests.servers.bounce_world import DOMAIN, Receiver, back, pushed
from tests.servers.ports import free_port
from tests.support.flow import Flow
from tests.support.returned import dsn

Say = Callable[..., Any]
ONCE = pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)


class Away:
    """A record that is away for writing."""

    def __init__(self, record: Record, fault: Exception) -> None:
        self.read, self._fault = record.read, fault

    def write(self) -> Any:
        raise self._fault


@ONCE
@pytest.mark.parametrize(("fault", "code"), [(outage(), 451), (ValueError("something else"), 451)])
async def test_what_could_not_be_kept_is_not_acknowledged(
    flow: Flow, receiver_at: Say, fault: Exception, code: int
) -> None:
    delivery_id = await pushed(flow)
    receiver = await receiver_at()
    away = replace(receiver.taker, record=Away(flow.record, fault))
    elsewhere = address_of(f"smtp://127.0.0.1:{free_port()}")
    listener = bounce_listener(away, elsewhere)
    await listener.open()
    try:
        told = Receiver(flow, elsewhere)
        with pytest.raises(smtplib.SMTPDataError) as caught:
            await told.hand(dsn("5.1.1", "no"), back(delivery_id))
    finally:
        await listener.close()
    assert caught.value.smtp_code == code
    assert b"something else" not in caught.value.smtp_error
    assert (await flow.row())["state"] == "sent"
    assert await receiver.hand(dsn("5.1.1", "no"), back(delivery_id)) == {}, "the mail server tries again"
    assert (await flow.row())["state"] == "failed"


@ONCE
async def test_what_could_not_be_applied_is_left_to_the_sweep(
    flow: Flow, receiver_at: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any) -> bool:
        raise ValueError("something that nobody foresaw")

    delivery_id = await pushed(flow)
    receiver = await receiver_at()
    with monkeypatch.context() as patch:
        patch.setattr("service.bounces.apply", fails)
        assert await receiver.hand(dsn("5.1.1", "no"), back(delivery_id)) == {}
    assert (await flow.row())["state"] == "sent"
    assert await apply_early(flow.desk) == 1
    assert (await flow.row())["state"] == "failed"


@ONCE
async def test_a_message_that_is_too_long_is_refused_and_long_lines_are_not(
    flow: Flow, receiver_at: Say
) -> None:
    delivery_id = await pushed(flow)
    receiver = await receiver_at()
    with pytest.raises(smtplib.SMTPResponseException) as caught:
        await receiver.hand(b"Subject: x\r\n\r\n" + b"x" * 70 + b"\r\n" * MOST_BYTES, back(delivery_id))
    assert caught.value.smtp_code == 552
    raw = dsn("5.1.1", "no", delivery=None).replace(b"This is MIME.", b"x" * 40_000)
    assert await receiver.hand(raw, back(delivery_id)) == {}
    assert (await flow.row())["state"] == "failed"


@ONCE
async def test_who_comes_when_all_places_are_taken_is_asked_to_come_later(
    flow: Flow, receiver_at: Say
) -> None:
    receiver = await receiver_at()
    host, port = receiver.address.host, receiver.address.port
    held = [await asyncio.open_connection(host, port) for _ in range(smtp_server.MOST_CONNECTIONS)]
    for reader, _ in held:
        assert (await reader.readline()).startswith(b"220")
    reader, writer = await asyncio.open_connection(host, port)
    assert (await reader.read()).startswith(b"421")
    writer.close()
    for _, one in held:
        one.close()
    delivery_id = await pushed(flow)
    for _ in range(100):
        try:
            assert await receiver.hand(dsn("5.1.1", "no"), back(delivery_id)) == {}
            break
        except smtplib.SMTPConnectError:
            await asyncio.sleep(0.02)
    assert (await flow.row())["state"] == "failed"


@ONCE
async def test_who_says_a_byte_a_second_is_hung_up_in_time(
    flow: Flow, receiver_at: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_server, "SESSION_S", 0.3)
    receiver = await receiver_at()
    reader, writer = await asyncio.open_connection(receiver.address.host, receiver.address.port)
    assert (await reader.readline()).startswith(b"220")
    async with asyncio.timeout(60):
        hung_up = asyncio.create_task(reader.read())
        while not hung_up.done():
            writer.write(b"E")
            await asyncio.sleep(0.02)
    writer.close()
    assert hung_up.exception() is None or isinstance(hung_up.exception(), ConnectionError)


async def test_a_place_that_is_taken_does_not_end_the_service_and_is_asked_for_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.bounces.FIRST_WAIT_S", 0.02)
    port = free_port()
    settings = world.house.settings.model_copy(
        update={"bounce_domain": DOMAIN, "bounce_listen": f"smtp://127.0.0.1:{port}"}
    )
    other = await asyncio.start_server(lambda *_: None, "127.0.0.1", port)
    receiving = asyncio.create_task(receive_bounces(replace(world.house, settings=settings), load_rules()))
    try:
        await asyncio.sleep(0.1)
        assert not receiving.done()
        other.close()
        await other.wait_closed()
        async with asyncio.timeout(60):
            while True:
                try:
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                    break
                except ConnectionError:
                    await asyncio.sleep(0.02)
            assert (await reader.readline()).startswith(f"220 {DOMAIN}".encode())
            writer.close()
    finally:
        receiving.cancel()
        await asyncio.gather(receiving, return_exceptions=True)


@ONCE
async def test_commands_in_disorder_do_no_harm(flow: Flow, receiver_at: Say) -> None:
    delivery_id = await pushed(flow)
    receiver = await receiver_at()

    def talk() -> list[int]:
        with receiver.client() as client:
            said = [
                "DATA",
                "RCPT TO:<a@b>",
                "NONSENSE",
                "MAIL FROM:<a@b> ENVID=x",
                f"VRFY {back(delivery_id)}",
            ]
            return [client.docmd(one)[0] for one in said]

    assert all(code >= 250 for code in await asyncio.to_thread(talk))
    assert await receiver.hand(dsn("5.1.1", "no"), back(delivery_id)) == {}
