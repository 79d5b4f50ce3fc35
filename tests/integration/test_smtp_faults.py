"""Mail servers that break rules, dawdle, storm or die: no mail is lost, and few go twice."""

import asyncio
from collections import Counter

import pytest

from channels.email import EmailChannel, SmtpServer
from channels.errors import (
    ContentError,
    PermanentError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
    UnreachableError,
)
from channels.message import Receipt
from tests.servers.messages import message
from tests.servers.raw_smtp import HANG_UP, RawSmtp, raw_smtp
from tests.servers.scripted_smtp import scripted_smtp

SENDER = "政达政策推送 <push@example.gov.cn>"
GONE = "550 5.1.1 no such user"


def channel_to(server: RawSmtp, connections: int = 1, patience_s: float = 120.0) -> EmailChannel:
    place = SmtpServer("127.0.0.1", server.port, "smtp", command_timeout_s=1.0, answer_timeout_s=1.0)
    return EmailChannel(place, SENDER, connections=connections, patience_s=patience_s)


async def test_three_commands_go_at_once_and_the_text_after_the_go_ahead() -> None:
    async with raw_smtp() as server:
        channel = channel_to(server)
        outcomes = await channel.send([message(1), message(2)])
        await channel.close()
    assert all(isinstance(outcome, Receipt) for outcome in outcomes)
    assert [line[:4] for line in server.commands] == ["EHLO", *["MAIL", "RCPT", "DATA"] * 2, "QUIT"]
    assert server.connections == 1


async def test_a_server_that_wants_a_text_for_nobody_gets_an_empty_one() -> None:
    async with raw_smtp(RCPT=[GONE], end=["554 5.5.1 no valid recipients"]) as server:
        channel = channel_to(server)
        bad, good = await channel.send([message(1), message(2)])
        await channel.close()
    assert isinstance(bad, PermanentError)
    assert bad.dead
    assert isinstance(good, Receipt)
    assert server.texts[0] == b""
    assert b"user2@example.cn" in server.texts[1]
    assert server.connections == 1


async def test_a_refused_sender_with_an_accepted_recipient_gets_not_even_an_empty_text() -> None:
    async with raw_smtp(MAIL=["550 5.7.1 not you"]) as server:
        channel = channel_to(server)
        bad, good = await channel.send([message(1), message(2)])
        await channel.close()
    assert isinstance(bad, ContentError)
    assert isinstance(good, Receipt)
    assert [b"user2@example.cn" in text for text in server.texts if text] == [True]
    assert server.connections == 2


@pytest.mark.parametrize("after", ["DATA", "."])
async def test_a_refusal_stands_when_the_connection_dies_right_after_it(after: str) -> None:
    answers = {"DATA": [HANG_UP]} if after == "DATA" else {"end": [HANG_UP]}
    async with raw_smtp(RCPT=[GONE], **answers) as server:
        channel = channel_to(server)
        bad, good = await channel.send([message(1), message(2)])
        await channel.close()
    assert isinstance(bad, PermanentError)
    assert isinstance(good, Receipt)


@pytest.mark.parametrize("refusal", ["451 4.3.0 later", "554 5.3.0 no text today"])
async def test_a_refused_text_is_refused_before_it_is_sent(refusal: str) -> None:
    async with raw_smtp(DATA=[refusal]) as server:
        channel = channel_to(server)
        bad, good = await channel.send([message(1), message(2)])
        await channel.close()
    assert type(bad) is (TemporaryError if refusal.startswith("4") else PermanentError)
    assert isinstance(good, Receipt)
    assert len(server.texts) == 1
    assert "RSET" in server.commands


@pytest.mark.parametrize("nonsense", ["bananas", "250", "99 OK", "250 2.1.0 OK\r\n250 and again"])
async def test_an_answer_nobody_can_read_ends_the_connection_and_no_mail_is_counted_as_sent(
    nonsense: str,
) -> None:
    async with raw_smtp(MAIL=[nonsense] * 2) as server:
        channel = channel_to(server)
        first, _ = await channel.send([message(1), message(2)])
        last = await channel.send([message(3)])
        await channel.close()
    assert isinstance(first, Receipt) == (nonsense == "250")
    assert isinstance(last[0], Receipt)


@pytest.mark.parametrize("answer", ["bananas", "350 hm", "150 hm"])
async def test_an_answer_to_the_text_that_makes_no_sense_leaves_it_unknown(answer: str) -> None:
    async with raw_smtp(end=[answer]) as server:
        channel = channel_to(server)
        first, second = await channel.send([message(1), message(2)])
        await channel.close()
    assert isinstance(first, UnknownOutcomeError)
    assert isinstance(second, Receipt)


