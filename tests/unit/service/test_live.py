"""The live inbox: quick with Redis, correct without."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from service.live import Live
from tests.servers.redis import RedisServer


async def expect_news(news: AsyncIterator[None], within_s: float = 5) -> None:
    """Fail with TimeoutError when no news come in time."""
    async with asyncio.timeout(within_s):
        await anext(news)


async def connected(live: Live) -> None:
    async with asyncio.timeout(60):
        while not live.connected:
            await asyncio.sleep(0.01)


async def test_a_listener_looks_once_at_the_start() -> None:
    live = Live(None, without_redis_s=60)
    await expect_news(live.listen("S-1"))


async def test_without_redis_news_within_the_process_come_at_once() -> None:
    live = Live(None, without_redis_s=60)
    news = live.listen("S-1")
    await expect_news(news)
    await live.announce(["S-2", "S-1"])
    await expect_news(news)


async def test_news_of_others_wake_nobody() -> None:
    live = Live(None, without_redis_s=60)
    news = live.listen("S-1")
    await expect_news(news)
    await live.announce(["S-2"])
    with pytest.raises(TimeoutError):
        await expect_news(news, within_s=0.1)


async def test_without_redis_a_listener_looks_again_by_itself() -> None:
    live = Live(None, without_redis_s=0.02)
    news = live.listen("S-1")
    for _ in range(3):
        await expect_news(news)


async def test_who_leaves_is_forgotten() -> None:
    live = Live(None, without_redis_s=60)
    news = live.listen("S-1")
    await expect_news(news)
    await news.aclose()  # type: ignore[attr-defined]
    assert live._listeners == {}


@pytest.mark.redis
async def test_news_cross_processes_through_redis(redis_url: str) -> None:
    here, there = Redis.from_url(redis_url), Redis.from_url(redis_url)
    listening, speaking = Live(here, with_redis_s=60), Live(there)
    try:
        news = listening.listen("S-1")
        await expect_news(news)
        await connected(listening)
        await expect_news(news)  # the connection came up: look again
        await speaking.announce(["S-1"])
        await expect_news(news)
    finally:
        for live, redis in ((listening, here), (speaking, there)):
            await live.close()
            await redis.aclose()


@pytest.mark.redis
async def test_a_redis_that_goes_and_comes_back_costs_no_news(redis_server: RedisServer) -> None:
    redis = Redis.from_url(redis_server.url)
    live = Live(redis, without_redis_s=0.05, with_redis_s=60)
    try:
        news = live.listen("S-1")
        await expect_news(news)
        await connected(live)
        redis_server.kill9()
        async with asyncio.timeout(60):
            while live.connected:
                await asyncio.sleep(0.01)
        for _ in range(3):
            await expect_news(news)
        await live.announce(["S-1"])
        await expect_news(news)
        redis_server.restart()
        await connected(live)
        await expect_news(news)
    finally:
        await live.close()
        await redis.aclose()


async def test_what_a_dead_redis_cannot_pass_on_is_heard_within_the_process_all_the_same() -> None:
    redis = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    live = Live(redis, without_redis_s=60)
    try:
        news = live.listen("S-1")
        await expect_news(news)
        await live.announce(["S-1"])
        await expect_news(news)
    finally:
        await live.close()
        await redis.aclose()
