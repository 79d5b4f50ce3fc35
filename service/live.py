"""The live inbox: who is looking hears at once that something came.

Redis carries the news between processes. Losing it costs seconds, never a message: the inbox table is the truth, and
whoever listens looks there from time to time anyway.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from config.logging import get_logger

CHANNEL = "zhengda:inbox"
WITHOUT_REDIS_S = 2.0
WITH_REDIS_S = 15.0

log = get_logger(__name__)


class Live:
    """News of the inbox for the listeners of one event loop, and through Redis for those of every process."""

    def __init__(
        self,
        redis: Redis | None = None,
        *,
        without_redis_s: float = WITHOUT_REDIS_S,
        with_redis_s: float = WITH_REDIS_S,
    ) -> None:
        self.redis = redis
        self._without_redis_s = without_redis_s
        self._with_redis_s = with_redis_s
        self._listeners: dict[str, set[asyncio.Event]] = {}
        self._pump: asyncio.Task[None] | None = None
        self.connected = False

    async def announce(self, subscriber_ids: Sequence[str]) -> None:
        """Say that something came for ``subscriber_ids``; nothing is raised when Redis is away."""
        if not subscriber_ids:
            return
        self._wake(subscriber_ids)
        if self.redis is None:
            return
        try:
            await self.redis.publish(CHANNEL, orjson.dumps(list(subscriber_ids)))
        except (RedisError, OSError) as exc:
            log.info("live_news_not_shared", reason=str(exc), subscribers=len(subscriber_ids))

    async def listen(self, subscriber_id: str) -> AsyncIterator[None]:
        """Yield whenever it is worth looking into the inbox of ``subscriber_id``, the first time at once.

        Between news it yields every ``with_redis_s`` seconds, or every ``without_redis_s`` seconds while Redis is away.
        """
        news = asyncio.Event()
        self._listeners.setdefault(subscriber_id, set()).add(news)
        self._start_pump()
        try:
            while True:
                yield None
                patience_s = self._with_redis_s if self.connected else self._without_redis_s
                with suppress(TimeoutError):
                    async with asyncio.timeout(patience_s):
                        await news.wait()
                news.clear()
        finally:
            self._forget(subscriber_id, news)

    async def close(self) -> None:
        """Stop hearing from Redis; the client itself belongs to who made it."""
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
            self._pump = None
        self.connected = False

    def _forget(self, subscriber_id: str, news: asyncio.Event) -> None:
        listeners = self._listeners.get(subscriber_id, set())
        listeners.discard(news)
        if not listeners:
            self._listeners.pop(subscriber_id, None)

    def _wake(self, subscriber_ids: Sequence[str]) -> None:
        for subscriber_id in subscriber_ids:
            for news in self._listeners.get(subscriber_id, ()):
                news.set()

    def _start_pump(self) -> None:
        if self.redis is not None and (self._pump is None or self._pump.done()):
            self._pump = asyncio.create_task(self._hear(self.redis), name="live-inbox")

    async def _hear(self, redis: Redis) -> None:
        while True:
            try:
                async with redis.pubsub(ignore_subscribe_messages=False) as pubsub:
                    await pubsub.subscribe(CHANNEL)
                    async for message in pubsub.listen():
                        self._take(message)
            except (RedisError, OSError) as exc:
                log.info("live_news_interrupted", reason=str(exc))
            self.connected = False
            await asyncio.sleep(self._without_redis_s)

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            # Whatever was said while nobody heard is found by looking now.
            self.connected = True
            self._wake(list(self._listeners))
        elif message["type"] == "message":
            self._wake(orjson.loads(message["data"]))
