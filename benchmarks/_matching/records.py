"""Subscriptions as flat records of 32-bit words and as tuples: what several contenders are built from."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks._matching.subscriptions import Subscriptions, starts

Conjunction = tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]

LAST = 1 << 31
AT_ONCE = 50_000  # conjunctions that are Python objects at the same time


def records(given: Subscriptions) -> NDArray[np.uint32]:
    """Return all conjunctions one behind the other.

    Each is its subscription (with ``LAST`` where that has several conjunctions, so that it must be told only once); its
    length in words with eight bits of the number of exclusions above; the tokens of its clauses, the last of each
    marked ``LAST``; the excluded tokens.
    """
    begins = starts(given.widths)
    tokens_of = np.diff(begins[starts(given.clauses)])
    exclusions = given.exclusions.astype(np.int64)
    lengths = 2 + tokens_of + exclusions
    at = starts(lengths)
    words = np.empty(at[-1], np.uint32)
    several = np.bincount(given.owner, minlength=given.count)[given.owner] > 1
    words[at[:-1]] = given.owner | (several.astype(np.uint32) << 31)
    words[at[:-1] + 1] = lengths | exclusions << 8
    marked = given.tokens.copy()
    marked[begins[1:] - 1] |= np.uint32(LAST)
    words[_places(at[:-1] + 2, tokens_of)] = marked
    words[_places(at[1:] - exclusions, exclusions)] = given.excluded
    return words


def _places(first: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return first[0], first[0] + 1, ... (counts[0] of them), first[1], and so on."""
    return np.repeat(first - starts(counts)[:-1], counts) + np.arange(counts.sum())


def decoded(given: Subscriptions) -> Iterator[tuple[int, list[Conjunction]]]:
    """Yield each subscription with its conjunctions: (clauses, excluded tokens)."""
    of_clauses, of_tokens = starts(given.clauses), starts(given.widths)
    of_excluded = starts(given.exclusions)
    number, conjunctions = 0, []
    for first in range(0, len(given.owner), AT_ONCE):
        until = min(first + AT_ONCE, len(given.owner))
        base, end = int(of_clauses[first]), int(of_clauses[until])
        begins = of_tokens[base : end + 1]
        tokens = given.tokens[begins[0] : begins[-1]].tolist()
        cuts = (begins - begins[0]).tolist()
        out = of_excluded[first : until + 1]
        excluded = given.excluded[out[0] : out[-1]].tolist()
        out_cuts = (out - out[0]).tolist()
        firsts = (of_clauses[first : until + 1] - base).tolist()
        for place, owner in enumerate(given.owner[first:until].tolist()):
            clauses = tuple(
                tuple(tokens[cuts[c] : cuts[c + 1]]) for c in range(firsts[place], firsts[place + 1])
            )
            if owner != number:
                yield number, conjunctions
                number, conjunctions = owner, []
            conjunctions.append((clauses, tuple(excluded[out_cuts[place] : out_cuts[place + 1]])))
    yield number, conjunctions
