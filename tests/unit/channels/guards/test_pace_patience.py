"""How long a batch may take on account of a pace, where the far side is slow."""

import asyncio
from collections.abc import Sequence

from channels.channel import Outcome
from channels.errors import PacedError
from channels.guards.pace import Rate
from channels.guards.rates import Pace, Turns
from channels.message import Progress, Receipt
from tests.support.virtual_time import run_virtually


def now() -> float:
    return asyncio.get_running_loop().time()


def pace(per_second: float, patience_s: float) -> Pace:
    return Pace("email", Rate(per_second), Turns(None, now), patience_s)


def test_a_slow_far_side_under_a_rate_does_not_keep_a_batch_for_ever() -> None:
    async def slow(batch: Sequence[int]) -> list[Outcome]:
        await asyncio.sleep(0.2)
        return [Receipt(Progress.SENT) for _ in batch]

    async def ran() -> tuple[list[Outcome], float]:
        # A grain is two messages, and the next turn is always there when the far side has answered.
        return await pace(10.0, 0.5).send(list(range(40)), slow), now()

    outcomes, ended = run_virtually(ran())
    assert ended < 1.0
    assert len(outcomes) == 40
    sent = [one for one in outcomes if isinstance(one, Receipt)]
    away = [one for one in outcomes if isinstance(one, PacedError)]
    assert 2 <= len(sent) <= 10
    assert len(sent) + len(away) == 40


def test_after_a_part_that_outlasted_the_patience_nothing_more_is_begun() -> None:
    parts: list[int] = []

    async def slow(batch: Sequence[int]) -> list[Outcome]:
        parts.append(len(batch))
        await asyncio.sleep(0.3)
        return [Receipt(Progress.SENT) for _ in batch]

    async def ran() -> list[Outcome]:
        return await pace(10.0, 0.2).send(list(range(9)), slow)

    outcomes = run_virtually(ran())
    assert parts == [2]
    assert sum(isinstance(one, PacedError) for one in outcomes) == 7


def test_what_is_urgent_overtakes_a_broad_batch_that_is_going_out() -> None:
    ended: dict[str, float] = {}

    async def ran() -> list[list[Outcome]]:
        line = pace(40.0, 10.0)

        async def send(name: str, count: int, after_s: float, *, urgent: bool) -> list[Outcome]:
            await asyncio.sleep(after_s)

            async def take(batch: Sequence[str]) -> list[Outcome]:
                ended[name] = now()
                return [Receipt(Progress.SENT) for _ in batch]

            return await line.send([name] * count, take, urgent=urgent)

        return await asyncio.gather(
            send("broad", 40, 0.0, urgent=False), send("urgent", 12, 0.2, urgent=True)
        )

    outcomes = [one for batch in run_virtually(ran()) for one in batch]
    assert all(isinstance(one, Receipt) for one in outcomes)
    assert len(outcomes) == 52
    assert ended["urgent"] < 0.9  # its own 0.3 s, and the grain that was under way
    assert ended["broad"] > ended["urgent"]


def test_what_is_left_of_an_urgent_batch_has_its_turn_before_those_who_wait() -> None:
    async def take(batch: Sequence[int]) -> list[Outcome]:
        return [Receipt(Progress.SENT) for _ in batch]

    async def ran() -> list[Outcome]:
        line = pace(2.0, 0.0)
        await line.send(list(range(100)), take)
        return await line.send([1, 2], take, urgent=True)

    away = [one for one in run_virtually(ran()) if isinstance(one, PacedError)]
    assert len(away) == 2
    assert max(one.retry_after_s for one in away) < 3
