"""One suite for everything that calls itself a channel."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from channels.channel import Channel
from channels.email import EmailChannel, SmtpServer
from channels.errors import TransportError
from channels.message import Message, Progress, Receipt
from channels.outbox import SandboxChannel, read_outbox
from channels.sms import SmsLinks
from channels.space import SpaceChannel
from channels.webhook import WebhookChannel
from channels.webhook.places import open_networks
from channels.webhook.posting import Poster
from config.clock import SystemClock
from config.database.record import open_record
from config.database.schema import inbox, metadata
from tests.servers.messages import message
from tests.servers.scripted_gateway import scripted_gateway
from tests.servers.scripted_smtp import scripted_smtp
from tests.servers.webhook_receiver import webhook_receiver
from tests.support.blank import blank_sqlite
from tests.support.sms import kannel_channel


@dataclass
class Subject(ABC):
    """A channel, a message it cannot deliver among good ones, and what arrived."""

    channel: Channel
    bad: Message
    progress: Progress

    @abstractmethod
    async def arrived(self) -> set[str]:
        """The ids of the messages that are there."""

    def message(self, number: int) -> Message:
        """A good message."""
        return message(number)


@pytest.fixture(
    params=[
        "email",
        "sms",
        "space-sqlite",
        pytest.param("space-postgres", marks=pytest.mark.postgres),
        "webhook",
        "sandbox-email",
        "sandbox-sms",
        "sandbox-space",
    ]
)
async def subject(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Subject]:
    async with AsyncExitStack() as stack:
        kind = request.param
        if kind == "email":
            yield await email_subject(stack)
        elif kind == "sms":
            yield await sms_subject(stack)
        elif kind == "webhook":
            (tmp_path / "record.db").write_bytes(blank_sqlite())
            yield await webhook_subject(stack, f"sqlite+aiosqlite:///{tmp_path / 'record.db'}")
        elif kind.startswith("space-"):
            url = f"sqlite+aiosqlite:///{tmp_path / 'record.db'}"
            if kind == "space-postgres":
                url = request.getfixturevalue("postgres_url").replace(
                    "postgresql://", "postgresql+asyncpg://"
                )
            yield await space_subject(stack, url)
        else:
            yield sandbox_subject(kind.removeprefix("sandbox-"), tmp_path)


async def email_subject(stack: AsyncExitStack) -> Subject:
    server = await stack.enter_async_context(scripted_smtp())
    server.replies["rcpt"]["gone@example.cn"] = "550 5.1.1 <gone@example.cn>: User unknown"
    channel = EmailChannel(SmtpServer.from_url(server.url), "政达 <push@example.gov.cn>", connections=4)
    stack.push_async_callback(channel.close)

    class EmailSubject(Subject):
        async def arrived(self) -> set[str]:
            return {address for address, _ in server.received}

    return EmailSubject(channel, message(99, address="gone@example.cn"), Progress.SENT)


async def sms_subject(stack: AsyncExitStack) -> Subject:
    gateway = await stack.enter_async_context(scripted_gateway())
    gateway.answers["+8613800000099"] = (400, "Number(s) has/have been denied by white- and/or black-lists.")
    links = SmsLinks("https://policy.example.cn", b"k" * 32)
    channel = kannel_channel(gateway.url, links, connections=4)
    stack.push_async_callback(channel.close)

    class SmsSubject(Subject):
        async def arrived(self) -> set[str]:
            numbers = {int(asked["to"][-4:]) for asked in gateway.asked}
            return {f"user{number}@example.cn" for number in numbers - {99}}

        def message(self, number: int) -> Message:
            return message(number, address=f"+861380000{number:04d}")

    return SmsSubject(channel, message(99, address="+8613800000099"), Progress.SENT)


async def webhook_subject(stack: AsyncExitStack, url: str) -> Subject:
    record, receiver = open_record(url), await stack.enter_async_context(webhook_receiver())
    stack.push_async_callback(record.close)
    poster = Poster(open_networks("127.0.0.0/8"), lambda: 0.5)
    channel = WebhookChannel(
        record, poster, lambda info: hashlib.sha256(info.encode()).digest(), SystemClock()
    )
    stack.push_async_callback(channel.close)

    class WebhookSubject(Subject):
        async def arrived(self) -> set[str]:
            return {f"user{int(one.headers['webhook-id'][-12:])}@example.cn" for one in receiver.pushed}

        def message(self, number: int) -> Message:
            return message(number, address=f"{receiver.url}&user{number}@")

    return WebhookSubject(channel, message(99, address="https://169.254.169.254/gone@"), Progress.DELIVERED)


async def space_subject(stack: AsyncExitStack, url: str) -> Subject:
    record = open_record(url)
    stack.push_async_callback(record.close)
    async with record.engine.begin() as conn:
        await conn.run_sync(metadata.create_all)

    async def announce(subscriber_ids: Sequence[str]) -> None:
        assert subscriber_ids

    class SpaceSubject(Subject):
        async def arrived(self) -> set[str]:
            async with record.read() as conn:
                rows = (await conn.execute(select(inbox.c.subscriber_id))).scalars().all()
            assert len(rows) == len(set(rows))
            return {row.replace("ent-", "user") + "@example.cn" for row in rows}

    naive = message(99).at.replace(tzinfo=None)  # the record refuses a time without a zone
    return SpaceSubject(SpaceChannel(record, announce), message(99, at=naive), Progress.DELIVERED)


def sandbox_subject(name: str, directory: Path) -> Subject:
    class SandboxSubject(Subject):
        async def arrived(self) -> set[str]:
            entries = read_outbox(directory, name, 1000)
            return {f"user{int(entry.delivery_id[-12:])}@example.cn" for entry in entries}

    # A delivery that cannot be written down: orjson refuses a lone surrogate.
    bad = message(99, delivery_id="\ud800")
    return SandboxSubject(SandboxChannel(name, directory), bad, Progress.DELIVERED)


def addresses(numbers: Sequence[int]) -> set[str]:
    return {f"user{number}@example.cn" for number in numbers}


async def test_every_message_has_its_outcome_in_order(subject: Subject) -> None:
    outcomes = await subject.channel.send([subject.message(n) for n in range(40)])
    assert [type(outcome) for outcome in outcomes] == [Receipt] * 40
    assert {outcome.progress for outcome in outcomes if isinstance(outcome, Receipt)} == {subject.progress}
    assert await subject.arrived() == addresses(range(40))


@pytest.mark.parametrize("place", [0, 3, 6])
async def test_one_bad_message_stops_no_neighbour(subject: Subject, place: int) -> None:
    batch = [subject.message(n) for n in range(6)]
    batch.insert(place, subject.bad)
    outcomes = await subject.channel.send(batch)
    assert [isinstance(outcome, TransportError) for outcome in outcomes] == [n == place for n in range(7)]
    assert await subject.arrived() == addresses(range(6))


async def test_the_same_batch_twice_is_taken_twice(subject: Subject) -> None:
    batch = [subject.message(n) for n in range(5)]
    assert await subject.channel.send(batch) is not None
    outcomes = await subject.channel.send(batch)
    assert all(isinstance(outcome, Receipt) for outcome in outcomes)
    assert await subject.arrived() == addresses(range(5))


async def test_an_empty_batch_has_no_outcomes(subject: Subject) -> None:
    assert list(await subject.channel.send([])) == []


async def test_a_closed_channel_can_be_used_again(subject: Subject) -> None:
    await subject.channel.send([subject.message(1)])
    await subject.channel.close()
    await subject.channel.close()
    outcomes = await subject.channel.send([subject.message(2)])
    assert isinstance(outcomes[0], Receipt)
    assert await subject.arrived() == addresses([1, 2])


async def test_no_outcome_and_no_message_shows_an_address(subject: Subject) -> None:
    outcomes = await subject.channel.send([subject.message(1), subject.bad])
    shown = repr(outcomes) + repr(subject.message(1)) + "".join(getattr(o, "reason", "") for o in outcomes)
    assert "user1@" not in shown
    assert "gone@" not in shown
    assert "13800000" not in shown
