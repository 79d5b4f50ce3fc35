"""The subscribers of a shard: an immutable base, what came or changed since, and who of both is there no more."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.matching.answers import Contact
from streams.matching.arrays.growing import Growing
from streams.matching.people.base import Base
from streams.matching.people.columns import PERSON
from streams.matching.people.decoding import contacts_of_base
from streams.matching.people.delta import Delta
from streams.matching.people.people import People
from streams.matching.people.wishes import Wish
from subscribers.shards import IndexRow

Wanting = tuple[str | None, int, int]  # subscription, query, bits


class Register:
    """Subscribers by ordinal; a change makes a new one, and ordinals are never given twice.

    Args:
        base: what it begins with.
    """

    def __init__(self, base: Base) -> None:
        self.base = base
        self.delta = Delta()
        self.first = len(base.people)  # ordinal of the delta
        self._alive = Growing(np.bool_)
        self._alive.extend(self.first, True)
        self._count = self.first

    def __len__(self) -> int:
        return self._count

    @property
    def changes(self) -> int:
        """How much of it a base built anew would not have: who came later, and who is dead."""
        return len(self.delta) + self._alive.size - self._count

    def find(self, subscriber_id: str) -> int | None:
        """Return the ordinal of a subscriber, None where it is not here."""
        place = self.delta.places.get(subscriber_id)
        if place is not None:
            return self.first + place
        ordinal = self.base.ids.find(subscriber_id)
        return ordinal if ordinal >= 0 and self._alive.values[ordinal] else None

    def add(
        self, row: IndexRow, figures: tuple[Any, ...], wishes: Sequence[Wish], queries: Iterable[int]
    ) -> None:
        """Add a subscriber that is not here."""
        self.delta.add(row, figures, wishes, queries)
        self._alive.append(True)
        self._count += 1

    def drop(self, subscriber_id: str) -> list[int]:
        """Forget a subscriber, and return the queries that it had; none where it is not here."""
        ordinal = self.find(subscriber_id)
        if ordinal is None:
            return []
        self.delta.places.pop(subscriber_id, None)
        self._alive.values[ordinal] = False
        self._count -= 1
        if ordinal < self.first:
            starts = self.base.people.wish_starts
            queries = self.base.people.wish_queries[starts[ordinal] : starts[ordinal + 1]]
            return list(map(int, queries))
        return [query for _, query, _ in self.wishes(ordinal)]

    def subscriber_id(self, ordinal: int) -> str:
        """Return who has an ordinal."""
        beyond = ordinal - self.first
        return self.base.people.ids[ordinal] if beyond < 0 else self.delta.ids[beyond]

    def wishes(self, ordinal: int) -> list[Wanting]:
        """Return what a subscriber wants."""
        if ordinal >= self.first:
            delta = self.delta
            at = delta.wishes(ordinal - self.first)
            queries, bits = delta.queries.values[at.start : at.stop], delta.bits.values[at.start : at.stop]
            names = delta.names[at.start : at.stop]
        else:
            people = self.base.people
            here = np.arange(people.wish_starts[ordinal], people.wish_starts[ordinal + 1])
            queries, bits = people.wish_queries[here], people.wish_bits[here]
            names = people.wish_names.listed(here)
        return list(zip(names, queries.tolist(), bits.tolist(), strict=True))

    def contacts(self, ordinal: int) -> tuple[Contact, ...]:
        """Return a subscriber's contacts."""
        if ordinal >= self.first:
            return self.delta.contacts[ordinal - self.first]
        return tuple(contacts_of_base(self.base, np.array([ordinal]))[0])

    def figures(self, ordinal: int) -> Any:
        """Return a subscriber's `PERSON`."""
        beyond = ordinal - self.first
        return self.base.people.figures[ordinal] if beyond < 0 else self.delta.figures.values[beyond]

    def figures_of(self, ordinals: NDArray[np.uint32]) -> NDArray[Any]:
        """Return the `PERSON` of each of these."""
        later = ordinals >= self.first
        found = np.empty(len(ordinals), PERSON)
        found[~later] = self.base.people.figures[ordinals[~later]]
        found[later] = self.delta.figures.values[ordinals[later] - np.uint32(self.first)]
        return found

    def column(self, name: str) -> NDArray[Any]:
        """Return a field of `PERSON` by ordinal; those of the dead stand there, too.

        Raises:
            KeyError: there is no such column.
        """
        if name not in (PERSON.names or ()):
            raise KeyError(f"no column {name!r}, use one of {', '.join(PERSON.names or ())}")
        of_base = self.base.people.figures[name]
        return np.concatenate([of_base, self.delta.figures.values[name]]) if len(self.delta) else of_base

    def wanting(self, queries: NDArray[np.uint32], count: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the wishes of the living for these queries: those of the base, in no order, and of the delta, rising.

        Args:
            queries: each once.
            count: how many numbers of queries there are.
        """
        alive = self._alive.values
        of_base = self.base.wishes_of(queries)
        if self._count < self._alive.size:
            of_base = of_base[alive[self.base.wish_people[of_base]]]
        if not len(self.delta):
            return of_base, np.empty(0, np.int64)
        hit = np.zeros(count, np.bool_)
        hit[queries] = True
        of_delta = np.flatnonzero(hit[self.delta.queries.values])
        return of_base, of_delta[alive[self.first + self.delta.people.values[of_delta]]]

    def gathering(self) -> Callable[[], People]:
        """Return what will gather those who are alive now, in a thread if need be, whatever changes meanwhile."""
        alive, wishes = self._alive.values.copy(), len(self.delta.names)

        def gather() -> People:
            base = self.base.people
            if not alive[: self.first].all():
                base = base.take(np.flatnonzero(alive[: self.first]))
            return People.join([base, self.delta.packed(alive[self.first :], wishes)])

        return gather
