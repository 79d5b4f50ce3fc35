"""How messages go to a far side that may be down: all of them, none, or one first, to see whether it is back."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from channels.channel import Outcome
from channels.errors import PacedError
from channels.guards.far_side import FarSide

# A far side that needs longer for a single message would keep those that came with it beyond their lease.
QUICK_S = 10.0
SLOW = "it took {took_s:.0f} s for the first message since it is back: the others follow by themselves"

T = TypeVar("T")


async def tried(
    far_side: FarSide, batch: Sequence[T], send: Callable[[Sequence[T]], Awaitable[Sequence[Outcome]]]
) -> list[Outcome]:
    """Send ``batch``, or park it while the far side is down; then a single one is tried first.

    Args:
        far_side: where everything of ``batch`` goes; ``send`` tells it what came of what it was asked.
        batch: messages or texts.
        send: sends some of them; a `PacedError` of it says that the far side was not asked at all.
    """
    if not batch:
        return []
    if not far_side.allows():
        return [far_side.park() for _ in batch]
    if not far_side.on_trial:
        return list(await send(batch))
    began = far_side.now()
    try:
        (trial,) = await send(batch[:1])
    except BaseException:
        far_side.untold()
        raise
    others = batch[1:]
    if isinstance(trial, PacedError):
        far_side.untold()
        return [trial, *(far_side.park(trial.retry_after_s) for _ in others)]
    if not far_side.up:
        return [trial, *(far_side.park() for _ in others)]
    if (took_s := far_side.now() - began) > QUICK_S:
        return [trial, *(PacedError(SLOW.format(took_s=took_s), 0.0) for _ in others)]
    return [trial, *(await send(others) if others else ())]
