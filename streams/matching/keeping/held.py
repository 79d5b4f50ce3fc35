"""Whom a shard's index holds and how new it has them, so that it can be told what it missed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from streams.matching.arrays.texts import Lookup, Texts, sums_of
from subscribers.stamps import Stamp, Total

GONE: Stamp = (0, 0)


@dataclass(frozen=True)
class Stretch:
    """A stretch of the record's order.

    Attributes:
        places: of those held there, but for who is new.
        first: the id that it begins with; "" for the very first.
        end: that the next one begins with; None for the last.
        total: of those held.
    """

    places: range
    first: str
    end: str | None
    total: Total


class Held:
    """The stamp that each subscriber of a shard had before its row was read into the index.

    A stamp may be older than what the index has, never newer: who does not agree with the record is read again, which
    does no harm. Those that are not in the index (they left, or want nothing) have one, too.

    Args:
        ids: of a moment, in the record's order.
        versions: (n,) int64 of each; 0 for one that is gone.
        moments: (n,) int64 of each.
        new: who came since, whose place in the record's order is not known.

    Attributes:
        noted: what is taken while somebody puts it in order (`renewed`); None while nobody does.
    """

    def __init__(
        self,
        ids: Lookup,
        versions: NDArray[np.int64],
        moments: NDArray[np.int64],
        new: Mapping[str, Stamp] | None = None,
    ) -> None:
        self.ids, self.versions, self.moments = ids, versions, moments
        self.new = dict(new or {})
        self.noted: dict[str, Stamp] | None = None

    @classmethod
    def of(cls, listed: Sequence[tuple[str, Stamp]]) -> Self:
        """Return what is listed in the record's order; some ten thousand take tens of milliseconds."""
        texts = Texts.of(who for who, _ in listed)
        numbers = np.array([stamp for _, stamp in listed], np.int64).reshape(-1, 2)
        return cls(Lookup.of(texts, sums_of(texts)), numbers[:, 0].copy(), numbers[:, 1].copy())

    def copy(self) -> "Held":
        """Return the same as it is now, for another thread."""
        return Held(self.ids, self.versions.copy(), self.moments.copy(), self.new)

    def take(self, stamps: Mapping[str, Stamp], gone: Iterable[str] = ()) -> None:
        """Note what was read into the index.

        Args:
            stamps: as they were before the rows were read.
            gone: whose rows are no longer in the record, or not yet.
        """
        for who, stamp in (*stamps.items(), *((one, GONE) for one in gone)):
            at = self.ids.find(who)
            if at >= 0:
                self.versions[at], self.moments[at] = stamp
            elif stamp == GONE:
                self.new.pop(who, None)
            else:
                self.new[who] = stamp
            if self.noted is not None:
                self.noted[who] = stamp

    def total(self) -> Total:
        """Return the total of everybody."""
        known = _total(self.versions, self.moments)
        return Total(
            known.people + len(self.new),
            known.versions + sum(version for version, _ in self.new.values()),
            max([known.newest, *(moment for _, moment in self.new.values())]),
        )

    def stretches(self, size: int, within: range | None = None) -> Iterator[Stretch]:
        """Yield stretches that together are the whole order, or the one of ``within``; at least one."""
        texts = self.ids.texts
        whole = range(len(texts)) if within is None else within
        for at in range(whole.start, max(whole.stop, whole.start + 1), size):
            end = min(at + size, whole.stop)
            yield Stretch(
                places=range(at, end),
                first=texts[at] if at else "",
                end=texts[end] if end < len(texts) else None,
                total=_total(self.versions[at:end], self.moments[at:end]),
            )

    def stamps(self, places: range) -> dict[str, Stamp]:
        """Return the stamps of who is held at these places."""
        part = slice(places.start, places.stop)
        ids = self.ids.texts.listed(np.arange(places.start, places.stop))
        numbers = zip(self.versions[part].tolist(), self.moments[part].tolist(), strict=True)
        return {who: stamp for who, stamp in zip(ids, numbers, strict=True) if stamp != GONE}

    def in_order(self, ids: Sequence[str]) -> "Held":
        """Return the same for these people in this order; whom it did not hold is held as gone."""
        known = self.stamps(range(len(self.versions))) | self.new
        return Held.of([(who, known.get(who, GONE)) for who in ids])

    def renewed(self, ordered: "Held") -> "Held":
        """Return what a copy of this was put in order as, with all that was taken since."""
        ordered.take(self.noted or {})
        self.noted = None
        return ordered

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what `of_arrays` needs, but for those who are new: see `in_order`."""
        return self.ids.arrays("held") | {"held.versions": self.versions, "held.moments": self.moments}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return what `arrays` told of."""
        return cls(Lookup.of_arrays(arrays, "held"), arrays["held.versions"], arrays["held.moments"])


def _total(versions: NDArray[np.int64], moments: NDArray[np.int64]) -> Total:
    return Total(
        int(np.count_nonzero(versions)),
        int(versions.sum()),
        int(moments.max(initial=0)),
    )
