"""Whether the line to a far side stands, and since when."""

import time
from collections.abc import Callable

STEADY_S = 30.0  # who is let in and thrown out again sooner was never let in


class LineState:
    """What is known of the line that a far side is spoken to over; whoever keeps it up tells.

    Attributes:
        down_since: since when it has been down, by the clock of ``now``; None while it stands, or there is none.
        stood_at: since when it stands, or when it last came to; None before it did.
        found_at: when it was last found down; None before it was.
        reason: why it was.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Nothing is known yet; ``now`` is seconds of a clock that never goes back."""
        self.now = now
        self.down_since: float | None = None
        self.stood_at: float | None = None
        self.found_at: float | None = None
        self.reason = ""
        self._was_down_since: float | None = None

    def stands(self) -> None:
        """It can be used; told once each time that it comes up."""
        self._was_down_since, self.down_since = self.down_since, None
        self.stood_at = self.now()

    def is_down(self, reason: str) -> None:
        """It ended, or could not be had; told again at each try."""
        now = self.now()
        self.reason, self.found_at = reason, now
        if self.down_since is None:
            short = self.stood_at is not None and now - self.stood_at < STEADY_S
            was = self._was_down_since if short else None
            self.down_since = now if was is None else was

    @property
    def in_use(self) -> bool:
        """Whether it stands."""
        return self.stood_at is not None and self.down_since is None
