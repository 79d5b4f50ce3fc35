"""The live inbox: quick with Redis, correct without."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from service.live import Live
from tests.servers.redis import RedisServer


async def next_of(news: AsyncIterator[None], within_s: float = 5) -> None:
    async with asyncio.timeout(within_s):
        await anext(news)


async def connected(live: Live) -> None:
    async with asyncio.timeout(5):
        while not live.connected:
            await asyncio.sleep(0.01)


async def test_a_listener_looks_once_at_the_start() -> None:
    live = Live(None, without_redis_s=60)
    await next_of(live.listen("S-1"))


async def test_without_redis_news_within_the_process_come_at_once() -> None:
    live = Live(None, without_redis_s=60)
    news = live.listen("S-1")
    await next_of(news)
    await live.announce(["S-2", "S-1"])
    await next_of(news)


async def test_news_of_others_wake_nobody() -> None:
    live = Live(None, without_redis_s=60)
    news = live.listen("S-1")
    await next_of(news)
    await live.announce(["S-2"])
    with pytest.raises(TimeoutError):
        await next_of(news, within_s=0.1)


async def test_without_redis_a_listener_looks_again_by_itself() -> None:
    live = Live(None, without_redis_s=0.02)
    news = live.listen("S-1")
    for _ in range(3):
        await next_of(news)


async def test_who_leaves_is_forgotten() -> None:
    live = Live(None, without_redis_s=60)
    news = live.listen("S-1")
    await next_of(news)
    await news.aclose()  # type: ignore[attr-defined]
    assert live._listeners == {}


@pytest.mark.redis
async def test_news_cross_processes_through_redis(redis_url: str) -> None:
    here, there = Redis.from_url(redis_url), Redis.from_url(redis_url)
    listening, speaking = Live(here, with_redis_s=60), Live(there)
    try:
        news = listening.listen("S-1")
        await next_of(news)
        await connected(listening)
        await next_of(news)  # the connection came up: look again
        await speaking.announce(["S-1"])
        await next_of(news)
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
        await next_of(news)
        await connected(live)
        redis_server.kill9()
        async with asyncio.timeout(5):
            while live.connected:
                await asyncio.sleep(0.01)
        for _ in range(3):
            await next_of(news)
        await live.announce(["S-1"])
        await next_of(news)
        redis_server.restart()
        await connected(live)
        await next_of(news)
    finally:
        await live.close()
        await redis.aclose()


async def test_announcing_to_a_dead_redis_raises_nothing() -> None:
    redis = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    live = Live(redis)
    await live.announce(["S-1"])
    await redis.aclose()
