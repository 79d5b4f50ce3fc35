"""The receiver of bounces on real sockets: what it takes, what it refuses, and that nothing is acknowledged in vain."""

import asyncio
import smtplib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from channels.email.bounces import load_rules
from channels.email.verp import return_path
from config.database.record import Record
from config.database.schema import bounces, suppressions
from service import smtp_server
from service.bounces import MOST_BYTES, BounceTaker, bounce_listener, receive_bounces
from service.smtp_server import Address, address_of
from streams.bounces import apply_early
from streams.names import MATCH_TASKS
from tests.servers.api_world import World, outage
from tests.servers.ports import free_port
from tests.support.blank import blank_sqlite
from tests.support.flow import Flow, open_flow
from tests.support.returned import complaint, dsn, notice

DOMAIN = "bounce.example.gov.cn"
KEY = b"k" * 32
NOBODY = "00000000-0000-0000-0000-000000000000"
Say = Callable[..., Any]


class Away:
    """A record that is away for writing."""

    def __init__(self, record: Record, fault: Exception) -> None:
        self.read, self._fault = record.read, fault

    def write(self) -> Any:
        raise self._fault


class Receiver:
    """A receiver of bounces beside a flow, and what a mail server says to it."""

    def __init__(self, flow: Flow, address: Address) -> None:
        self.flow, self.address = flow, address
        self.taker = BounceTaker(flow.record, flow.clock, load_rules(), DOMAIN, KEY, address.lmtp)
        self.listener = bounce_listener(self.taker, address)

    def client(self) -> smtplib.SMTP:
        """A connection, by the standard library's client."""
        if self.address.path is not None:
            return smtplib.LMTP(str(self.address.path))
        kind = smtplib.LMTP if self.address.lmtp else smtplib.SMTP
        return kind(self.address.host, self.address.port, timeout=10)

    async def hand(self, raw: bytes, *recipients: str) -> Mapping[str, tuple[int, bytes]]:
        """Send a message as a mail server does; returns the recipients that were refused."""

        def send() -> Mapping[str, tuple[int, bytes]]:
            with self.client() as client:
                return client.sendmail("", recipients, raw)

        return await asyncio.to_thread(send)


@pytest.fixture
async def flow(tmp_path: Path) -> AsyncIterator[Flow]:
    (tmp_path / "record.db").write_bytes(blank_sqlite())
    async with open_flow(f"sqlite:///{tmp_path / 'record.db'}") as opened:
        yield opened


@pytest.fixture
async def receiver_at(flow: Flow) -> AsyncIterator[Callable[[str], Any]]:
    async with AsyncExitStack() as stack:

        async def opened(url: str = "") -> Receiver:
            found = Receiver(flow, address_of(url or f"smtp://127.0.0.1:{free_port()}"))
            await found.listener.open()
            stack.push_async_callback(found.listener.close)
            return found

        yield opened


async def pushed(flow: Flow) -> str:
    """A mail that went; returns the id of its delivery."""
    await flow.subscriber("S-1")
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    delivery_id = str((await flow.row())["delivery_id"])
    await flow.deliver("email", [delivery_id])
    return delivery_id


def back(delivery_id: str) -> str:
    return return_path(delivery_id, DOMAIN, KEY)


async def count(flow: Flow, table: Any) -> int:
    async with flow.record.read() as conn:
        return int(await conn.scalar(select(func.count()).select_from(table)) or 0)


@pytest.mark.parametrize("scheme", ["smtp", "lmtp"])
async def test_a_bounce_is_in_the_ledger_when_it_is_acknowledged(
    flow: Flow, receiver_at: Say, scheme: str
) -> None:
    delivery_id = await pushed(flow)
    receiver = await receiver_at(f"{scheme}://127.0.0.1:{free_port()}")
    assert await receiver.hand(dsn("5.1.1", "550 no such user", delivery=None), back(delivery_id)) == {}
    row = await flow.row()
    assert (row["state"], row["reason"]) == ("failed", "gone")
    assert await count(flow, suppressions) == 1


async def test_lmtp_listens_on_a_socket_of_the_machine_and_answers_for_each_recipient(
    flow: Flow, receiver_at: Say, tmp_path: Path
) -> None:
    delivery_id = await pushed(flow)
    path = tmp_path / "bounces.sock"
    receiver = await receiver_at(f"lmtp://{path}")
    again = await receiver_at(f"lmtp://{path}")  # what a service before this one left is in nobody's way
    raw = notice("系统退信", "退信原因：邮箱已满")

    def talk() -> list[int]:
        with again.client() as client:
            client.ehlo()
            said = [client.mail("")[0], client.rcpt(back(delivery_id))[0], client.rcpt(f"abuse@{DOMAIN}")[0]]
            return [*said, client.data(raw)[0], client.getreply()[0]]

    assert await asyncio.to_thread(talk) == [250] * 5
    assert (await flow.row())["reason"] == "full"
    await receiver.listener.close()
    await again.listener.close()
    assert not path.exists()


@pytest.mark.parametrize(
    ("recipient", "code"),
    [
        (f"b-{'a' * 26}-{'a' * 13}@{DOMAIN}", 550),
        (f"zhengda@{DOMAIN}", 550),
        ("someone@elsewhere.example.cn", 550),
        (return_path(NOBODY, "elsewhere.example.cn", KEY), 550),
        (return_path(NOBODY, DOMAIN, b"x" * 32), 550),
    ],
)
async def test_only_return_paths_that_were_made_here_are_taken(
    flow: Flow, receiver_at: Say, recipient: str, code: int
) -> None:
    receiver = await receiver_at()
    with pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
        await receiver.hand(dsn("5.1.1", "no"), recipient)
    assert caught.value.recipients[recipient][0] == code
    assert await count(flow, bounces) == 0


async def test_the_case_of_a_return_path_may_change_on_its_way(flow: Flow, receiver_at: Say) -> None:
    delivery_id = await pushed(flow)
    receiver = await receiver_at()
    assert await receiver.hand(dsn("5.1.1", "no", delivery=None), back(delivery_id).upper()) == {}
    assert (await flow.row())["state"] == "failed"


async def test_a_complaint_to_the_abuse_mailbox_is_known_by_what_it_returns(
    flow: Flow, receiver_at: Say
) -> None:
    delivery_id = await pushed(flow)
    receiver = await receiver_at()
    await receiver.hand(complaint(path=back(delivery_id), delivery=None), f"abuse@{DOMAIN}")
    await receiver.hand(complaint(delivery=delivery_id), f"Postmaster@{DOMAIN}")
    async with flow.record.read() as conn:
        assert list(await conn.scalars(select(suppressions.c.reason))) == ["complained"]


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


async def test_who_says_a_byte_a_second_is_hung_up_in_time(
    flow: Flow, receiver_at: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_server, "SESSION_S", 0.3)
    receiver = await receiver_at()
    reader, writer = await asyncio.open_connection(receiver.address.host, receiver.address.port)
    assert (await reader.readline()).startswith(b"220")
    async with asyncio.timeout(5):
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
        async with asyncio.timeout(10):
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
