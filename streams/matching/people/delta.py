"""Subscribers that came or changed since the base was built."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.matching.arrays.growing import Growing
from streams.matching.arrays.texts import Texts, starts_of
from streams.matching.people.columns import CHANNEL_BITS, PERSON
from streams.matching.people.names import Names
from streams.matching.people.people import People
from streams.matching.people.wishes import Wish
from subscribers.shards import Contact, IndexRow


@dataclass
class Delta:
    """Subscribers by their place here; nothing is taken out, what is dead is known to the index.

    Attributes:
        figures: `PERSON` of each.
        ids: of each.
        contacts: of each.
        wish_starts: where each one's wishes begin.
        people: whose each wish is, as a place here.
        queries: what each wish is for.
        bits: its channels and `wishes.PROFILE`.
        names: its subscription.
        places: subscriber → its place, of those alive.
    """

    figures: Growing = field(default_factory=lambda: Growing(PERSON))
    ids: list[str] = field(default_factory=list)
    contacts: list[tuple[Contact, ...]] = field(default_factory=list)
    wish_starts: list[int] = field(default_factory=list)
    people: Growing = field(default_factory=lambda: Growing(np.uint32))
    queries: Growing = field(default_factory=lambda: Growing(np.uint32))
    bits: Growing = field(default_factory=lambda: Growing(np.uint8))
    names: list[str | None] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def add(
        self, row: IndexRow, figures: tuple[Any, ...], wishes: Sequence[Wish], queries: Iterable[int]
    ) -> None:
        """Add a subscriber's newest state at the end; ``figures`` are of `columns.person_of`."""
        place = len(self.ids)
        self.figures.append(figures)
        self.ids.append(row.subscriber_id)
        self.contacts.append(tuple(contact for contact in row.contacts if contact[0] in CHANNEL_BITS))
        self.wish_starts.append(len(self.names))
        for wish, query in zip(wishes, queries, strict=True):
            self.people.append(place)
            self.queries.append(query)
            self.bits.append(wish.bits)
            self.names.append(wish.subscription_id)
        self.places[row.subscriber_id] = place

    def wishes(self, place: int) -> range:
        """Return the numbers of a subscriber's wishes."""
        last = place + 1 == len(self.ids)
        return range(self.wish_starts[place], len(self.names) if last else self.wish_starts[place + 1])

    def packed(self, alive: NDArray[np.bool_], wishes: int) -> People:
        """Return those that were alive, as arrays. What is added meanwhile does no harm.

        Args:
            alive: (n,) of the first n, the rest being too new.
            wishes: how many wishes those n have.
        """
        count = len(alive)
        contacts, names = self.contacts[:count], self.names[:wishes]
        every = list(chain.from_iterable(contacts))
        everybody = People(
            figures=self.figures.values[:count],
            ids=Texts.of(self.ids[:count]),
            contact_starts=starts_of([len(one) for one in contacts]),
            contact_bits=np.array([CHANNEL_BITS[channel] for channel, _ in every], np.uint8),
            contact_names=Names.of(name for _, name in every),
            wish_starts=np.array([*self.wish_starts[:count], wishes], np.uint32),
            wish_queries=self.queries.values[:wishes],
            wish_bits=self.bits.values[:wishes],
            wish_names=Names.of(names),
        )
        return everybody.take(np.flatnonzero(alive))
