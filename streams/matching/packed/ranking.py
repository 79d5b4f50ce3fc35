"""How rare each token is: what a conjunction is filed under depends on it, never whether it is found."""

import numpy as np
from numpy.typing import NDArray

from streams.matching.packed.base import Base
from streams.matching.packed.compiled import kernel, part, whole
from streams.matching.packed.words import ALWAYS, APART, END, EXCLUDED, MORE, TOKEN, Words

ASSUMED = 0.01
"""Of all occurrences, how many are not counted but assumed, shared out as the queries ask for tokens."""


def ranks_of(
    tokens: int, base: Base, rows: Words, weights: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Return by token how often it is expected to be there, on no scale.

    What has been counted decides as soon as there is a little of it. Where nothing has, what many ask for is taken to
    be frequent.

    Args:
        tokens: how many token numbers there are.
        base: what is filed.
        rows: what is not.
        weights: how often each token was there, on any scale; those beyond its end never were.
    """
    asked = _asked(tokens, base, rows)
    ranks = asked * (ASSUMED / max(1.0, float(asked.sum())))
    if weights is not None and weights.any():
        known = min(tokens, len(weights))
        ranks[:known] += weights[:known] / weights.sum()
    ranks[ALWAYS] = np.inf
    return ranks


@kernel
def _asked(tokens: int, base: Base, rows: Words) -> NDArray[np.float64]:
    """Return by token how many clauses ask for it, as far as it can be told from where they are filed."""
    asked = np.zeros(tokens, np.float64)
    at = 0
    while at < len(rows):
        end = at + whole(rows[at + 1])
        for i in range(at + 2, end):
            if not rows[i] & EXCLUDED:
                asked[rows[i] & TOKEN] += 1
        at = end
    for anchor in range(len(base.starts) - 1):
        for run in range(base.starts[anchor], base.starts[anchor + 1]):
            records = _tell(base, run, asked)
            asked[anchor] += records
            asked[base.seconds[run]] += records
    return asked


@part
def _tell(base: Base, run: int, asked: NDArray[np.float64]) -> int:
    """Count what the bodies of a run ask and return how many records it has."""
    records = 0
    at = whole(base.runs[run])
    while at < base.runs[run + 1]:
        word = base.words[at]
        at += 1
        records += 1
        if word & APART:
            at += 1
        elif word & MORE:
            while True:
                word = base.words[at]
                at += 1
                if not word & EXCLUDED:
                    asked[word & TOKEN] += 1
                if word & END:
                    break
    return records
