"""A sweep that takes longer than its interval is not begun twice, and nobody is told of it as of a fault."""

import asyncio
import logging
from typing import cast

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from redis.asyncio import Redis

from service.scheduler import JOBS, Lease, _sweep


class Slow:
    """A sweep that ends when it is told to."""

    def __init__(self) -> None:
        self.begun = 0
        self.most = 0
        self.now = 0
        self.go = asyncio.Event()

    async def __call__(self) -> int:
        self.begun += 1
        self.now += 1
        self.most = max(self.most, self.now)
        await self.go.wait()
        self.now -= 1
        return 0


async def test_a_sweep_under_way_is_not_begun_again_and_nothing_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    work, under_way = Slow(), set[str]()
    scheduler = AsyncIOScheduler(timezone="UTC", job_defaults=JOBS)
    arguments = ("slow", work, Lease(None), under_way)
    scheduler.add_job(_sweep, "interval", seconds=0.02, args=arguments)
    scheduler.start()
    try:
        await asyncio.sleep(0.3)
        assert (work.begun, under_way) == (1, {"slow"})
        work.go.set()
        await asyncio.sleep(0.1)
        assert work.begun > 1  # it goes on once the first has ended
    finally:
        scheduler.shutdown(wait=False)
    assert work.most == 1
    assert caplog.messages == []


async def test_a_sweep_that_fails_is_done_again_the_next_time() -> None:
    async def breaks() -> int:
        raise OSError("away")

    under_way = set[str]()
    await _sweep("breaks", breaks, Lease(None), under_way)
    assert under_way == set()
    again = Slow()
    again.go.set()
    await _sweep("breaks", again, Lease(None), under_way)
    assert again.begun == 1


class OneKey:
    """As much of Redis as a lease asks, counting the questions."""

    def __init__(self, holder: bytes | None = None) -> None:
        self.holder = holder
        self.asked = 0

    async def set(self, key: str, value: str, *, nx: bool, px: int) -> bool | None:
        self.asked += 1
        if self.holder is not None:
            return None
        self.holder = value.encode()
        return True

    async def get(self, key: str) -> bytes | None:
        return self.holder

    async def pexpire(self, key: str, ms: int) -> int:
        return int(self.holder is not None)


async def test_the_sweeps_of_a_second_ask_redis_once_and_the_next_second_prolongs_the_lease() -> None:
    redis = OneKey()
    lease = Lease(cast("Redis", redis))
    assert [await lease.held() for _ in range(9)] == [True] * 9
    assert redis.asked == 1
    await asyncio.sleep(1.05)
    assert await lease.held()
    assert redis.asked == 2


async def test_who_does_not_hold_the_lease_asks_every_time_and_takes_it_once_it_is_free() -> None:
    redis = OneKey(holder=b"another")
    lease = Lease(cast("Redis", redis))
    assert [await lease.held(), await lease.held()] == [False, False]
    redis.holder = None
    assert await lease.held()
    assert redis.asked == 3


async def test_different_sweeps_do_not_wait_for_each_other() -> None:
    slow, quick, under_way = Slow(), Slow(), set[str]()
    quick.go.set()
    first = asyncio.create_task(_sweep("slow", slow, Lease(None), under_way))
    await asyncio.sleep(0)
    await _sweep("quick", quick, Lease(None), under_way)
    assert (slow.begun, quick.begun) == (1, 1)
    slow.go.set()
    await first
