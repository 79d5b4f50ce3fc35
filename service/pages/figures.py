"""The two figures of the first page: policies released and deliveries that arrived since midnight in Shanghai."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from config.clock import SHANGHAI
from config.database.record import Record
from config.database.schema import deliveries, policy_revisions

FRESH_S = 15.0


@dataclass(frozen=True)
class Today:
    """``released`` counts public policies only; ``delivered`` counts ledger rows."""

    released: int
    delivered: int


class Figures:
    """Counts at most every ``fresh_s`` seconds: the first page is open to everybody and counting reads many rows."""

    def __init__(self, record: Record, fresh_s: float = FRESH_S) -> None:
        self._record = record
        self._fresh_s = fresh_s
        self._counted: tuple[float, datetime, Today] | None = None
        self._turn = asyncio.Lock()

    async def today(self, now: datetime) -> Today:
        """Return the figures of the day that ``now`` falls into; who comes while they are counted waits for them."""
        async with self._turn:
            return await self._today(now)

    async def _today(self, now: datetime) -> Today:
        midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
        if self._counted is not None:
            counted_at, day, figures = self._counted
            if day == midnight and time.monotonic() - counted_at < self._fresh_s:
                return figures
        figures = await self._count(midnight)
        self._counted = (time.monotonic(), midnight, figures)
        return figures

    async def _count(self, midnight: datetime) -> Today:
        r = policy_revisions.c
        released = select(func.count()).where(
            r.decided_at >= midnight,
            r.state == "released",
            r.disclosure == "open",
            r.targeted.is_(False),
        )
        d = deliveries.c
        own = or_(
            d.digest_id.is_(None), d.digest_id != d.delivery_id
        )  # a digest's items count, the digest does not
        arrived = select(func.count()).where(d.delivered_at >= midnight, own)
        async with self._record.read() as conn:
            return Today(int(await conn.scalar(released) or 0), int(await conn.scalar(arrived) or 0))
