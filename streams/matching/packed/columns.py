"""Many queries at once, as flat arrays: what an index is built from without a Python loop."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from streams.matching.packed.words import QUERIES, TOKENS, Places, Words

Conjunction = tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]
"""(clauses, excluded): of each clause one token must be there, and none of the excluded."""


@dataclass(frozen=True)
class Columns:
    """Conjunctions of queries; conjunction ``i`` has the clauses ``clause_starts[i]`` to ``clause_starts[i + 1]``.

    Attributes:
        owner: uint32[conjunctions], the query of each, in any order.
        clause_starts: int64[conjunctions + 1], into the clauses.
        token_starts: int64[clauses + 1], into ``tokens``.
        tokens: uint32, of which one per clause must be there. A clause without tokens never holds.
        excluded_starts: int64[conjunctions + 1], into ``excluded``.
        excluded: uint32, of which none may be there.
    """

    owner: Words
    clause_starts: Places
    token_starts: Places
    tokens: Words
    excluded_starts: Places
    excluded: Words

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

    @property
    def highest(self) -> int:
        """The highest token number."""
        return int(max(self.tokens.max(initial=0), self.excluded.max(initial=0)))

    def check(self) -> None:
        """Refuse what would lead outside of the arrays.

        Raises:
            ValueError: a number is out of range, or the starts do not fit what they are the starts of.
        """
        if self.highest >= TOKENS:
            raise ValueError(f"token {self.highest} is not below {TOKENS}")
        if self.owner.max(initial=0) >= QUERIES:
            raise ValueError(f"query {self.owner.max()} is not below {QUERIES}")
        _check_starts(self.clause_starts, len(self.owner), len(self.token_starts) - 1)
        _check_starts(self.token_starts, len(self.token_starts) - 1, len(self.tokens))
        _check_starts(self.excluded_starts, len(self.owner), len(self.excluded))


def _starts(lengths: Iterable[int]) -> Places:
    return np.array(list(accumulate(lengths, initial=0)), np.int64)


def _check_starts(starts: NDArray[np.int64], groups: int, end: int) -> None:
    if (
        len(starts) != groups + 1
        or starts[0] != 0
        or starts[-1] != end
        or bool((starts[1:] < starts[:-1]).any())
    ):
        raise ValueError(f"starts of {groups} groups must rise from 0 to {end}")
