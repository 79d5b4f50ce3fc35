"""The immutable part of a shard's index: all that was there when it was built, ready to be mapped from files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from streams.matching.arrays.texts import Lookup, spread, starts_of, sums_of
from streams.matching.people.people import People


@dataclass(frozen=True)
class Base:
    """Subscribers, their distinct queries, and who has which.

    Attributes:
        people: by ordinal.
        ids: ordinal of a subscriber.
        wish_people: (wishes,) uint32, whose each is.
        queries: number of a query's text; one that is gone has no text.
        query_starts: (queries + 1,) uint32, where the wishes of each begin in …
        query_wishes: (wishes,) uint32, the wishes by query.
    """

    people: People
    ids: Lookup
    wish_people: NDArray[np.uint32]
    queries: Lookup
    query_starts: NDArray[np.uint32]
    query_wishes: NDArray[np.uint32]

    @classmethod
    def of(cls, people: People, queries: Lookup) -> Self:
        """Return the base of these people, whose wishes have the numbers of these texts."""
        count = len(people)
        owners = np.repeat(np.arange(count, dtype=np.uint32), np.diff(people.wish_starts))
        uses = np.bincount(people.wish_queries, minlength=len(queries.texts))
        return cls(
            people=people,
            ids=Lookup.of(people.ids, sums_of(people.ids)),
            wish_people=owners,
            queries=queries,
            query_starts=starts_of(uses),
            query_wishes=np.argsort(people.wish_queries, kind="stable").astype(np.uint32),
        )

    def wishes_of(self, queries: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """Return the wishes for these queries; numbers from beyond the base have none here."""
        queries = queries[queries < len(self.queries.texts)]
        starts = self.query_starts[queries]
        return self.query_wishes[spread(starts, self.query_starts[queries + 1] - starts)]

    @property
    def nbytes(self) -> int:
        """Bytes held, in memory or mapped from files."""
        return sum(array.nbytes for array in self.arrays().values())

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what `of_arrays` needs."""
        return {
            **self.people.arrays(),
            **self.ids.arrays("ids"),
            "wishes.people": self.wish_people,
            **self.queries.arrays("queries"),
            "queries.wish_starts": self.query_starts,
            "queries.wishes": self.query_wishes,
        }

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return the base that `arrays` told of."""
        ids = Lookup.of_arrays(arrays, "ids")
        return cls(
            people=People.of_arrays(arrays, ids.texts),
            ids=ids,
            wish_people=arrays["wishes.people"],
            queries=Lookup.of_arrays(arrays, "queries"),
            query_starts=arrays["queries.wish_starts"],
            query_wishes=arrays["queries.wishes"],
        )
