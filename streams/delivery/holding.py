"""A claim is prolonged while its sender is at work: a slow far side does not make its rows count as lost."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from config.logging import get_logger
from streams.delivery.claims import prolong
from streams.delivery.steady import there
from streams.desk import Desk

log = get_logger(__name__)

PER_LEASE = 3  # so often, so that a busy machine or a record that is away for a moment costs no claim
LONGEST_S = (
    900.0  # no channel takes so long for a chunk: whoever does hangs, and its rows are somebody else's then
)


@asynccontextmanager
async def held(desk: Desk, delivery_ids: Sequence[str], token: str) -> AsyncIterator[None]:
    """Keep claimed rows while the block runs; without this they are anybody's after a lease."""
    over = asyncio.Event()
    keeping = asyncio.create_task(_keep(desk, delivery_ids, token, over))
    try:
        yield
    finally:
        over.set()  # not cancelled: it may be in the middle of a transaction
        await keeping


async def still_held(desk: Desk, delivery_ids: Sequence[str], token: str, since: float) -> bool:
    """Whether claimed rows may be sent after reading what is true of them; prolongs the claim where that took long.

    Who waited for a record that was away may have lost them to somebody else, who sends them.

    Args:
        desk: the house.
        delivery_ids: of the claim.
        token: the claim.
        since: when it was surely held, by the clock of the running loop.
    """
    if asyncio.get_running_loop().time() - since < _part_s(desk):
        return True

    async def again() -> bool:
        async with desk.record.write() as conn:
            return await prolong(conn, delivery_ids, token, desk.clock.now() + desk.lease)

    return await there(again)


def _part_s(desk: Desk) -> float:
    """The part of a lease after which it is prolonged, in real seconds."""
    return desk.lease / desk.clock.span(timedelta(seconds=PER_LEASE))


async def _keep(desk: Desk, delivery_ids: Sequence[str], token: str, over: asyncio.Event) -> None:
    every_s = _part_s(desk)
    now = asyncio.get_running_loop().time
    until = now() + LONGEST_S
    while now() < until:
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), every_s)
            return
        try:
            async with desk.record.write() as conn:
                if not await prolong(conn, delivery_ids, token, desk.clock.now() + desk.lease):
                    return
        except Exception as exc:  # noqa: BLE001 - the sending goes on, and the next time comes before the lease ends
            log.warning("claim.not_prolonged", why=f"{type(exc).__name__}: {exc}"[:300])
