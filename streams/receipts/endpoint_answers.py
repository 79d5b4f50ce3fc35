"""What endpoints of webhooks answered is forgotten after a month, also of those that nothing goes to any more."""

from channels.webhook.endpoints import KEPT, any_before, forget_before
from config.clock import Clock
from streams.desk import Desk

AT_ONCE = 5_000


async def forget_answers(desk: Desk, real_clock: Clock) -> int:
    """Sweep: attempts older than `KEPT` go, a portion a transaction, so that others may write in between.

    Args:
        desk: whose record.
        real_clock: attempts are of real time, also where domain time is simulated.
    """
    before, gone = real_clock.now() - KEPT, 0
    async with desk.record.read() as conn:
        if not await any_before(conn, before):  # nearly always: the record's one writer is not asked
            return 0
    while True:
        async with desk.record.write() as conn:
            portion = await forget_before(conn, before, AT_ONCE)
        gone += portion
        if portion < AT_ONCE:
            return gone
