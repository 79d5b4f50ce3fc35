"""Stored queries of mokaccino, a percolator written in Rust."""

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from benchmarks._matching.contender import MissingError, Weights
from benchmarks._matching.records import Conjunction, decoded
from benchmarks._matching.subscriptions import Subscriptions

try:
    from mokaccino import Document, Percolator, Query
except ModuleNotFoundError:
    Percolator = None

FIELD = "label"


class Mokaccino:
    """Each subscription is a query of one field, each policy a document with its tokens as values."""

    nbytes = None

    def __init__(self, given: Subscriptions, weights: Weights) -> None:
        if Percolator is None:
            raise MissingError("mokaccino is not installed")
        self._percolator = Percolator()
        for number, conjunctions in decoded(given.rarest_first(weights)):
            self.add(number, conjunctions)
        self._percolator = self._percolator.optimized()

    def match(self, tokens: NDArray[np.uint32]) -> NDArray[np.integer]:
        """See `Contender`."""
        document = Document()
        for token in tokens.tolist():
            document = document.with_value(FIELD, str(token))
        return np.array(self._percolator.percolate_list(document), np.uint32)

    def add(self, subscription: int, conjunctions: Sequence[Conjunction]) -> None:
        """See `Adding`."""
        self._percolator.add_query_id(reduce(lambda a, b: a | b, map(_query, conjunctions)), subscription)


def _query(conjunction: Conjunction) -> "Query":
    clauses, excluded = conjunction
    one_of = [reduce(lambda a, b: a | b, map(_has, clause)) for clause in clauses]
    return reduce(lambda a, b: a & b, one_of + [Query.from_not(_has(token)) for token in excluded])


def _has(token: int) -> "Query":
    return Query.from_kv(FIELD, str(token))
