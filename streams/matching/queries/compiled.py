"""Queries in numbers, many at once: flat arrays without an object per clause."""

from array import array
from collections.abc import Sequence

import numpy as np

from streams.matching.packed import Columns, Conjunction


class Compiled:
    """Conjunctions as they come, to be read as `Columns`."""

    def __init__(self) -> None:
        self._owners = array("I")
        self._tokens = array("I")
        self._excluded = array("I")
        self._clause_starts = array("q", [0])
        self._token_starts = array("q", [0])
        self._excluded_starts = array("q", [0])

    def add(self, query: int, conjunctions: Sequence[Conjunction]) -> None:
        """Take a query."""
        for clauses, excluded in conjunctions:
            self._owners.append(query)
            for clause in clauses:
                self._tokens.extend(clause)
                self._token_starts.append(len(self._tokens))
            self._clause_starts.append(len(self._token_starts) - 1)
            self._excluded.extend(excluded)
            self._excluded_starts.append(len(self._excluded))

    def columns(self) -> Columns:
        """Return what was taken; nothing may be added any more."""
        return Columns(
            owner=np.frombuffer(self._owners, np.uint32) if self._owners else np.empty(0, np.uint32),
            clause_starts=np.frombuffer(self._clause_starts, np.int64),
            token_starts=np.frombuffer(self._token_starts, np.int64),
            tokens=np.frombuffer(self._tokens, np.uint32) if self._tokens else np.empty(0, np.uint32),
            excluded_starts=np.frombuffer(self._excluded_starts, np.int64),
            excluded=np.frombuffer(self._excluded, np.uint32) if self._excluded else np.empty(0, np.uint32),
        )
