"""The distinct queries of a shard: many subscribers want the same, which is kept and asked once."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from streams.matching.arrays.growing import Growing
from streams.matching.arrays.texts import Lookup, Texts, sums_of
from streams.matching.matter import Ancestors, Matter
from streams.matching.packed import Packed
from streams.matching.people.wishes import query_from
from streams.matching.queries.compiled import Compiled
from streams.matching.queries.ranged import Ranged
from streams.matching.queries.vocabulary import Vocabulary
from streams.matching.query import Query

GONE = -1  # instead of the count of its users: the number names nothing, and never will again
WASTE = 1000  # numbers that may be gone without being worth to be given out anew


class Queries:
    """Queries by number, each with its text, its users counted, and packed to be asked.

    A number whose last user went keeps its place until the next `successor`, because its query often comes back.

    Args:
        ancestors: of a code in a dimension.
        asked: False while there are no questions yet: nothing is packed, which `settle` does at once for all.
    """

    def __init__(self, ancestors: Ancestors, *, asked: bool = True) -> None:
        self.ancestors = ancestors
        self._vocabulary = Vocabulary()
        self._packed = Packed() if asked else None
        self._ranged = Ranged()
        self._users = Growing(np.int32)
        self._texts: list[str] = []  # beyond the base
        self._numbers: dict[str, int] = {}  # of these
        self.base = Lookup.of(Texts.of(()), sums_of(()))

    def __len__(self) -> int:
        return self._users.size

    @property
    def settled(self) -> bool:
        """Whether all that is here is in the base."""
        return self._packed is not None and not self._texts

    def take(self, text: str) -> int:
        """Return the number of a query that has one user more now."""
        number = self._numbers.get(text, -1)
        if number < 0:
            number = self.base.find(text)
        if number < 0 or self._users.values[number] == GONE:
            number = self._new(text)
        self._users.values[number] += 1
        return number

    def release(self, number: int) -> None:
        """Note that a query has one user less."""
        self._users.values[number] -= 1

    def _new(self, text: str) -> int:
        number = len(self)
        if self._packed is not None:
            query = query_from(text, self.ancestors)
            self._packed.add(number, self._vocabulary.conjunctions(query))
            if query.profile:
                self._ranged.add(number, query.profile)
        self._users.append(0)
        self._texts.append(text)
        self._numbers[text] = number
        return number

    def query(self, number: int) -> Query:
        """Return a query."""
        return query_from(self.texts([number])[0], self.ancestors)

    def texts(self, numbers: Sequence[int]) -> list[str]:
        """Return the texts of queries."""
        first = len(self.base.texts)
        if not numbers or max(numbers) < first:
            return self.base.texts.listed(np.array(numbers, np.int64))
        return [self._texts[one - first] if one >= first else self.base.texts[one] for one in numbers]

    def matching(self, matter: Matter) -> NDArray[np.uint32]:
        """Return the queries that hold, each once; of some of them the last user may be gone."""
        if self._packed is None:
            raise RuntimeError("the index is still being loaded; nobody may ask it yet")
        found = self._packed.match(self._vocabulary.numbers_of(matter))
        return self._ranged.without_ruled_out(found, matter.requirements)

    def successor(self) -> "Queries":
        """Drop what has no user, and return what is left as its own copy, to be settled while this one goes on."""
        users = self._users.values
        for number in np.flatnonzero(users == 0).tolist():
            users[number] = GONE
            if self._packed is not None:
                self._packed.remove(number)
        copy = Queries(self.ancestors, asked=False)
        copy._packed, copy.base, copy._texts = self._packed, self.base, list(self._texts)
        copy._users = Growing(np.int32, users)
        copy._vocabulary, copy._ranged = self._vocabulary.copy(), self._ranged.kept(users != GONE)
        return copy

    def settle(self) -> NDArray[np.int64] | None:
        """Build the base from all that is here. May be done in a thread: it changes nothing of whom this succeeds.

        Returns:
            By old number the new one, -1 for what is gone; None where the numbers stay as they are.
        """
        alive = self._users.values != GONE
        texts = Texts.join([self.base.texts, Texts.of(self._texts)])
        numbers = None
        if self._packed is None or np.count_nonzero(~alive) > np.count_nonzero(alive) + WASTE:
            numbers = _new_numbers(self._users.values)
            texts = texts.take(np.flatnonzero(alive))
            self._pack(texts)
            self._users = Growing(np.int32, self._users.values[alive])
        else:
            texts = texts.emptied(alive)
            weights, anew = self._vocabulary.weights(), self._vocabulary.learned()
            self._packed = self._packed.compacted(weights, anew=anew)
        self._vocabulary.settle()
        self._texts = []
        self.base = Lookup.of(texts, sums_of(texts))
        return numbers

    def _pack(self, texts: Texts) -> None:
        before, self._vocabulary, self._ranged = self._vocabulary, Vocabulary(), Ranged()
        compiled = Compiled()
        for number, text in enumerate(texts):
            query = query_from(text, self.ancestors)
            compiled.add(number, self._vocabulary.conjunctions(query))
            if query.profile:
                self._ranged.add(number, query.profile)
        self._vocabulary.inherit(before)
        self._packed = Packed.build(compiled.columns(), self._vocabulary.weights())

    def skip(self, later: "Queries") -> None:
        """Leave out the numbers that ``later`` gave out since this succeeds it: here they may be packed already."""
        for number in range(len(self), len(later)):
            if self._packed is not None:
                self._packed.remove(number)
            self._users.append(GONE)
            self._texts.append("")

    @property
    def nbytes(self) -> int:
        """Bytes of what is packed to be asked, of its texts and of who wants what."""
        return sum(array.nbytes for array in (self.arrays() | self.base.arrays("queries")).values())

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what `of_arrays` needs but for the texts; of queries that were just settled."""
        packed = self._packed.arrays() if self._packed is not None else {}
        return {
            **{f"packed.{name}": array for name, array in packed.items()},
            **self._vocabulary.arrays(),
            "ranged.queries": self._ranged.queries.values,
            "ranged.ends": self._ranged.ends.values,
            "queries.users": self._users.values,
        }

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]], base: Lookup, ancestors: Ancestors) -> Self:
        """Return the queries that `arrays` told of."""
        made = cls(ancestors)
        packed = {name[7:]: array for name, array in arrays.items() if name.startswith("packed.")}
        made._packed = Packed.of_arrays(packed)
        made._vocabulary = Vocabulary.of_arrays(arrays)
        made._ranged = Ranged(arrays["ranged.queries"], arrays["ranged.ends"])
        made._users = Growing(np.int32, arrays["queries.users"])
        made.base = base
        return made


def _new_numbers(users: NDArray[np.int32]) -> NDArray[np.int64]:
    alive = users != GONE
    return np.where(alive, np.cumsum(alive) - 1, -1)
