"""Postings as compressed bitmaps (pyroaring): one for each token and place of a clause, joined and cut per policy."""

from array import array
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks._matching.contender import MissingError, Weights
from benchmarks._matching.records import Conjunction
from benchmarks._matching.subscriptions import Subscriptions, starts

try:
    from pyroaring import BitMap
except ModuleNotFoundError:
    BitMap = None


class Roaring:
    """Conjunctions are numbers; a conjunction holds where each of its clauses is found and no exclusion is."""

    def __init__(self, given: Subscriptions, weights: Weights) -> None:
        if BitMap is None:
            raise MissingError("pyroaring is not installed")
        given = given.rarest_first(weights)
        conjunctions = np.arange(len(given.owner), dtype=np.uint32)
        of_clause = np.repeat(conjunctions, given.clauses)
        slot = np.arange(len(of_clause)) - np.repeat(starts(given.clauses)[:-1], given.clauses)
        of_token, slot_of_token = np.repeat(of_clause, given.widths), np.repeat(slot, given.widths)
        most = int(given.clauses.max())
        self._slots = []
        for place in range(most):
            here = slot_of_token == place
            self._slots.append(_postings(given.tokens[here], of_token[here]))
        self._excluded = _postings(given.excluded, np.repeat(conjunctions, given.exclusions))
        self._with = [BitMap(conjunctions[given.clauses == count]) for count in range(most + 1)]
        self._owner = array("I", given.owner.tobytes())
        self._numbers: defaultdict[int, list[int]] = defaultdict(list)

    @property
    def nbytes(self) -> int:
        """Return what the bitmaps would take if they were written out; in memory they take more."""
        bitmaps = [*self._with, *self._excluded.values()]
        bitmaps += [bitmap for postings in self._slots for bitmap in postings.values()]
        return sum(len(bitmap.serialize()) for bitmap in bitmaps) + len(self._owner) * self._owner.itemsize

    def match(self, tokens: NDArray[np.uint32]) -> NDArray[np.integer]:
        """See `Contender`."""
        there = tokens.tolist()
        so_far, holds = None, BitMap()
        for place, postings in enumerate(self._slots):
            here = BitMap.union(*(postings[token] for token in there if token in postings), BitMap())
            so_far = here if so_far is None else so_far & here
            holds |= so_far & self._with[place + 1]
        holds -= BitMap.union(*(self._excluded[t] for t in there if t in self._excluded), BitMap())
        owner = np.frombuffer(self._owner, np.uint32)
        return np.unique(owner[np.array(holds.to_array(), np.uint32)])

    def add(self, subscription: int, conjunctions: Sequence[Conjunction]) -> None:
        """See `Adding`."""
        for clauses, excluded in conjunctions:
            number = len(self._owner)
            self._owner.append(subscription)
            for postings, clause in zip(self._slots, clauses, strict=False):
                for token in clause:
                    postings.setdefault(token, BitMap()).add(number)
            for token in excluded:
                self._excluded.setdefault(token, BitMap()).add(number)
            self._with[len(clauses)].add(number)


def _postings(tokens: NDArray[np.uint32], conjunctions: NDArray[np.uint32]) -> dict[int, "BitMap"]:
    order = np.lexsort((conjunctions, tokens))
    numbers, counts = np.unique(tokens, return_counts=True)
    cuts = starts(counts).tolist()
    ordered = conjunctions[order]
    return {
        token: BitMap(ordered[cuts[place] : cuts[place + 1]]) for place, token in enumerate(numbers.tolist())
    }
