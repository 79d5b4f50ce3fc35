"""Which events were handed out, which of them are finished, and how far it is safe to commit. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from faust.types import TP


class Progress:
    """The book of an honest consumer.

    An event is open from the moment it is handed to the streams until the program says that its work is finished. The
    generation (of the group's membership) tells an event from its own second delivery after a rebalance.
    """

    def __init__(self) -> None:
        self._open: dict[TP, dict[int, int]] = {}
        self._end: dict[TP, int] = {}

    def delivered(self, tp: TP, offset: int, generation: int) -> None:
        """An event was handed to the streams."""
        self._open.setdefault(tp, {})[offset] = generation
        self._end[tp] = max(offset + 1, self._end.get(tp, 0))

    def worked(self, tp: TP, offset: int, generation: int) -> bool:
        """An event's work is finished; False if it is not open (done twice, or handed out before a rebalance)."""
        open_here = self._open.get(tp, {})
        if open_here.get(offset) != generation:
            return False
        del open_here[offset]
        return True

    def safe_offset(self, tp: TP) -> int | None:
        """Everything below this offset is finished; None if nothing was handed out since `forget`.

        Offsets that were never handed out (removed by compaction) count as finished.
        """
        open_here = self._open.get(tp)
        return min(open_here) if open_here else self._end.get(tp)

    def partitions(self) -> list[TP]:
        """Partitions of which something was handed out."""
        return list(self._end)

    def unfinished(self) -> dict[TP, int]:
        """Partition → events handed out and not finished. One that stays above 0 while idle is a failed event."""
        return {tp: len(offsets) for tp, offsets in self._open.items() if offsets}

    def forget(self, tps: Iterable[TP]) -> None:
        """These partitions will be handed out anew, from their committed offsets."""
        for tp in list(tps):
            self._open.pop(tp, None)
            self._end.pop(tp, None)
