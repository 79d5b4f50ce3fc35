"""One shard's subscribers, ready to be asked: who wants this policy, why, and where it goes."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.matching.answers import IN_SPACE, Contact, Match, Wanted, Why
from streams.matching.conditions import NO_DAY, Requirements, admits, admitted
from streams.matching.keeping import snapshot
from streams.matching.keeping.snapshot import SnapshotError
from streams.matching.matter import Ancestors, Matter
from streams.matching.people.base import Base
from streams.matching.people.columns import person_of
from streams.matching.people.decoding import matches_of_base, matches_of_delta, routes
from streams.matching.people.people import People
from streams.matching.people.register import Register
from streams.matching.people.wishes import PROFILE, wishes_of
from streams.matching.queries.explaining import Explained
from streams.matching.queries.queries import Queries
from subscribers.addresses import SPACE
from subscribers.shards import IndexRow

__all__ = ["IN_SPACE", "SPACE", "Contact", "Match", "ShardIndex", "SnapshotError", "Wanted", "Why"]

LEAST = 2000  # changes that are worth building the base anew
PART = 20  # … or this part of the base, whichever is more
BITS = (1, 2, 4, 8, 16, 32, 64)


class ShardIndex:
    """The subscribers of one shard.

    Only one thread may change or ask it. To build its base anew meanwhile see `streams.matching.keeping.compaction`.

    Args:
        ancestors: of a code in a dimension.
        register: of its subscribers; nobody by default.
        queries: that the register's numbers mean.
    """

    def __init__(
        self, ancestors: Ancestors, register: Register | None = None, queries: Queries | None = None
    ) -> None:
        self.ancestors = ancestors
        self.queries = Queries(ancestors) if queries is None else queries
        if register is None:
            register = Register(Base.of(People.none(), self.queries.base))
        self.register = register
        self.noted: dict[str, IndexRow | None] | None = None  # what changes while it is built anew
        self.note: dict[str, Any] = {}  # of who saved it

    def __len__(self) -> int:
        return len(self.register)

    @property
    def nbytes(self) -> int:
        """Bytes of the base, in memory or mapped from files; what came later is beside it, as objects."""
        return sum(array.nbytes for array in self._arrays().values())

    @property
    def needs_compaction(self) -> bool:
        """Whether so much has changed that the base should be built anew, and nobody is about it."""
        return self.noted is None and self.register.changes > max(LEAST, self.register.first // PART)

    def put(self, row: IndexRow) -> None:
        """Add a subscriber or take its newest state; the next policy sees it."""
        wishes, figures = wishes_of(row), person_of(row)
        numbers = [self.queries.take(wish.text) for wish in wishes]
        self._drop(row.subscriber_id)  # not before all of the new state has been understood
        if wishes:
            self.register.add(row, figures, wishes, numbers)
        if self.noted is not None:
            self.noted[row.subscriber_id] = row

    def remove(self, subscriber_id: str) -> None:
        """Forget a subscriber; one that is not here is no error."""
        self._drop(subscriber_id)
        if self.noted is not None:
            self.noted[subscriber_id] = None

    def _drop(self, subscriber_id: str) -> None:
        for query in self.register.drop(subscriber_id):
            self.queries.release(query)

    def contacts(self, subscriber_id: str) -> tuple[Contact, ...]:
        """Return a subscriber's contacts; none where it is not here."""
        ordinal = self.register.find(subscriber_id)
        return () if ordinal is None else self.register.contacts(ordinal)

    def version(self, subscriber_id: str) -> int | None:
        """Return the version of a subscriber that is here, None where it is not."""
        ordinal = self.register.find(subscriber_id)
        return None if ordinal is None else int(self.register.figures(ordinal)["version"])

    def subscriber_id(self, ordinal: int) -> str:
        """Return who has an ordinal."""
        return self.register.subscriber_id(int(ordinal))

    def ordinal(self, subscriber_id: str) -> int | None:
        """Return a subscriber's ordinal, None where it is not here."""
        return self.register.find(subscriber_id)

    def figures(self, people: NDArray[np.uint32]) -> NDArray[Any]:
        """Return the records (`columns.PERSON`) of ordinals, in their order."""
        return self.register.figures_of(people)

    def column(self, name: str) -> NDArray[Any]:
        """Return a column by ordinal, see `columns.PERSON`; not to be changed.

        Raises:
            KeyError: there is no such column.
        """
        return self.register.column(name)

    def reasons(self, subscriber_id: str, matter: Matter) -> tuple[Why, ...]:
        """Return why a subscriber wants the policy, on whatever channel; none where it does not, or is not here."""
        ordinal = self.register.find(subscriber_id)
        if ordinal is None:
            return ()
        return tuple(why for why, bits in self._fitting(ordinal, matter) if bits & ~PROFILE)

    def match_of(self, ordinal: int, matter: Matter) -> Match:
        """Return what `matches` yields of one whom the policy fits."""
        at = int(ordinal)
        register = self.register
        return Match(register.subscriber_id(at), routes(register.contacts(at), self._fitting(at, matter)))

    def _fitting(self, ordinal: int, matter: Matter) -> list[tuple[Why, int]]:
        fitting: list[tuple[Why, int]] = []
        for name, number, bits in self.register.wishes(ordinal):
            query = self.queries.query(number)
            if query.fits(matter) and (not bits & PROFILE or self._may_meet(ordinal, matter.requirements)):
                fitting.append((Why(name, query.reasons(matter)), bits))
        return fitting

    def _may_meet(self, ordinal: int, requirements: Requirements) -> bool:
        figures = self.register.figures(ordinal)
        founded = int(figures["founded"])
        return admits(
            requirements,
            staff=float(figures["staff"]),
            revenue=float(figures["revenue"]),
            founded=None if founded == NO_DAY else founded,
        )

    def matches(self, matter: Matter) -> Iterator[Match | None]:
        """Yield everybody who gets the policy, and now and then None, so that a caller may rest.

        What changes after the first of them was asked for is not seen by the others.
        """
        of_base, of_delta = self._wishes(matter)
        of_base.sort()
        labels_of = Explained(self.queries, matter).of
        yield None
        yield from matches_of_base(self.register.base, of_base, labels_of)
        yield from matches_of_delta(self.register.delta, of_delta, labels_of)

    def wanted(self, matter: Matter) -> Wanted:
        """Return who gets the policy and by which channels, without a name or a reason."""
        chosen = np.zeros(self.register.first + len(self.register.delta), np.uint8)
        seen = np.zeros(len(chosen), np.bool_)
        for wishes, owners, bits in self._parts(*self._wishes(matter)):
            people, masks = owners[wishes], bits[wishes]
            seen[people] = True
            for bit in BITS:
                chosen[people[masks & bit != 0]] |= bit
        everybody = np.flatnonzero(seen)
        masks, reachable = chosen[everybody], self.column("reachable")[everybody]
        return Wanted(everybody.astype(np.uint32), masks & reachable, masks & ~reachable)

    def _wishes(self, matter: Matter) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the wishes that the policy fits, of the base and of the delta."""
        found = self.register.wanting(self.queries.matching(matter), len(self.queries))
        if not matter.requirements:
            return found
        of_base, of_delta = (
            wishes[self._admitted(owners[wishes], bits[wishes], matter.requirements)]
            for wishes, owners, bits in self._parts(*found)
        )
        return of_base, of_delta

    def _parts(
        self, of_base: NDArray[Any], of_delta: NDArray[Any]
    ) -> list[tuple[NDArray[Any], NDArray[Any], NDArray[Any]]]:
        """Return wishes of base and delta, each with the ordinals and the bits of all wishes there."""
        base, delta = self.register.base, self.register.delta
        return [
            (of_base, base.wish_people, base.people.wish_bits),
            (of_delta, delta.people.values + np.uint32(self.register.first), delta.bits.values),
        ]

    def _admitted(
        self, people: NDArray[Any], bits: NDArray[np.uint8], requirements: Requirements
    ) -> NDArray[np.bool_]:
        """Return which wishes the requirements leave: those for themselves, and profiles with fitting numbers."""
        fits: NDArray[np.bool_] = np.equal(bits & PROFILE, 0)
        which = np.flatnonzero(~fits)
        staff, revenue, founded = (
            self.column(name)[people[which]] for name in ("staff", "revenue", "founded")
        )
        fits[which] = admitted(requirements, staff, revenue, founded)
        return fits

    def compacted(self) -> "ShardIndex":
        """Return the same with all in its base; nobody may change this one meanwhile, nor afterwards."""
        return built(self.ancestors, self.register.gathering(), self.queries.successor())[0]

    def save(self, directory: Path, note: Mapping[str, Any] | None = None) -> None:
        """Write it in the place of whatever ``directory`` held; it is there whole or not at all.

        What is not in the base is brought there first, so nobody may change it meanwhile. Beside changes in the loop, a
        thread may save what `compaction.Compaction.build` returned.

        Args:
            directory: for the owner only, as is all in it.
            note: what the caller wants to know when it opens it (`note`), as JSON.

        Raises:
            OSError: it cannot be written.
        """
        clean = self.queries.settled and not self.register.changes
        whole = self if clean else self.compacted()
        snapshot.save(directory, whole._arrays(), {"subscribers": len(self), "note": dict(note or {})})

    def _arrays(self) -> dict[str, NDArray[Any]]:
        return self.register.base.arrays() | self.queries.arrays()

    @classmethod
    def open(cls, directory: Path, ancestors: Ancestors) -> "ShardIndex":
        """Return the index that was saved in ``directory``; its base stays in the files, mapped.

        Raises:
            SnapshotError: there is none, or it cannot be used.
        """
        arrays, head = snapshot.mapped(directory)
        try:
            base = Base.of_arrays(arrays)
            index = cls(ancestors, Register(base), Queries.of_arrays(arrays, base.queries, ancestors))
        except (KeyError, ValueError, IndexError) as error:
            raise SnapshotError(
                f"{directory} lacks something, or does not fit together: {error!r}"
            ) from error
        if len(index) != head["subscribers"]:
            raise SnapshotError(f"{directory} has {len(index)} subscribers, not {head['subscribers']}")
        index.note = head["note"]
        return index


def built(ancestors: Ancestors, gather: Callable[[], People], queries: Queries) -> tuple[ShardIndex, bool]:
    """Return the index of what `Register.gathering` and `Queries.successor` hold, and whether queries got new numbers.

    It only reads what else may be in use, so a thread may do it.
    """
    people = gather()
    numbers = queries.settle()
    if numbers is not None:
        people = people.with_queries(numbers)
    return ShardIndex(ancestors, Register(Base.of(people, queries.base)), queries), numbers is not None
