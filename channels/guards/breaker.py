"""When to leave a far side alone: a circuit breaker, pure, one for each far side.

Closed, everything goes. After failures in a row, or too large a share of the last outcomes, it opens: nothing goes for
a wait that grows from trial to trial. Then it is half-open: one is let through, and what comes of that one closes it
or opens it again.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Position(StrEnum):
    """What a breaker does with who asks: lets everything through, nothing, or one."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True)
class Patience:
    """How soon a breaker opens and how long it waits.

    Attributes:
        in_a_row: so many failures without a success between them open it.
        share: … or this share of failures among the last ``window`` outcomes, once there are so many.
        window: how many outcomes are looked back upon.
        first_wait_s: before the first trial; each trial that fails doubles it.
        longest_wait_s: the ceiling of the waits.
        spread: the share of a wait that jitter may add, so that processes that opened together do not knock together.
        trial_s: after so long without a word of the one that was let through, another is.
    """

    in_a_row: int = 5
    share: float = 0.5
    window: int = 20
    first_wait_s: float = 5.0
    longest_wait_s: float = 300.0
    spread: float = 0.2
    trial_s: float = 120.0


ORDINARY = Patience()


class Breaker:
    """The state of one far side as its callers saw it; for one event loop, without I/O and without a clock.

    ``now`` is seconds of any clock that never goes back (``time.monotonic()``), the same one in every call.
    """

    def __init__(self, random: Callable[[], float], patience: Patience = ORDINARY) -> None:
        """Begin closed.

        Args:
            random: returns a number from 0 to 1, for the jitter.
            patience: how soon it opens and how long it waits.
        """
        self.patience = patience
        self.position = Position.CLOSED
        self._random = random
        self._last: deque[bool] = deque(maxlen=patience.window)
        self._in_a_row = 0
        self._wait_s = patience.first_wait_s
        self._next = 0.0  # open: when the trial may go; half-open: when the trial is given up as lost

    def allows(self, now: float) -> bool:
        """Whether the caller may try now; who is allowed tells what came of it, `succeeded` or `failed`."""
        if self.position is Position.CLOSED:
            return True
        if now < self._next:
            return False
        self.position = Position.HALF_OPEN
        self._next = now + self.patience.trial_s
        return True

    def succeeded(self, now: float) -> None:
        """The far side answered, whatever it said; late answers to what began before it opened change nothing."""
        if self.position is Position.OPEN:
            return
        self._in_a_row = 0
        if self.position is Position.HALF_OPEN:
            self.position = Position.CLOSED
            self._wait_s = self.patience.first_wait_s
            self._last.clear()
        self._last.append(True)

    def failed(self, now: float) -> None:
        """The far side could not be reached; late failures of what began before it opened prolong nothing."""
        if self.position is Position.OPEN:
            return
        self._in_a_row += 1
        self._last.append(False)
        if self.position is Position.HALF_OPEN:
            self._wait_s = min(self._wait_s * 2, self.patience.longest_wait_s)
            self._open(now)
        elif self._in_a_row >= self.patience.in_a_row or self._mostly_failing():
            self._open(now)

    def undecided(self, now: float) -> None:
        """What was let through was not tried after all: the next may be the trial, at once."""
        if self.position is Position.HALF_OPEN:
            self.position = Position.OPEN
            self._next = now

    def retry_after(self, now: float) -> float:
        """Return in how many seconds it is worth asking again; 0 while it is closed.

        While a trial is under way, the wait that would follow its failure: its success is not known yet.
        """
        if self.position is Position.CLOSED:
            return 0.0
        if self.position is Position.HALF_OPEN:
            return self._wait_s
        return max(self._next - now, 0.0)

    def _mostly_failing(self) -> bool:
        last = self._last
        return len(last) == self.patience.window and last.count(False) >= self.patience.share * len(last)

    def _open(self, now: float) -> None:
        self.position = Position.OPEN
        self._next = now + self._wait_s * (1 + self.patience.spread * self._random())
