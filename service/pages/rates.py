"""The interpretation rate for the list of policies: counted at most every few seconds, however often it is shown."""

import asyncio
import time

from config.database.record import Record
from service.pages.figures import FRESH_S
from streams.explanations.rates import InterpretationFigures, interpretation_figures

KEPT = 256  # agencies


class Rates:
    """Keeps each agency's figures for ``fresh_s`` seconds; None stands for all agencies together."""

    def __init__(self, record: Record, fresh_s: float = FRESH_S) -> None:
        self._record = record
        self._fresh_s = fresh_s
        self._kept: dict[str | None, tuple[float, InterpretationFigures]] = {}
        self._turn = asyncio.Lock()

    async def of(self, agency_id: str | None) -> InterpretationFigures:
        """Return an agency's figures; who comes while they are counted waits for them."""
        async with self._turn:
            counted_at, figures = self._kept.get(agency_id, (0.0, None))
            if figures is None or time.monotonic() - counted_at >= self._fresh_s:
                async with self._record.read() as conn:
                    figures = await interpretation_figures(conn, agency_id)
                if len(self._kept) >= KEPT:
                    self._kept.clear()
                self._kept[agency_id] = (time.monotonic(), figures)
            return figures
