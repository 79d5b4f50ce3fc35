"""Many queries at once, as flat arrays: what an index is built from without a Python loop."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

Conjunction = tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]

TOKENS = 1 << 24
"""Token numbers are below this: there are arrays by token, so a vocabulary gives dense numbers."""

QUERIES = 1 << 31
"""Query numbers are below this."""


@dataclass(frozen=True)
class Columns:
    """Conjunctions of queries; conjunction ``i`` has clauses ``clause_starts[i]`` to ``clause_starts[i + 1]``.

    Attributes:
        owner: uint32[conjunctions], the query of each, in any order.
        clause_starts: int64[conjunctions + 1], into the clauses.
        token_starts: int64[clauses + 1], into ``tokens``.
        tokens: uint32, of which one per clause must be there. A clause without tokens never holds.
        excluded_starts: int64[conjunctions + 1], into ``excluded``.
        excluded: uint32, of which none may be there.
    """

    owner: NDArray[np.uint32]
    clause_starts: NDArray[np.int64]
    token_starts: NDArray[np.int64]
    tokens: NDArray[np.uint32]
    excluded_starts: NDArray[np.int64]
    excluded: NDArray[np.uint32]

    @classmethod
    def of(cls, queries: Iterable[tuple[int, Sequence[Conjunction]]]) -> "Columns":
        """Return the columns of a few queries. A query without conjunctions leaves no trace."""
        pairs = [(query, conjunction) for query, conjunctions in queries for conjunction in conjunctions]
        clauses = [clause for _, (of, _) in pairs for clause in of]
        return cls(
            owner=np.array([query for query, _ in pairs], np.uint32),
            clause_starts=_starts(len(of) for _, (of, _) in pairs),
            token_starts=_starts(map(len, clauses)),
            tokens=np.array([token for clause in clauses for token in clause], np.uint32),
            excluded_starts=_starts(len(excluded) for _, (_, excluded) in pairs),
            excluded=np.array([token for _, (_, excluded) in pairs for token in excluded], np.uint32),
        )


def _starts(lengths: Iterable[int]) -> NDArray[np.int64]:
    return np.array(list(accumulate(lengths, initial=0)), np.int64)
