"""Offset commits that survive an outage of the log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from faust.types import TP

from streams.transport.errors import LogUnavailable

logger = logging.getLogger(__name__)

FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 5.0

Write = Callable[[dict[TP, int]], Awaitable[None]]


class Committer:
    """Writes committed offsets; what could not be written is kept and tried again with growing pauses.

    A commit that fails loses nothing: its events are merely done again if the process ends before a retry succeeds.

    Args:
        write: Writes offsets durably, or raises LogUnavailable.
        first_delay_s: Pause before the first retry, seconds; it doubles with each failure.
        longest_delay_s: The longest pause, seconds.
    """

    def __init__(
        self, write: Write, first_delay_s: float = FIRST_DELAY_S, longest_delay_s: float = LONGEST_DELAY_S
    ) -> None:
        self._write = write
        self._first_delay_s = first_delay_s
        self._longest_delay_s = longest_delay_s
        self._owed: dict[TP, int] = {}
        self._failed = asyncio.Event()

    @property
    def owed(self) -> Mapping[TP, int]:
        """Offsets that are still to be written."""
        return self._owed

    async def commit(self, offsets: Mapping[TP, int]) -> bool:
        """Write these and all owed offsets; False if the log could not (they stay owed)."""
        for tp, offset in offsets.items():
            self._owed[tp] = max(offset, self._owed.get(tp, 0))
        attempt = dict(self._owed)
        if not attempt:
            return True
        try:
            await self._write(attempt)
        except LogUnavailable as exc:
            if not self._failed.is_set():
                logger.warning("offsets not committed, will be tried again: %s", exc)
            self._failed.set()
            return False
        for tp, offset in attempt.items():
            if self._owed.get(tp) == offset:
                del self._owed[tp]
        if not self._owed:
            self._failed.clear()
        return True

    async def run(self) -> None:
        """Retry what is owed, until cancelled."""
        while True:
            await self._failed.wait()
            delay_s = self._first_delay_s
            while self._failed.is_set():
                await asyncio.sleep(delay_s)
                delay_s = min(delay_s * 2, self._longest_delay_s)
                if await self.commit({}):
                    self._failed.clear()
                    logger.info("offsets committed after an outage of the log")
