"""How long a batch may take on account of a pace, where the far side is slow."""

import asyncio
from collections.abc import Sequence

from channels.channel import Outcome
from channels.errors import PacedError
from channels.message import Progress, Receipt
from channels.pace import Rate
from channels.rates import Pace, Turns


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
