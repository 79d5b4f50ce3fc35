"""A brute scan: a compiled loop looks at every packed record, the rarest clause of each first."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from benchmarks._matching.contender import Weights
from benchmarks._matching.records import records
from benchmarks._matching.subscriptions import Subscriptions

Words = NDArray[np.uint32]


class Scan:
    """All records, a bit for each token and a byte for each subscription."""

    def __init__(self, given: Subscriptions, weights: Weights) -> None:
        self._records = records(given.rarest_first(weights))
        self._there = np.zeros(len(weights) // 64 + 1, np.uint64)
        self._seen = np.zeros(given.count, np.uint8)
        self._found = np.empty(given.count, np.uint32)

    @property
    def nbytes(self) -> int:
        """See `Contender`."""
        return self._records.nbytes + self._there.nbytes + self._seen.nbytes + self._found.nbytes

    def match(self, tokens: Words) -> NDArray[np.integer]:
        """See `Contender`."""
        count = _scan(self._records, tokens, self._there, self._seen, self._found)
        return self._found[:count].copy()


@njit(cache=True, nogil=True, boundscheck=False)  # type: ignore[untyped-decorator]
def _scan(records: Words, tokens: Words, there: Any, seen: Any, found: Words) -> int:
    last, token, one = np.uint32(1 << 31), np.uint32((1 << 31) - 1), np.uint64(1)
    for number in tokens:
        there[number >> 6] |= one << np.uint64(number & 63)
    count, at = 0, 0
    while at < len(records):
        head = np.int64(records[at + 1])
        end = at + (head & 255)
        first_excluded = end - (head >> 8)
        place, holds = at + 2, True
        while place < first_excluded:
            any_there = np.uint64(0)
            while True:
                word = records[place]
                number = word & token
                any_there |= there[number >> np.uint32(6)] >> np.uint64(number & np.uint32(63))
                place += 1
                if word & last:
                    break
            if not any_there & one:
                holds = False
                break
        if holds:
            for number in records[first_excluded:end]:
                if (there[number >> np.uint32(6)] >> np.uint64(number & np.uint32(63))) & one:
                    holds = False
        if holds:
            subscription = records[at] & token
            if not (records[at] & last and seen[subscription]):
                seen[subscription] = 1
                found[count] = subscription
                count += 1
        at = end
    for number in tokens:
        there[number >> 6] = 0
    for place in range(count):
        seen[found[place]] = 0
    return count
