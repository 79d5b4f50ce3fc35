"""The base: conjunctions filed under tokens, so that only those are looked at whose rarest clauses hold.

Each conjunction stands under every token of its rarest clause (the *anchor*) and there under every token of its next
rarest (the *second*; `ALWAYS` where it has no other): access predicates in two levels. All that stands under one pair
is a *run*.
"""

from typing import NamedTuple

import numpy as np

from streams.matching.packed.compiled import fixed, kernel, part, whole
from streams.matching.packed.rows import holds
from streams.matching.packed.words import (
    ALWAYS,
    APART,
    END,
    MORE,
    QUERY,
    TOKEN,
    Bits,
    Places,
    Words,
)


class Base(NamedTuple):
    """The arrays of a base, never changed.

    Attributes:
        starts: int64[tokens + 1], per anchor where its runs start.
        seconds: uint32[runs], rising within an anchor.
        runs: uint32[runs + 1], where each run starts in ``words``.
        words: uint32, the records; in a run first those of which nothing is left to ask.
        bodies: uint32, what long records that stand in several places ask.
    """

    starts: Places
    seconds: Words
    runs: Words
    words: Words
    bodies: Words

    @property
    def tokens(self) -> int:
        """Token numbers are below this."""
        return len(self.starts) - 1

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(values.nbytes for values in self)

    def check(self) -> None:
        """Refuse arrays that do not belong together, as after a torn write. What they say is taken as it is.

        Raises:
            ValueError: they do not fit each other.
        """
        whole = (
            len(self.starts) > 1
            and len(self.runs) == len(self.seconds) + 1
            and self.starts[0] == 0
            and self.starts[-1] == len(self.seconds)
            and self.runs[0] == 0
            and self.runs[-1] == len(self.words)
        )
        if not whole:
            raise ValueError("the arrays of the index do not fit each other")


def base_of(starts: Places, seconds: Words, runs: Words, words: Words, bodies: Words) -> Base:
    """Return a base of arrays, which are read-only from then on."""
    return Base(
        fixed(starts, np.int64),
        fixed(seconds, np.uint32),
        fixed(runs, np.uint32),
        fixed(words, np.uint32),
        fixed(bodies, np.uint32),
    )


EMPTY = base_of(
    np.zeros(2, np.int64),
    np.empty(0, np.uint32),
    np.zeros(1, np.uint32),
    np.empty(0, np.uint32),
    np.empty(0, np.uint32),
)


@kernel
def search(tokens: Words, base: Base, rows: Words, have: Bits, waiting: Bits) -> Words:
    """Return the queries that hold, each once.

    Args:
        tokens: those that are there; in any order, repeated or not.
        base: what is filed.
        rows: what is not, as records in a row.
        have: zeros by token; what lies above is unknown here.
        waiting: a bit per query, 1 where it may be found; taken away from what is found.
    """
    present = np.empty(len(tokens) + 1, np.int64)
    present[0] = ALWAYS
    have[ALWAYS] = 1
    number = 1
    for token in tokens:
        if token < len(have) and not have[token]:
            have[token] = 1
            present[number] = token
            number += 1
    hits = _hits(present[:number], base, have)
    most = len(rows) // 2 + 1
    for run in hits:
        most += whole(base.runs[run + 1]) - whole(base.runs[run])
    found = np.empty(most, np.uint32)
    count = 0
    for run in hits:
        count = _read_run(base, run, have, waiting, found, count)
    return found[: _read_rows(rows, have, waiting, found, count)].copy()


@part
def _hits(present: Places, base: Base, have: Bits) -> Places:
    """Return the runs whose both tokens are there."""
    # Looked up apart from reading them: a loop without branches, and then many reads of memory under way at once.
    tokens = len(base.starts) - 1
    most = 1
    for token in present:
        if token < tokens:
            most += base.starts[token + 1] - base.starts[token]
    hits = np.empty(most, np.int64)
    number = 0
    for token in present:
        if token < tokens:
            for run in range(base.starts[token], base.starts[token + 1]):
                hits[number] = run
                number += have[base.seconds[run]]
    return hits[:number]


@part
def _read_run(base: Base, run: int, have: Bits, waiting: Bits, found: Words, count: int) -> int:
    words = base.words
    at, end = whole(base.runs[run]), whole(base.runs[run + 1])
    while at < end:
        word = words[at]
        at += 1
        held = 1
        if word & MORE:
            # One branch a word, at its end only: what a body asks is too mixed for branches to be foreseen.
            there = 0
            while True:
                asked = words[at]
                at += 1
                last = asked >> 31
                there |= have[asked & TOKEN] ^ ((asked >> 30) & 1)
                held &= there | (last ^ 1)
                there &= last ^ 1
                if asked & END:
                    break
        elif word & APART:
            body = whole(words[at])
            at += 1
            held = int(holds(base.bodies, body + 1, body + 1 + base.bodies[body], have))
        count = _take(whole(word & QUERY), held, waiting, found, count)
    return count


@part
def _read_rows(rows: Words, have: Bits, waiting: Bits, found: Words, count: int) -> int:
    at = 0
    while at < len(rows):
        end = at + rows[at + 1]
        if holds(rows, at + 2, end, have):
            count = _take(whole(rows[at]), 1, waiting, found, count)
        at = end
    return count


@part
def _take(query: int, held: int, waiting: Bits, found: Words, count: int) -> int:
    """Add a query that holds and has been waiting."""
    byte = waiting[query >> 3]
    bit: int = (byte >> (query & 7)) & held
    waiting[query >> 3] = byte & ~(bit << (query & 7))
    found[count] = query
    return count + bit
