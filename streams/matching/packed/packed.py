"""The index of one shard over integers: which queries hold for a set of tokens."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.matching.packed.columns import Columns, Conjunction
from streams.matching.packed.records import Words, encode, flat, scan

ALWAYS = 0
"""The token that is there whatever is asked."""

FIRST = 1024


class Packed:
    """Queries, each a few conjunctions of clauses of token numbers."""

    def __init__(self) -> None:
        self._base: Words = np.empty(0, np.uint32)
        self._words: Words = np.empty(FIRST, np.uint32)
        self._end = 0
        self._delta = 0
        self._alive = bytearray(FIRST // 8)
        self._count = 0
        self._tokens = 1

    def __len__(self) -> int:
        return self._count

    @property
    def delta(self) -> int:
        """How many queries were added since the index was compacted."""
        return self._delta

    @property
    def nbytes(self) -> int:
        """Bytes held, in memory or mapped from a file."""
        return self._base.nbytes + self._words.nbytes + len(self._alive)

    @classmethod
    def build(cls, columns: Columns, weights: NDArray[np.float64] | None = None) -> "Packed":
        """Return an index of many queries."""
        made = cls()
        made._base = flat(columns)
        alive = np.zeros(int(columns.owner.max(initial=0)) // 8 * 8 + 8, np.uint8)
        alive[columns.owner] = 1
        made._alive = bytearray(np.packbits(alive, bitorder="little").tobytes())
        made._count = int(alive.sum())
        made._tokens = int(max(columns.tokens.max(initial=0), columns.excluded.max(initial=0))) + 1
        return made

    def add(self, query: int, conjunctions: Sequence[Conjunction]) -> None:
        """Take a query; one that is alive already is left as it is.

        Args:
            query: its number, never used before.
            conjunctions: of which one must hold.

        Raises:
            ValueError: a number is out of range.
        """
        if self._is_alive(query):
            return
        words = np.frombuffer(encode(query, conjunctions), np.uint32)
        end = self._end + len(words)
        if end > len(self._words):
            longer = np.empty(2 * end, np.uint32)
            longer[: self._end] = self._words[: self._end]
            self._words = longer
        self._words[self._end : end] = words
        used = (
            token for clauses, excluded in conjunctions for part in (*clauses, excluded) for token in part
        )
        self._tokens = max(self._tokens, 1 + max(used, default=0))
        self._end = end
        if query >> 3 >= len(self._alive):
            self._alive = self._alive + bytearray((query >> 3) + FIRST)
        self._alive[query >> 3] |= 1 << (query & 7)
        self._count += 1
        self._delta += 1

    def remove(self, query: int) -> None:
        """Forget a query; one that is not there is no error."""
        if self._is_alive(query):
            self._alive[query >> 3] &= ~(1 << (query & 7))
            self._count -= 1

    def _is_alive(self, query: int) -> bool:
        return query >> 3 < len(self._alive) and bool(self._alive[query >> 3] >> (query & 7) & 1)

    def match(self, tokens: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """Return the queries that hold where exactly these tokens are there, each once, in no order."""
        have = np.zeros(self._tokens, np.uint8)
        have[tokens[tokens < self._tokens]] = 1
        have[ALWAYS] = 1
        alive = np.frombuffer(self._alive, np.uint8)
        seen = np.zeros(len(alive), np.uint8)
        found: Words = np.empty(FIRST, np.uint32)
        found, count = scan(self._base, len(self._base), have, alive, seen, found, 0)
        found, count = scan(self._words, self._end, have, alive, seen, found, count)
        return found[:count].copy()

    def compacted(self, weights: NDArray[np.float64] | None = None) -> "Packed":
        """Return an index of what is alive, all of it in the base. Only reads, so a thread may do it."""
        alive = bytearray(self._alive)
        made = Packed()
        made._base = np.concatenate([self._base, self._words[: self._end]])
        made._alive = alive
        made._count = int(np.bitwise_count(np.frombuffer(alive, np.uint8)).sum())
        made._tokens = self._tokens
        return made

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that `of_arrays` needs, delta and removals included."""
        return {
            "base": self._base,
            "delta": self._words[: self._end].copy(),
            "alive": np.frombuffer(bytes(self._alive), np.uint8),
            "numbers": np.array([self._count, self._delta, self._tokens], np.int64),
        }

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Packed":
        """Return the index that `arrays` told of; the arrays may be mapped from files, read-only."""
        made = cls()
        made._base = np.asarray(arrays["base"])
        made._words = np.array(arrays["delta"])
        made._end = len(made._words)
        made._alive = bytearray(arrays["alive"].tobytes())
        made._count, made._delta, made._tokens = (int(number) for number in arrays["numbers"])
        return made
