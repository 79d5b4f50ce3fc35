"""Rates that several processes keep together in a real Redis, and each alone while it is away."""

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Sequence

import pytest
from redis.asyncio import Redis

from channels.channel import Outcome
from channels.errors import PacedError
from channels.guards.pace import Leftover, Line, Rate, take
from channels.guards.pacing import PacedChannel
from channels.guards.rates import Pace, Turns
from channels.message import Message, Progress, Receipt
from config.mail_domains import load_mail_domains
from tests.servers.messages import message
from tests.servers.redis import RedisServer


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url)
    yield client
    await client.aclose()


class Counting:
    """A far side that takes everything and remembers when."""

    name = "email"

    def __init__(self) -> None:
        self.at: list[float] = []
        self.addresses: list[str] = []

    async def send(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        self.at += [time.monotonic()] * len(batch)
        self.addresses += [one.address for one in batch]
        return [Receipt(Progress.SENT, one.delivery_id) for one in batch]

    async def close(self) -> None:
        """Nothing is open."""


async def test_redis_gives_the_turns_that_the_rule_gives(redis: Redis) -> None:
    turns, line, chance = Turns(redis), Line(), random.Random(6)
    now = 1_763_800_000.0
    for _ in range(300):
        # No round numbers: at the very edge of a turn the last bit of a number would decide.
        now += chance.choice([0, 0.0117, 0.513, 3.0071, 40.019])
        rate = Rate(23.7, 3.0)
        count, patience_s = chance.randint(1, 80), chance.choice([0.0, 0.2543, 5.0119])
        leftover = chance.choice(list(Leftover))
        line, wanted = take(line, rate, count, patience_s, leftover, now)
        given = await turns.take("one", rate, count, patience_s, leftover, at=now)
        assert given.going == wanted.going
        assert (given.wait_s, given.first_s) == pytest.approx((wanted.wait_s, wanted.first_s), abs=1e-4)


async def test_several_workers_together_keep_to_one_rate(redis: Redis) -> None:
    far_side = Counting()
    workers = [Pace("email", Rate(100.0), Turns(redis)) for _ in range(4)]
    began = time.monotonic()
    batches = [[message(n) for n in range(40)] for _ in workers]
    sent = await asyncio.gather(
        *(one.send(batch, far_side.send) for one, batch in zip(workers, batches, strict=True))
    )
    assert sum(isinstance(outcome, Receipt) for some in sent for outcome in some) == 160
    assert time.monotonic() - began >= 1.4


async def test_without_redis_each_process_keeps_to_the_rate_by_itself(redis_server: RedisServer) -> None:
    client = Redis.from_url("redis://127.0.0.1:1/0")
    far_side = Counting()
    began = time.monotonic()
    outcomes = await Pace("email", Rate(50.0), Turns(client)).send(
        [message(n) for n in range(40)], far_side.send
    )
    await client.aclose()
    assert all(isinstance(outcome, Receipt) for outcome in outcomes)
    assert time.monotonic() - began >= 0.7


async def test_a_redis_that_hangs_holds_nobody_up(
    redis: Redis, redis_server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    turns = Turns(redis, now=lambda: 100.0)
    assert (await turns.take("x", Rate(10.0), 1, 0.0)).going == 1
    assert redis_server.pid is not None
    os.kill(redis_server.pid, signal.SIGSTOP)
    try:
        for _ in range(20):
            await turns.take("x", Rate(1000.0), 1, 1.0)
    finally:
        os.kill(redis_server.pid, signal.SIGCONT)
    asked = capsys.readouterr().out.count("rates.without_redis")
    assert asked == 1, "it is asked once, and then left alone for a while"


async def test_what_would_take_longer_than_the_patience_gets_a_turn_for_each(redis: Redis) -> None:
    far_side = Counting()
    pace = Pace("email", Rate(10.0), Turns(redis), patience_s=0.5)
    outcomes = await pace.send([message(n) for n in range(100)], far_side.send)
    away = [outcome.retry_after_s for outcome in outcomes if isinstance(outcome, PacedError)]
    assert 4 <= len(outcomes) - len(away) <= 8
    assert away == sorted(away)
    assert away[-1] - away[0] == pytest.approx((len(away) - 1) / 10, abs=0.01)


async def test_one_provider_waits_and_all_others_go_at_once(redis: Redis) -> None:
    far_side = Counting()
    channel = PacedChannel(far_side, Turns(redis), families=load_mail_domains())
    netease = [message(n, address=f"u{n}@{('163.com', '126.com')[n % 2]}") for n in range(200)]
    others = [message(1000 + n, address=f"u{n}@corp-{n}.cn") for n in range(200)]
    mixed = [one for pair in zip(netease, others, strict=True) for one in pair]
    outcomes = await channel.send(mixed)
    went = {one.address for one, outcome in zip(mixed, outcomes, strict=True) if isinstance(outcome, Receipt)}
    assert {one.address for one in others} <= went
    assert 60 <= len(went) - len(others) <= 70, "three seconds' worth of unused time, and what a moment gives"
    assert set(far_side.addresses) == went


async def test_what_is_urgent_goes_while_its_provider_has_a_long_queue(redis: Redis) -> None:
    far_side = Counting()
    channel = PacedChannel(far_side, Turns(redis), families=load_mail_domains())
    for _ in range(10):
        await channel.send([message(n, address=f"u{n}@qq.com") for n in range(100)])
    outcomes = await channel.send([message(n, address=f"u{n}@qq.com") for n in range(100)])
    last = outcomes[-1]
    assert isinstance(last, PacedError)
    assert last.retry_after_s > 30
    (outcome,) = await channel.send([message(1, address="u@qq.com", urgent=True)])
    assert isinstance(outcome, Receipt)
