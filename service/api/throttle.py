"""How often somebody may try: counted in Redis for all processes, in memory where there is none."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request
from redis.asyncio import Redis
from redis.exceptions import RedisError

from config.logging import get_logger
from service.api.problems import Problem

log = get_logger(__name__)

KEY = "zhengda:tries"
ANSWER_S = 1.0  # the client that listens for news waits as long as it takes; a sign-up does not
MOST_KEPT = 50_000


@dataclass(frozen=True)
class Allowance:
    """``most`` tries in each window of ``per``."""

    name: str
    most: int
    per: timedelta


SIGN_UPS = Allowance("join", 60, timedelta(hours=1))
SIGN_INS = Allowance("sign_in", 60, timedelta(hours=1))
GUESSES = Allowance("code", 30, timedelta(minutes=10))
OF_ADDRESS = Allowance("address", 5, timedelta(hours=1))
WEBHOOK_TESTS = Allowance("webhook_test", 30, timedelta(hours=1))


class Throttle:
    """Counts tries in fixed windows of real time. Losing the counts costs nothing but a few tries more."""

    def __init__(self, redis: Redis | None) -> None:
        self._redis = redis
        self._counts: Counter[str] = Counter()

    async def allows(self, allowance: Allowance, who: str, now_real: datetime) -> bool:
        """Count a try of ``who`` and return whether it is within the allowance."""
        seconds = int(allowance.per.total_seconds())
        key = f"{KEY}:{allowance.name}:{int(now_real.timestamp()) // seconds}:{who}"
        if self._redis is not None:
            try:
                async with asyncio.timeout(ANSWER_S), self._redis.pipeline(transaction=True) as pipe:
                    pipe.incr(key)
                    pipe.expire(key, seconds)
                    counted = await pipe.execute()
                return int(counted[0]) <= allowance.most
            except (RedisError, OSError, TimeoutError) as exc:
                log.info("tries_counted_here", reason=type(exc).__name__)
        if len(self._counts) >= MOST_KEPT:
            self._counts.clear()
        self._counts[key] += 1
        return self._counts[key] <= allowance.most


async def insist(request: Request, allowance: Allowance, now_real: datetime) -> None:
    """Count a try of this client.

    Raises:
        Problem: 429, it was one too many.
    """
    throttle: Throttle = request.app.state.throttle
    client = request.client.host if request.client else "unknown"
    if not await throttle.allows(allowance, client, now_real):
        seconds = int(allowance.per.total_seconds())
        wait = seconds - int(now_real.timestamp()) % seconds
        raise Problem(429, "too many tries from here; wait and try again", headers={"Retry-After": str(wait)})
