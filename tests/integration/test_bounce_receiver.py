"""The receiver of bounces on real sockets: what it takes and what it refuses."""

import asyncio
import smtplib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from channels.email.verp import return_path
from config.database.schema import bounces, suppressions
from tests.servers.bounce_world import DOMAIN, KEY, back, pushed
from tests.servers.ports import free_port
from tests.support.flow import Flow
from tests.support.returned import complaint, dsn, notice

NOBODY = "00000000-0000-0000-0000-000000000000"
Say = Callable[..., Any]
pytestmark = pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("scheme", ["smtp", "lmtp"])
async def test_a_bounce_is_in_the_ledger_when_it_is_acknowledged(
    flow: Flow, receiver_at: Say, scheme: str
) -> None:
    delivery_id = await pushed(flow)
    receiver = await receiver_at(f"{scheme}://127.0.0.1:{free_port()}")
    assert await receiver.hand(dsn("5.1.1", "550 no such user", delivery=None), back(delivery_id)) == {}
    row = await flow.row()
    assert (row["state"], row["reason"]) == ("failed", "gone")
    assert await flow.count(suppressions) == 1


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
    assert await flow.count(bounces) == 0


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
