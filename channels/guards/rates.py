"""Rates that all workers keep together, in Redis; while that is away, each process keeps to them by itself."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

from channels.channel import Outcome
from channels.errors import NotBegunError, PacedError
from channels.guards.pace import FARTHEST_S, IDLE_S, Leftover, Line, Rate, Turn, take
from channels.leaving import leaving, pause
from config.logging import get_logger

log = get_logger(__name__)

REDIS_S = 0.5  # sooner each process keeps to the rate by itself than that all wait for Redis
AGAIN_S = 10.0  # … and only then it is asked again
GRAIN_S = 0.25  # so much of the rate is taken at a time: who asks meanwhile need not wait for a whole batch

T = TypeVar("T")

# `channels.guards.pace.take` where it is one step for everybody. Numbers go through text: Lua's become integers
# otherwise.
SCRIPT = f"""
local now = tonumber(ARGV[6])
if now < 0 then
  local time = redis.call('TIME')
  now = tonumber(time[1]) + tonumber(time[2]) / 1000000
end
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local count, patience, leftover = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local kept = redis.call('HMGET', KEYS[1], 'next', 'end')
local line_next, line_end = tonumber(kept[1] or '0'), tonumber(kept[2] or '0')
local step = 1 / rate
local begin = math.max(line_next, now - burst)
local room = math.floor((now + patience - begin) * rate + 1e-6) + 1
local going = math.max(0, math.min(room, count))
local after = begin + going * step
local wait = 0
if going > 0 then wait = math.max(0, after - step - now) end
local left = count - going
local queued = 0
if line_next >= now - math.max({IDLE_S}, 3 * step) then queued = line_end end
local behind = after
if leftover ~= {int(Leftover.AHEAD)} then behind = math.max(queued, after) end
local line_end_after = queued
if left > 0 and leftover == {int(Leftover.BEHIND_ALL)} then
  line_end_after = math.min(behind + left * step, now + {FARTHEST_S})
end
local line_next_after = line_next
if going > 0 then line_next_after = after end
redis.call('HSET', KEYS[1], 'next', string.format('%.6f', line_next_after),
  'end', string.format('%.6f', line_end_after))
