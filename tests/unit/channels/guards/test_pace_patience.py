"""How long a batch may take on account of a pace, where the far side is slow."""

import asyncio
from collections.abc import Sequence

from channels.channel import Outcome
from channels.errors import PacedError
from channels.guards.pace import Rate
from channels.guards.rates import Pace, Turns
from channels.message import Progress, Receipt


async def test_a_slow_far_side_under_a_rate_does_not_keep_a_batch_for_ever() -> None:
    began = asyncio.get_running_loop().time()

    async def slow(batch: Sequence[int]) -> list[Outcome]:
        await asyncio.sleep(0.2)
        return [Receipt(Progress.SENT) for _ in batch]

    # A grain is two messages, and the next turn is always there when the far side has answered.
    pace = Pace("email", Rate(10.0), Turns(None), patience_s=0.5)
    outcomes = await pace.send(list(range(40)), slow)
    assert asyncio.get_running_loop().time() - began < 1.5
    assert len(outcomes) == 40
    sent = [one for one in outcomes if isinstance(one, Receipt)]
    away = [one for one in outcomes if isinstance(one, PacedError)]
    assert 2 <= len(sent) <= 10
    assert len(sent) + len(away) == 40


async def test_after_a_part_that_outlasted_the_patience_nothing_more_is_begun() -> None:
    parts: list[int] = []

    async def slow(batch: Sequence[int]) -> list[Outcome]:
        parts.append(len(batch))
        await asyncio.sleep(0.3)
        return [Receipt(Progress.SENT) for _ in batch]

    pace = Pace("email", Rate(10.0), Turns(None), patience_s=0.2)
    outcomes = await pace.send(list(range(9)), slow)
    assert parts == [2]
    assert sum(isinstance(one, PacedError) for one in outcomes) == 7


async def test_what_is_urgent_overtakes_a_broad_batch_that_is_going_out() -> None:
    loop = asyncio.get_running_loop()
    ended: dict[str, float] = {}

    async def send(name: str, count: int, after_s: float, *, urgent: bool) -> list[Outcome]:
        await asyncio.sleep(after_s)

        async def take(batch: Sequence[str]) -> list[Outcome]:
            ended[name] = loop.time()
            return [Receipt(Progress.SENT) for _ in batch]

        return await pace.send([name] * count, take, urgent=urgent)

    pace = Pace("email", Rate(40.0), Turns(None), patience_s=10.0)
    began = loop.time()
    broad, urgent = await asyncio.gather(
        send("broad", 40, 0.0, urgent=False), send("urgent", 12, 0.2, urgent=True)
    )
    assert all(isinstance(one, Receipt) for one in (*broad, *urgent))
    assert ended["urgent"] - began < 0.9  # its own 0.3 s, and the grain that was under way
    assert ended["broad"] > ended["urgent"]


async def test_what_is_left_of_an_urgent_batch_has_its_turn_before_those_who_wait() -> None:
    async def take(batch: Sequence[int]) -> list[Outcome]:
        return [Receipt(Progress.SENT) for _ in batch]

    pace = Pace("email", Rate(2.0), Turns(None), patience_s=0.0)
    await pace.send(list(range(100)), take)
    away = [one for one in await pace.send([1, 2], take, urgent=True) if isinstance(one, PacedError)]
    assert 1 <= len(away) <= 2
    assert max(one.retry_after_s for one in away) < 3
