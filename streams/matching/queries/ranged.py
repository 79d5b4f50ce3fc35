"""Queries that are about enterprises of certain numbers: which of them a policy's requirements rule out."""

import numpy as np
from numpy.typing import NDArray

from streams.matching.arrays.growing import Growing
from streams.matching.conditions import FIELDS, Ranges, Requirements


class Ranged:
    """Queries and their ranges, in arrays: few have any.

    Args:
        queries: (n,) uint32.
        ends: (n, 3, 2) float64, per field of `FIELDS` its low and high.
    """

    def __init__(
        self, queries: NDArray[np.uint32] | None = None, ends: NDArray[np.float64] | None = None
    ) -> None:
        self.queries = Growing(np.uint32, queries)
        self.ends = Growing(np.float64, ends, (len(FIELDS), 2))

    def add(self, query: int, ranges: Ranges) -> None:
        """Take a query's ranges."""
        ends = np.array([[-np.inf, np.inf]] * len(FIELDS))
        for one in ranges:
            ends[FIELDS.index(one.field)] = one.low, one.high
        self.queries.append(query)
        self.ends.append(ends)

    def without_ruled_out(
        self, queries: NDArray[np.uint32], requirements: Requirements
    ) -> NDArray[np.uint32]:
        """Return those of ``queries`` that the requirements leave; see `conditions.meet`."""
        if not requirements or not self.queries.size:
            return queries
        out = np.zeros(self.queries.size, np.bool_)
        for asked in requirements:
            ends = self.ends.values[:, FIELDS.index(asked.field)]
            out |= (asked.high < ends[:, 0]) | (asked.low > ends[:, 1])
        return queries[~np.isin(queries, self.queries.values[out])]

    def kept(self, alive: NDArray[np.bool_]) -> "Ranged":
        """Return a copy of those that are alive.

        Args:
            alive: by number of a query.
        """
        keep = alive[self.queries.values]
        return Ranged(self.queries.values[keep], self.ends.values[keep])