async def test_what_a_server_says_unasked_is_not_taken_for_an_answer() -> None:
    async with raw_smtp(end=["250 2.0.0 taken\r\n421 4.4.2 idle for too long"]) as server:
        channel = channel_to(server)
        first = await channel.send([message(1)])
        await asyncio.sleep(0.05)
        second = await channel.send([message(2)])
        await channel.close()
    assert isinstance(first[0], Receipt)
    assert isinstance(second[0], Receipt)
    assert server.connections == 2
    assert len(server.texts) == 2


async def test_a_server_that_takes_so_many_mails_a_connection_gets_the_others_over_new_ones() -> None:
    enough = ["250 2.1.0 OK", "250 2.1.0 OK", f"421 4.7.0 too many mails\r\n{HANG_UP}"]
    async with raw_smtp(MAIL=enough * 3) as server:
        channel = channel_to(server)
        outcomes = await channel.send([message(n) for n in range(7)])
        await channel.close()
    assert all(isinstance(outcome, Receipt) for outcome in outcomes)
    assert server.connections == 4
    assert len(server.texts) == 7


async def test_a_storm_of_421_costs_few_messages_an_attempt_and_few_connections() -> None:
    async with raw_smtp(MAIL=[f"421 4.3.2 closing\r\n{HANG_UP}"] * 1000) as server:
        channel = channel_to(server, connections=4)
        outcomes = await channel.send([message(n) for n in range(100)])
        kinds = Counter(type(outcome) for outcome in outcomes)
        assert kinds == {TemporaryError: 4, ThrottledError: 96}
        assert server.connections == 4
        server.answers.clear()
        again = await channel.send([message(n) for n in range(100)])
        await channel.close()
    assert all(isinstance(outcome, Receipt) for outcome in again)
    assert len(server.texts) == 100


async def test_a_door_that_says_421_is_unreachable_for_the_whole_batch() -> None:
    async with raw_smtp(hello=["421 4.3.2 come back later"] * 1000) as server:
        channel = channel_to(server, connections=4)
        outcomes = await channel.send([message(n) for n in range(50)])
        await channel.close()
    assert {type(outcome) for outcome in outcomes} == {UnreachableError}
    assert server.connections <= 4


async def test_a_server_that_speaks_a_byte_at_a_time_holds_nobody_for_long() -> None:
    async with raw_smtp(byte_s=0.2) as server:
        place = SmtpServer("127.0.0.1", server.port, "smtp", connect_timeout_s=0.5, command_timeout_s=0.5)
        channel = EmailChannel(place, SENDER, connections=2)
        outcomes = await channel.send([message(n) for n in range(50)])
        await channel.close()
    assert {type(outcome) for outcome in outcomes} <= {UnreachableError, TemporaryError}
    assert server.connections <= 4, "after some the others are not even tried"
    assert server.texts == []


async def test_a_server_that_is_slow_gets_what_it_can_take_and_the_rest_waits_without_an_attempt() -> None:
    async with raw_smtp(byte_s=0.004) as server:
        channel = channel_to(server, connections=2, patience_s=0.6)
        outcomes = await channel.send([message(n) for n in range(200)])
        await channel.close()
    kinds = Counter(type(outcome) for outcome in outcomes)
    assert set(kinds) == {Receipt, ThrottledError}
    assert kinds[Receipt] == len(server.texts) < 50


async def test_hanging_up_in_the_middle_again_and_again_loses_nothing_and_doubles_little() -> None:
    """Every retry by the channel's own outcomes, until all have gone: as the ledger does it."""
    async with scripted_smtp(pipelining=True) as server:
        channel = EmailChannel(SmtpServer.from_url(server.url), SENDER, connections=4)
        left = {n: message(n) for n in range(200)}
        cuts = 0

        async def cut() -> None:
            nonlocal cuts
            while left and cuts < 20:
                await asyncio.sleep(0.01)
                server.hang_up_all()
                cuts += 1

        cutting = asyncio.create_task(cut())
        for _ in range(200):
            batch = list(left)
            outcomes = await channel.send([left[n] for n in batch])
            assert all(isinstance(one, Receipt | TemporaryError | UnknownOutcomeError) for one in outcomes)
            for n, outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, Receipt):
                    del left[n]
            if not left:
                break
        await cutting
        await channel.close()
    arrived = Counter(address for address, _ in server.received)
    assert left == {}
    assert set(arrived) == {f"user{n}@example.cn" for n in range(200)}
    assert sum(arrived.values()) - 200 <= 4 * cuts
