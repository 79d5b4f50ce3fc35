"""The index of one shard over integers: which queries hold for a set of tokens."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.matching.packed.base import EMPTY, Base, base_of, search
from streams.matching.packed.columns import Columns, Conjunction
from streams.matching.packed.compiled import fixed
from streams.matching.packed.filing import file_rows
from streams.matching.packed.merging import merge
from streams.matching.packed.numbers import Numbers
from streams.matching.packed.ranking import ranks_of
from streams.matching.packed.rows import encode, rows_of
from streams.matching.packed.unfiling import unfile
from streams.matching.packed.words import Words

FEWEST = 1024  # words


class Packed:
    """Queries, each a few conjunctions of clauses of token numbers.

    The base is filed and never changes; what was added since lies in the delta, which is looked through from one end
    to the other; what was removed stays where it is and is passed over. `compacted` makes one base of all that.

    One thread changes an index; any number of threads may ask it meanwhile, or compact it. What they see of a change
    that is being made is all or nothing.
    """

    def __init__(self) -> None:
        self._base = EMPTY
        self._rows: Words = np.empty(FEWEST, np.uint32)
        self._end = 0
        self._delta = 0
        self._tokens = EMPTY.tokens
        self._alive = Numbers()
        self._gone = Numbers()
        self._count = 0

    def __len__(self) -> int:
        """How many queries are alive."""
        return self._count

    @property
    def delta(self) -> int:
        """How many queries, alive or not, lie in the delta."""
        return self._delta

    @property
    def nbytes(self) -> int:
        """Bytes held, in memory or mapped from files."""
        return self._base.nbytes + self._rows.nbytes + self._alive.nbytes + self._gone.nbytes

    @classmethod
    def build(cls, columns: Columns, weights: NDArray[np.float64] | None = None) -> "Packed":
        """Return an index of many queries, all in its base; those that own no conjunction are not in it.

        Raises:
            ValueError: a number is out of range, or the columns do not fit each other.
        """
        made = cls()
        made.extend(columns)
        return made.compacted(weights)

    def add(self, query: int, conjunctions: Sequence[Conjunction]) -> None:
        """Take a query; one that is alive already is left as it is.

        Args:
            query: its number, never used before in this index.
            conjunctions: of which one must hold; with none it never matches.

        Raises:
            ValueError: a number is out of range, or has been used before.
        """
        if query in self._alive:
            return
        rows = encode(query, conjunctions)
        self._refuse_used(query in self._gone)
        asked = (part for clauses, excluded in conjunctions for part in (*clauses, excluded) if part)
        self._append(rows, 1 + max(map(max, asked), default=0), query)
        self._alive.add(query)
        self._delta += 1
        self._count += 1

    def extend(self, columns: Columns) -> None:
        """Take many queries into the delta.

        Raises:
            ValueError: a number is out of range or has been used before, or the columns do not fit each other.
        """
        rows = rows_of(columns)
        added = Numbers.of(columns.owner)
        if not len(columns.owner):
            return
        self._refuse_used(not (added.isdisjoint(self._alive) and added.isdisjoint(self._gone)))
        self._append(rows, 1 + columns.highest, int(columns.owner.max()))
        self._alive.update(added)
        self._delta += len(added)
        self._count += len(added)

    def remove(self, query: int) -> None:
        """Forget a query; one that is not there is no error."""
        if query in self._alive:
            self._alive.discard(query)
            self._gone.add(query)
            self._count -= 1

    def match(self, tokens: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """Return the queries that hold where these tokens are there and no other, each once, in no order.

        Args:
            tokens: uint32, in any order; those that the index does not know do no harm.
        """
        # The end is read first: whatever lies before it has its place in all that is read after it.
        end = self._end
        rows = fixed(self._rows[:end], np.uint32)
        have = np.zeros(self._tokens, np.uint8)
        return search(fixed(tokens, np.uint32), self._base, rows, have, self._alive.bits())

    def compacted(self, weights: NDArray[np.float64] | None = None, *, anew: bool = False) -> "Packed":
        """Return an index of all that is alive, all of it in its base, with the same numbers.

        It only reads, without the interpreter's lock for most of the time, so a thread may do it. What is changed
        meanwhile may or may not be in it: the caller makes those changes again, in their order.

        Args:
            weights: how often policies have each token, on any scale; what is new is filed by it. None: by how many
                queries ask for it.
            anew: file everything by the weights, not only what is new: slower, and worth it when they have become
                better known.

        Raises:
            OverflowError: it is more than one index can hold.
        """
        # What is alive is read first: an addition that is not complete is left out, and will be made again.
        alive = self._alive.bits()
        rows = fixed(self._rows[: self._end], np.uint32)
        made = Packed()
        made._tokens = self._tokens  # once, and after the rows: what is filed has its place among them
        bits = fixed(alive, np.uint8)
        ranks = ranks_of(made._tokens, self._base, rows, weights)
        if anew:
            made._base = file_rows(unfile(self._base, bits, rows), bits, ranks)
        else:
            made._base = merge(self._base, file_rows(rows, bits, ranks), bits)
        made._alive = Numbers(alive.tobytes())
        made._count = len(made._alive)
        return made

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything, delta and removals included, as `of_arrays` takes it; not to be written to."""
        return {
            **{f"base_{name}": values for name, values in self._base._asdict().items()},
            "delta": self._rows[: self._end].copy(),
            "alive": self._alive.bits(),
            "gone": self._gone.bits(),
            "numbers": np.array([self._count, self._delta, self._tokens], np.int64),
        }

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Packed":
        """Return the index that `arrays` told of. The base is used where it lies, also mapped from files.

        Raises:
            KeyError: an array is missing.
            ValueError: they do not fit each other.
        """
        made = cls()
        made._base = base_of(*(arrays[f"base_{name}"] for name in Base._fields))
        made._base.check()
        made._rows = np.array(arrays["delta"], np.uint32)
        made._end = len(made._rows)
        made._alive = Numbers(arrays["alive"].tobytes())
        made._gone = Numbers(arrays["gone"].tobytes())
        made._count, made._delta, made._tokens = (int(number) for number in arrays["numbers"])
        if made._tokens < made._base.tokens:
            raise ValueError("the arrays of the index do not fit each other")
        return made

    def _refuse_used(self, used: bool) -> None:
        if used:
            raise ValueError("a query number has been used before: what it once stood for would come back")

    def _append(self, rows: Words, tokens: int, highest: int) -> None:
        """Put records into the delta. Readers see them from when the end is moved, which is last."""
        end = self._end + len(rows)
        if end > len(self._rows):
            longer = np.empty(end + max(FEWEST, end // 2), np.uint32)
            longer[: self._end] = self._rows[: self._end]
            self._rows = longer
        self._rows[self._end : end] = rows
        self._tokens = max(self._tokens, tokens)
        self._alive.reach(highest)
        self._end = end
