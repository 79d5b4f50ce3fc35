"""The subscribers of a shard as flat arrays: who they are, where they are reached, what they want."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from streams.matching.arrays.texts import Texts, spread, starts_of
from streams.matching.people.columns import PERSON
from streams.matching.people.names import Names


@dataclass(frozen=True)
class People:
    """Subscribers by ordinal.

    Attributes:
        figures: (n,) `PERSON`.
        ids: (n,).
        contact_starts: (n + 1,) uint32, where each one's contacts begin.
        contact_bits: (contacts,) uint8, the channel of each.
        contact_names: (contacts,).
        wish_starts: (n + 1,) uint32, where each one's wishes begin.
        wish_queries: (wishes,) uint32, what is wanted.
        wish_bits: (wishes,) uint8, on which channels; and `wishes.PROFILE`.
        wish_names: (wishes,), None for a profile.
    """

    figures: NDArray[Any]
    ids: Texts
    contact_starts: NDArray[np.uint32]
    contact_bits: NDArray[np.uint8]
    contact_names: Names
    wish_starts: NDArray[np.uint32]
    wish_queries: NDArray[np.uint32]
    wish_bits: NDArray[np.uint8]
    wish_names: Names

    @classmethod
    def none(cls) -> Self:
        """Return nobody."""
        u8, u32 = np.empty(0, np.uint8), np.empty(0, np.uint32)
        nowhere, names = starts_of(()), Names.of(())
        return cls(np.empty(0, PERSON), Texts.of(()), nowhere, u8, names, nowhere, u32, u8, names)

    def __len__(self) -> int:
        return len(self.figures)

    def take(self, at: NDArray[Any]) -> "People":
        """Return those with these ordinals, in that order."""
        contacts, wishes = np.diff(self.contact_starts)[at], np.diff(self.wish_starts)[at]
        their, want = spread(self.contact_starts[at], contacts), spread(self.wish_starts[at], wishes)
        return People(
            figures=self.figures[at],
            ids=self.ids.take(at),
            contact_starts=starts_of(contacts),
            contact_bits=self.contact_bits[their],
            contact_names=self.contact_names.take(their),
            wish_starts=starts_of(wishes),
            wish_queries=self.wish_queries[want],
            wish_bits=self.wish_bits[want],
            wish_names=self.wish_names.take(want),
        )

    def with_queries(self, numbers: NDArray[np.int64]) -> "People":
        """Return the same with the queries' new numbers, which are given by their old ones."""
        return replace(self, wish_queries=numbers[self.wish_queries].astype(np.uint32))

    @classmethod
    def join(cls, parts: Sequence["People"]) -> Self:
        """Return those of all parts, in their order."""
        return cls(
            figures=np.concatenate([part.figures for part in parts]),
            ids=Texts.join([part.ids for part in parts]),
            contact_starts=starts_of(np.concatenate([np.diff(part.contact_starts) for part in parts])),
            contact_bits=np.concatenate([part.contact_bits for part in parts]),
            contact_names=Names.join([part.contact_names for part in parts]),
            wish_starts=starts_of(np.concatenate([np.diff(part.wish_starts) for part in parts])),
            wish_queries=np.concatenate([part.wish_queries for part in parts]),
            wish_bits=np.concatenate([part.wish_bits for part in parts]),
            wish_names=Names.join([part.wish_names for part in parts]),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what `of_arrays` needs but for the ids."""
        return {
            "figures": self.figures,
            "contacts.starts": self.contact_starts,
            "contacts.bits": self.contact_bits,
            **self.contact_names.arrays("contacts"),
            "wishes.starts": self.wish_starts,
            "wishes.queries": self.wish_queries,
            "wishes.bits": self.wish_bits,
            **self.wish_names.arrays("wishes"),
        }

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]], ids: Texts) -> Self:
        """Return those that `arrays` told of."""
        return cls(
            figures=arrays["figures"],
            ids=ids,
            contact_starts=arrays["contacts.starts"],
            contact_bits=arrays["contacts.bits"],
            contact_names=Names.of_arrays(arrays, "contacts"),
            wish_starts=arrays["wishes.starts"],
            wish_queries=arrays["wishes.queries"],
            wish_bits=arrays["wishes.bits"],
            wish_names=Names.of_arrays(arrays, "wishes"),
        )