redis.call('EXPIRE', KEYS[1], math.ceil(math.max(line_next_after, line_end_after, now) - now) + 60)
return {{going, string.format('%.6f', wait), string.format('%.6f', math.max(0, behind - now))}}
"""


class Turns:
    """Gives turns in lines of any name; for one event loop."""

    def __init__(self, redis: Redis | None, now: Callable[[], float] = time.monotonic) -> None:
        """Nothing is asked yet.

        Args:
            redis: shared by all workers; None where there is none.
            now: seconds of a clock that never goes back, for the lines of this process alone.
        """
        self._script = redis.register_script(SCRIPT) if redis is not None else None
        self._now = now
        self._not_before = now()
        self._own: dict[str, Line] = {}

    async def take(
        self,
        name: str,
        rate: Rate,
        count: int,
        patience_s: float,
        leftover: Leftover = Leftover.BEHIND_ALL,
        *,
        at: float = -1.0,
    ) -> Turn:
        """Return what ``count`` messages of the line ``name`` may do; see `channels.guards.pace.take`.

        ``at`` stands for the shared clock in tests; below 0 it is Redis' own.
        """
        if self._script is not None and self._now() >= self._not_before:
            asked = [rate.per_second, rate.burst_s, count, patience_s, int(leftover), at]
            try:
                async with asyncio.timeout(REDIS_S):
                    going, wait_s, first_s = await self._script(keys=[f"zhengda:pace:{name}"], args=asked)
                return Turn(int(going), float(wait_s), float(first_s))
            except (RedisError, OSError, TimeoutError) as exc:
                self._not_before = self._now() + AGAIN_S
                log.warning("rates.without_redis", why=f"{type(exc).__name__}: {exc}"[:200])
        self._own[name], turn = take(
            self._own.get(name, Line()), rate, count, patience_s, leftover, self._now()
        )
        return turn


class Pace:
    """One line with its rate, and the verb that keeps to it."""

    def __init__(self, name: str, rate: Rate, turns: Turns, patience_s: float = 30.0) -> None:
        """Keep a pace.

        Args:
            name: of the line: ``email``, ``sms:kannel`` …
            rate: messages per second.
            turns: where they are given.
            patience_s: how long a batch may take on account of the pace; far below the lease of a claim.
        """
        self.name = name
        self.rate = rate
        self.turns = turns
        self.patience_s = patience_s
        self._urgent = 0  # batches under way; while there are any, the others of this process take no turn
        self._none_urgent = asyncio.Event()
        self._none_urgent.set()

    async def send(
        self,
        batch: Sequence[T],
        send: Callable[[Sequence[T]], Awaitable[Sequence[Outcome]]],
        *,
        urgent: bool = False,
    ) -> list[Outcome]:
        """Give ``batch`` to ``send`` in parts, as fast as the rate allows.

        What would have to wait longer than the patience is a `PacedError`, each with its own turn. An ``urgent`` batch
        goes first, and what is left of it has its turn before those who wait.
        """
        if not urgent:
            return await self._send(batch, send, Leftover.BEHIND_ALL)
        self._urgent += 1
        self._none_urgent.clear()
        try:
            return await self._send(batch, send, Leftover.AHEAD)
        finally:
            self._urgent -= 1
            if not self._urgent:
                self._none_urgent.set()

    async def _send(
        self,
        batch: Sequence[T],
        send: Callable[[Sequence[T]], Awaitable[Sequence[Outcome]]],
        leftover: Leftover,
    ) -> list[Outcome]:
        outcomes: list[Outcome] = []
        loop = asyncio.get_running_loop()
        until = loop.time() + self.patience_s
        grain = max(1, int(self.rate.per_second * GRAIN_S))
        # The sending itself takes time as well: a slow far side must not keep what is left beyond its lease.
        while len(outcomes) < len(batch) and not leaving() and (patience_s := until - loop.time()) > 0:
            if leftover is not Leftover.AHEAD and not await self._nobody_is_urgent(patience_s):
                break
            patience_s = max(0.0, until - loop.time())
            left = batch[len(outcomes) :]
            some = min(grain, len(left))
            turn = await self.turns.take(self.name, self.rate, some, patience_s, Leftover.ASK_AGAIN)
            if not turn.going:
                break
            await pause(turn.wait_s)
            if not leaving():
                outcomes += await send(left[: turn.going])
        if left := batch[len(outcomes) :]:
            outcomes += await self._rest(left, send, leftover, begun=bool(outcomes))
        return outcomes

    async def _rest(
        self,
        left: Sequence[T],
        send: Callable[[Sequence[T]], Awaitable[Sequence[Outcome]]],
        leftover: Leftover,
        *,
        begun: bool,
    ) -> list[Outcome]:
        """Send away what the patience is over for; of a batch of which nothing has gone yet, what may go at once goes.

        After a slow part nothing more is begun, though there may be a turn: the lease does not last for another.
        """
        if leaving():
            return [NotBegunError() for _ in left]
        at_once_s = -1.0 / self.rate.per_second - self.rate.burst_s if begun else 0.0
        turn = await self.turns.take(self.name, self.rate, len(left), at_once_s, leftover)
        outcomes = list(await send(left[: turn.going])) if turn.going else []
        return outcomes + sent_away(turn, self.rate, len(left) - len(outcomes), self.name)

    async def _nobody_is_urgent(self, patience_s: float) -> bool:
        """Whether the turn may be taken: at once, or when what is urgent has gone within the patience."""
        if not self._none_urgent.is_set():
            await pause(patience_s, self._none_urgent)
        return self._none_urgent.is_set() and not leaving()


def sent_away(turn: Turn, rate: Rate, count: int, name: str) -> list[Outcome]:
    """Return the outcomes of those who have their turn later, each at its own time."""
    reason = f"{rate.per_second:g} messages a second are allowed to {name}"
    return [PacedError(reason, turn.later_s(place, rate)) for place in range(count)]
