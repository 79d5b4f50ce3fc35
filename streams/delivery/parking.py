"""Rows that wait for a far side that is down: few of them ask whether it is back, and when it is, all come at once.

Nobody tried them, so no attempt is counted; without this they would all come back at each trial of the breaker, to be
turned away again.
"""

from collections.abc import Sequence

from sqlalchemy import select, update

from channels.channel import Outcome
from channels.errors import ParkedError
from channels.message import Receipt
from config.database.schema import OPEN_ROWS, deliveries
from config.logging import get_logger
from streams.delivery.outcomes import PARKED
from streams.desk import Desk

log = get_logger(__name__)
d = deliveries.c

PARKED_S = 600.0  # how long a row stays where nobody fetches it: the process that parked it may have ended
TOGETHER = 2_000  # rows a transaction: whoever writes as well waits for its end


def one_asks(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return the outcomes of a chunk, pure: of those parked the first comes back at the breaker's next trial.

    The others stay for longer; `come_back` fetches them when the far side is back.
    """
    found: list[Outcome] = []
    asked = False
    for outcome in outcomes:
        if isinstance(outcome, ParkedError) and asked:
            outcome = ParkedError(outcome.reason, max(outcome.retry_after_s, PARKED_S))
        asked = asked or isinstance(outcome, ParkedError)
        found.append(outcome)
    return found


async def come_back(desk: Desk, channel: str, outcomes: Sequence[Outcome]) -> int:
    """Take what came of a chunk; when something went for the first time since rows were parked, make all of them due.

    Returns how many came back. Rows that another process parks meanwhile are fetched when that one gets through.
    """
    if any(isinstance(outcome, ParkedError) for outcome in outcomes):
        desk.through.discard(channel)
        return 0
    if channel in desk.through or not any(isinstance(outcome, Receipt) for outcome in outcomes):
        return 0
    desk.through.add(channel)
    back = 0
    try:
        while some := await _due(desk, channel):
            back += some
    except BaseException:
        desk.through.discard(channel)
        raise
    if back:
        log.info("parked.back", channel=channel, rows=back)
    return back


async def _due(desk: Desk, channel: str) -> int:
    now = desk.clock.now()
    parked = (
        OPEN_ROWS,
        d.state == "planned",
        d.channel == channel,
        d.due_at > now,
        d.reason.like(f"{PARKED}%"),
    )
    some = select(d.delivery_id).where(*parked).limit(TOGETHER).with_for_update(skip_locked=True)
    async with desk.record.write() as conn:
        done = await conn.execute(
            update(deliveries)
            .where(d.delivery_id.in_(some), d.state == "planned")
            .values(due_at=now, handed_at=None)
        )
    return done.rowcount
