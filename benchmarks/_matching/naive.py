"""The definitions as they are written, in plain Python: the truth that every other contender must tell."""

import numpy as np
from numpy.typing import NDArray

from benchmarks._matching.contender import Weights
from benchmarks._matching.records import decoded
from benchmarks._matching.subscriptions import Subscriptions

PIECE = 250_000


class Naive:
    """Every subscription is looked at, one after another."""

    nbytes = None

    def __init__(self, given: Subscriptions, weights: Weights) -> None:
        self._subscriptions = [conjunctions for _, conjunctions in decoded(given)]

    def match(self, tokens: NDArray[np.uint32]) -> NDArray[np.integer]:
        """See `Contender`."""
        absent = set(tokens.tolist()).isdisjoint
        found = []
        for number, conjunctions in enumerate(self._subscriptions):
            for clauses, excluded in conjunctions:
                for clause in clauses:
                    if absent(clause):
                        break
                else:
                    if absent(excluded):
                        found.append(number)
                        break
        return np.array(found, np.uint32)


class NaiveInPieces:
    """The same with few subscriptions in memory at a time: slow, as they are made anew for each policy."""

    nbytes = None

    def __init__(self, given: Subscriptions, weights: Weights) -> None:
        self._given, self._weights = given, weights

    def match(self, tokens: NDArray[np.uint32]) -> NDArray[np.integer]:
        """See `Contender`."""
        found = []
        for first in range(0, self._given.count, PIECE):
            piece = self._given.piece(first, min(first + PIECE, self._given.count))
            found.append(Naive(piece, self._weights).match(tokens) + np.uint32(first))
        return np.concatenate(found)
