"""The e-mail channel against servers that refuse, hang up, stay silent or are away."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from channels.email import EmailChannel, SmtpServer
from channels.email.dkim import Signer
from channels.errors import (
    ContentError,
    PermanentError,
    TemporaryError,
    UnknownOutcomeError,
    UnreachableError,
)
from channels.message import Receipt
from tests.servers.messages import content, message
from tests.servers.ports import free_port
from tests.servers.scripted_smtp import HANG_UP, SILENCE, ScriptedSmtp, scripted_smtp

SENDER = "政达政策推送 <push@example.gov.cn>"


@pytest.fixture(params=[False, True], ids=["one_by_one", "pipelining"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[ScriptedSmtp]:
    async with scripted_smtp(pipelining=request.param) as script:
        yield script


@pytest.fixture
async def channel(server: ScriptedSmtp) -> AsyncIterator[EmailChannel]:
    email = EmailChannel(
        SmtpServer("127.0.0.1", server.port, "smtp", command_timeout_s=2.0, answer_timeout_s=0.5),
        SENDER,
        connections=4,
    )
    yield email
    await email.close()


async def test_a_chinese_subject_arrives_as_it_was_written(
    server: ScriptedSmtp, channel: EmailChannel
) -> None:
    (outcome,) = await channel.send([message(1)])
    assert isinstance(outcome, Receipt)
    mail = email.message_from_bytes(server.received[0][1], policy=email.policy.default)
    assert mail["subject"] == message(1).content.title


async def test_a_server_that_is_down_makes_every_message_unreachable() -> None:
    channel = EmailChannel(SmtpServer.from_url(f"smtp://127.0.0.1:{free_port()}"), SENDER)
    outcomes = await channel.send([message(n) for n in range(300)])
    assert {type(outcome) for outcome in outcomes} == {UnreachableError}


async def test_mail_flows_again_as_soon_as_the_server_is_back() -> None:
    async with scripted_smtp() as first:
        port = first.port
        channel = EmailChannel(SmtpServer.from_url(first.url), SENDER, connections=3)
        assert isinstance((await channel.send([message(1)]))[0], Receipt)
    assert isinstance((await channel.send([message(2)]))[0], TemporaryError)
    async with scripted_smtp(port) as second:
        outcomes = await channel.send([message(n) for n in range(20)])
        assert all(isinstance(outcome, Receipt) for outcome in outcomes)
        assert len(second.received) == 20
        await channel.close()


@pytest.mark.parametrize("stage", ["rcpt", "data"])
async def test_an_unknown_user_is_dead_and_the_connection_goes_on(
    server: ScriptedSmtp, channel: EmailChannel, stage: str
) -> None:
    server.replies[stage]["user2@example.cn"] = "550 5.1.1 <user2@example.cn>: User unknown"
    outcomes = await channel.send([message(n) for n in range(12)])
    bad = outcomes[2]
    assert isinstance(bad, PermanentError)
    assert bad.dead
    assert "user2" not in bad.reason
    assert len(server.received) == 11
    assert len(server.connections) <= 4


async def test_refused_content_is_told_from_a_refused_address(
    server: ScriptedSmtp, channel: EmailChannel
) -> None:
    server.replies["data"]["user1@example.cn"] = "554 DT:SPM 163 smtp5,content rejected"
    (outcome,) = await channel.send([message(1)])
    assert isinstance(outcome, ContentError)


async def test_a_connection_lost_after_the_text_has_an_unknown_outcome(
    server: ScriptedSmtp, channel: EmailChannel
) -> None:
    server.replies["data"]["user3@example.cn"] = HANG_UP
    outcomes = await channel.send([message(n) for n in range(8)])
    assert isinstance(outcomes[3], UnknownOutcomeError)
    assert sum(isinstance(outcome, Receipt) for outcome in outcomes) == 7


async def test_silence_after_the_text_has_an_unknown_outcome(
    server: ScriptedSmtp, channel: EmailChannel
) -> None:
    server.replies["data"]["user1@example.cn"] = SILENCE
    outcomes = await channel.send([message(1), message(2)])
    assert isinstance(outcomes[0], UnknownOutcomeError)
    assert isinstance(outcomes[1], Receipt)


async def test_a_connection_lost_before_the_text_is_temporary(
    server: ScriptedSmtp, channel: EmailChannel
) -> None:
    server.replies["rcpt"]["user1@example.cn"] = HANG_UP
    outcomes = await channel.send([message(1), message(2)])
    assert type(outcomes[0]) is TemporaryError
    assert isinstance(outcomes[1], Receipt)


async def test_a_goodbye_in_the_middle_closes_the_connection_and_is_temporary(
    server: ScriptedSmtp, channel: EmailChannel
) -> None:
    server.replies["rcpt"]["user1@example.cn"] = "421 4.3.2 shutting down"
    outcomes = await channel.send([message(1)])
    assert type(outcomes[0]) is TemporaryError
    assert server.open_connections == 0 or await _settles(server, 0)


async def test_stale_connections_are_replaced_and_no_message_notices(
    server: ScriptedSmtp, channel: EmailChannel
) -> None:
    await channel.send([message(n) for n in range(8)])
    before = len(server.connections)
    server.hang_up_all()
    outcomes = await channel.send([message(n) for n in range(8)])
    assert all(isinstance(outcome, Receipt) for outcome in outcomes)
    assert len(server.connections) > before


async def test_a_connection_found_stale_only_by_speaking_costs_no_attempt(
    server: ScriptedSmtp, channel: EmailChannel
) -> None:
    await channel.send([message(1)])
    server.hang_up_at_mail = 1
    (outcome,) = await channel.send([message(2)])
    assert isinstance(outcome, Receipt)


async def test_a_server_that_always_hangs_up_is_not_asked_for_ever(
    server: ScriptedSmtp, channel: EmailChannel
) -> None:
    server.hang_up_at_mail = 1000
    outcomes = await channel.send([message(1), message(2)])
    assert {type(outcome) for outcome in outcomes} == {TemporaryError}
    assert server.hang_up_at_mail > 990


async def test_connections_are_kept_between_batches_and_closed_when_idle(server: ScriptedSmtp) -> None:
    channel = EmailChannel(SmtpServer.from_url(server.url), SENDER, connections=2, idle_s=0.2)
    for _ in range(3):
        await channel.send([message(n) for n in range(6)])
    assert len(server.connections) == 2
    assert await _settles(server, 0)
    assert isinstance((await channel.send([message(1)]))[0], Receipt)
    await channel.close()


async def test_batches_at_the_same_time_share_the_connections(
    server: ScriptedSmtp, channel: EmailChannel
) -> None:
    batches = [[message(100 * batch + n) for n in range(10)] for batch in range(5)]
    results = await asyncio.gather(*(channel.send(batch) for batch in batches))
    assert all(isinstance(outcome, Receipt) for outcomes in results for outcome in outcomes)
    assert len(server.connections) <= 4
    assert len(server.received) == 50


async def test_a_cancelled_batch_leaves_no_half_spoken_connection_behind(
    server: ScriptedSmtp, channel: EmailChannel
) -> None:
    server.replies["data"]["user1@example.cn"] = SILENCE
    slow = EmailChannel(SmtpServer.from_url(server.url), SENDER, connections=1)
    task = asyncio.create_task(slow.send([message(1)]))
    while not server.received:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert isinstance((await slow.send([message(2)]))[0], Receipt)
    await slow.close()


@pytest.mark.parametrize("address", ["", "nobody", "a@b\r\nRCPT TO:<c@example.cn>", "安娜@example.cn"])
async def test_what_is_no_address_is_dead_without_asking(
    server: ScriptedSmtp, channel: EmailChannel, address: str
) -> None:
    outcomes = await channel.send([message(1, address=address), message(2)])
    assert isinstance(outcomes[0], PermanentError)
    assert outcomes[0].dead
    assert [who for who, _ in server.received] == ["user2@example.cn"]


async def test_a_mail_that_cannot_be_built_stops_the_campaign_not_the_neighbours(
    server: ScriptedSmtp, channel: EmailChannel
) -> None:
    outcomes = await channel.send([message(1, unsubscribe_url="not a link"), message(2)])
    assert isinstance(outcomes[0], ContentError)
    assert isinstance(outcomes[1], Receipt)


async def test_signed_mail_is_built_aside_and_each_goes_to_its_own_recipient(server: ScriptedSmtp) -> None:
    signer = Signer(Ed25519PrivateKey.generate(), "example.gov.cn", "y2026")
    signing = EmailChannel(SmtpServer.from_url(server.url), SENDER, connections=4, signer=signer)
    outcomes = await signing.send([*(message(n) for n in range(40)), message(40, unsubscribe_url="no link")])
    await signing.close()
    assert [type(outcome) for outcome in outcomes] == [Receipt] * 40 + [ContentError]
    assert sorted(who for who, _ in server.received) == sorted(f"user{n}@example.cn" for n in range(40))
    for who, raw in server.received:
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        assert mail["to"].addresses[0].addr_spec == who
        assert "d=example.gov.cn" in mail["dkim-signature"]


async def test_a_value_no_template_can_show_is_content_and_stops_no_neighbour(
    server: ScriptedSmtp,
) -> None:
    one = EmailChannel(SmtpServer.from_url(server.url), SENDER, connections=1)
    broken = message(1, content=content(effective_date="tomorrow"))
    outcomes = await one.send([broken, message(2)])
    await one.close()
    assert isinstance(outcomes[0], ContentError)
    assert isinstance(outcomes[1], Receipt)


async def test_a_mistake_of_ours_is_an_outcome_and_not_an_exception(
    server: ScriptedSmtp, channel: EmailChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise AssertionError("user1@example.cn")

    monkeypatch.setattr("channels.email.connection.Connection.deliver", broken)
    (outcome,) = await channel.send([message(1)])
    assert type(outcome) is TemporaryError
    assert outcome.reason == "unexpected AssertionError"


async def _settles(server: ScriptedSmtp, wanted: int) -> bool:
    for _ in range(200):
        if server.open_connections == wanted:
            return True
        await asyncio.sleep(0.01)
    return False
