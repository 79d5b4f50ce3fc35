"""Takes what gateways hear and remembers it; or is away, as the record may be."""

import asyncio
from collections.abc import Sequence

from channels.heard import FarReport, Reply

LOOK_S = 0.01


class RecordingHeard:
    """Everything that was handed over, in order; ``away`` raises as a lost record does."""

    def __init__(self) -> None:
        self.all_reports: list[FarReport] = []
        self.all_replies: list[Reply] = []
        self.away = False
        self.refused = 0

    async def reports(self, found: Sequence[FarReport]) -> None:
        await self._there()
        self.all_reports += found

    async def replies(self, found: Sequence[Reply]) -> None:
        await self._there()
        self.all_replies += found

    async def heard(self, reports: int = 0, replies: int = 0, timeout_s: float = 10.0) -> None:
        """Wait until so many came."""
        async with asyncio.timeout(timeout_s):
            while len(self.all_reports) < reports or len(self.all_replies) < replies:
                await asyncio.sleep(LOOK_S)

    async def turned_away(self, times: int = 1, timeout_s: float = 10.0) -> None:
        """Wait until somebody came so often while it was away."""
        async with asyncio.timeout(timeout_s):
            while self.refused < times:
                await asyncio.sleep(LOOK_S)

    async def _there(self) -> None:
        await asyncio.sleep(0)
        if self.away:
            self.refused += 1
            raise ConnectionError("the record is away")
