"""Messages per second, pure: who may go now, and when the others have their turn.

A line has two ends. ``next`` is when the next message may go, each a step (1 / rate) after the one before: at no time
do more go than the rate allows, however many senders ask. Who would have to wait for long is sent away with a turn of
its own behind all who were sent away before, ``end``: everybody comes back once, and not all at the same time.
"""

from dataclasses import dataclass
from enum import IntEnum
from math import floor

IDLE_S = 10.0  # a line where nobody went for so long has no queue, whatever turns it has given away
FARTHEST_S = 3600.0  # no turn is later than this: a queue may be gone by then (its campaign was stopped)
GOLDEN = 0.6180339887498949


class Leftover(IntEnum):
    """What becomes of those who may not go at once."""

    ASK_AGAIN = 0  # nothing: they ask again themselves
    BEHIND_ALL = 1  # a turn behind everybody who waits
    AHEAD = 2  # a turn before those who wait, for what is urgent


@dataclass(frozen=True)
class Rate:
    """``per_second`` messages, > 0; up to ``burst_s`` seconds of unused time may be made up for at once."""

    per_second: float
    burst_s: float = 0.0


@dataclass(frozen=True)
class Line:
    """The state of a line; both in seconds of the clock of ``now``."""

    next: float = 0.0
    end: float = 0.0


@dataclass(frozen=True)
class Turn:
    """``going`` of those who asked may go after ``wait_s``; of the others the first has its turn in ``first_s``."""

    going: int
    wait_s: float
    first_s: float

    def later_s(self, place: int, rate: Rate) -> float:
        """Return in how many seconds the one at ``place`` (from 0) of those that may not go has its turn.

        Turns beyond the farthest are scattered over the hour before it, for whoever comes then to get a new one.
        """
        turn = self.first_s + place / rate.per_second
        if turn <= FARTHEST_S:
            return turn
        return FARTHEST_S * (0.5 + 0.5 * ((place * GOLDEN) % 1.0))


def take(
    line: Line, rate: Rate, count: int, patience_s: float, leftover: Leftover, now: float
) -> tuple[Line, Turn]:
    """Return the line afterwards, and what ``count`` messages of it may do.

    Args:
        line: before.
        rate: of the line.
        count: how many ask.
        patience_s: how long they would wait on the spot.
        leftover: what becomes of those for whom that is too short.
        now: in seconds.
    """
    step = 1.0 / rate.per_second
    begin = max(line.next, now - rate.burst_s)
    room = floor((now + patience_s - begin) * rate.per_second + 1e-6) + 1
    going = max(0, min(room, count))
    after = begin + going * step
    wait_s = max(0.0, after - step - now) if going else 0.0
    left = count - going
    queued = line.end if line.next >= now - max(IDLE_S, 3 * step) else 0.0
    behind = after if leftover is Leftover.AHEAD else max(queued, after)
    end = queued
    if left and leftover is Leftover.BEHIND_ALL:
        end = min(behind + left * step, now + FARTHEST_S)
    return Line(after if going else line.next, end), Turn(going, wait_s, max(0.0, behind - now))
