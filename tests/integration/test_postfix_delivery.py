"""E-mail through a real Postfix: what it takes, what it refuses, what it tells later, and to whom."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from channels.email import EmailChannel, SmtpServer
from channels.email.verp import delivery_of, return_path
from channels.errors import ContentError, PermanentError, TemporaryError
from channels.message import Message, Receipt
from config.database.schema import campaigns, suppressions
from streams.campaigns.record import STOPPED
from streams.names import MATCH_TASKS
from streams.steps.deliver import deliver
from tests.servers.messages import message
from tests.servers.postfix import BOUNCES, FAR, PostfixServer
from tests.servers.processes import wait_until
from tests.servers.smtp_sink import RecordingSink
from tests.support.flow import open_flow

SENDER = "政达政策推送 <push@example.gov.cn>"
KEY = b"k" * 32
Start = Callable[..., PostfixServer]


def to(number: int) -> Message:
    return message(number, address=f"user{number}@{FAR}")


@pytest.fixture
async def channel_to() -> AsyncIterator[Callable[[PostfixServer], EmailChannel]]:
    opened: list[EmailChannel] = []

    def open_to(server: PostfixServer) -> EmailChannel:
        returns = partial(return_path, domain=BOUNCES, key=KEY)
        opened.append(EmailChannel(SmtpServer.from_url(server.url), SENDER, connections=4, returns=returns))
        return opened[-1]

    yield open_to
    for channel in opened:
        await channel.close()


async def test_postfix_takes_every_mail_and_hands_it_on(
    postfix: Start, channel_to: Callable[[PostfixServer], EmailChannel], recording_sink: RecordingSink
) -> None:
    server = postfix(next_hop=recording_sink.port)
    outcomes = await channel_to(server).send([to(n) for n in range(40)])
    assert all(isinstance(outcome, Receipt) for outcome in outcomes)
    assert "queued as" in str(outcomes[0].reference if isinstance(outcomes[0], Receipt) else "")
    assert wait_until(lambda: len(recording_sink.received()) == 40, 20.0), server.said()
    assert {one.rcpt for one in recording_sink.received()} == {f"user{n}@{FAR}" for n in range(40)}
    assert server.queue() == []


async def test_what_postfix_refuses_is_told_apart_and_its_neighbours_go(
    postfix: Start, channel_to: Callable[[PostfixServer], EmailChannel]
) -> None:
    server = postfix(
        at_rcpt={f"user1@{FAR}": "550 5.1.1 no such user", f"user2@{FAR}": "450 4.2.1 greylisted"},
        at_data={f"user3@{FAR}": "554 5.7.1 spam", f"user4@{FAR}": "452 4.3.1 no room"},
    )
    outcomes = await channel_to(server).send([to(n) for n in range(12)])
    gone = outcomes[1]
    assert isinstance(gone, PermanentError)
    assert gone.dead
    assert type(outcomes[2]) is TemporaryError
    assert isinstance(outcomes[3], ContentError)
    assert type(outcomes[4]) is TemporaryError
    assert sum(isinstance(outcome, Receipt) for outcome in outcomes) == 8


@pytest.mark.slow  # it waits until Postfix gives up
async def test_a_mail_that_postfix_cannot_hand_on_comes_back_to_the_address_of_its_delivery(
    postfix: Start,
    channel_to: Callable[[PostfixServer], EmailChannel],
    recording_sink: RecordingSink,
    tmp_path: Path,
) -> None:
    recording_sink.reply(f"user1@{FAR}", f"550 5.1.1 <user1@{FAR}> user unknown")
    returned = RecordingSink(tmp_path / "returned", keep=True)
    returned.start()
    try:
        server = postfix(
            next_hop=recording_sink.port,
            bounces=returned.port,
            later={f"user2@{FAR}": "retry:4.2.1 greylisted"},
        )
        batch = [to(n) for n in range(1, 4)]
        outcomes = await channel_to(server).send(batch)
        assert all(isinstance(outcome, Receipt) for outcome in outcomes)
        assert [one["recipients"][0]["address"] for one in server.queue() if "user2" in str(one)] == [
            f"user2@{FAR}"
        ]
        assert wait_until(lambda: len(returned.received()) == 2, 20.0), server.said()
        bounced = {delivery_of(one.rcpt, KEY) for one in returned.received()}
        assert bounced == {batch[0].delivery_id, batch[1].delivery_id}
        assert [one.rcpt for one in recording_sink.received()] == [f"user3@{FAR}"]
    finally:
        returned.close()


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
async def test_a_text_that_postfix_refuses_stops_the_campaign_and_suppresses_nobody(
    postfix: Start, channel_to: Callable[[PostfixServer], EmailChannel], record_url: str
) -> None:
    async with open_flow(record_url) as flow:
        for number in range(3):
            await flow.subscriber(f"S-{number}", channels=("email",))
        await flow.campaign()
        await flow.pump(MATCH_TASKS)
        ids = [str(row["delivery_id"]) for row in await flow.rows()]
        assert len(ids) == 3
        server = postfix(at_data={"example.com": "554 5.7.1 DT:SPM content rejected"})
        await deliver(flow.desk, channel_to(server), {"delivery_ids": ids})
        assert {(row["state"], row["reason"], row["attempts"]) for row in await flow.rows()} == {
            ("held", STOPPED, 0)
        }
        async with flow.record.read() as conn:
            halted = (await conn.execute(select(campaigns))).one()
            assert halted.state == "stopped"
            assert "DT:SPM" in halted.reason
            assert list(await conn.execute(select(suppressions))) == []
