"""From wishes that fit to matches: names and contacts are read only of those who get the policy."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.matching.answers import IN_SPACE, Contact, Match, Why
from streams.matching.arrays.texts import spread
from streams.matching.people.base import Base
from streams.matching.people.columns import CHANNEL_BITS
from streams.matching.people.delta import Delta
from subscribers.addresses import SPACE

TOGETHER = 1024  # subscribers that are read before a caller may rest

NAME_OF = {bit: name for name, bit in CHANNEL_BITS.items()}
LabelsOf = Callable[[Sequence[int]], list[tuple[str, ...]]]
Reason = tuple[Why, int]  # and the channels that it leads to, as bits


def matches_of_base(base: Base, wishes: NDArray[np.uint32], labels_of: LabelsOf) -> Iterator[Match | None]:
    """Yield the matches of wishes, and None now and then.

    Args:
        base: whose wishes they are.
        wishes: those that fit, rising, so that a subscriber's stand together.
        labels_of: the reasons of queries.
    """
    for people, counts, here in _by_owner(base.wish_people, wishes):
        names, contacts = base.people.ids.listed(people), contacts_of_base(base, people)
        yield from _matches(names, contacts, counts, reasons_of_base(base, here, labels_of))
        yield None


def matches_of_delta(delta: Delta, wishes: NDArray[np.int64], labels_of: LabelsOf) -> Iterator[Match | None]:
    """Do `matches_of_base` for those who came later; ``wishes`` are theirs."""
    for people, counts, here in _by_owner(delta.people.values, wishes):
        places = people.tolist()
        names, contacts = [delta.ids[place] for place in places], [delta.contacts[place] for place in places]
        labels = labels_of(delta.queries.values[here].tolist())
        bits = delta.bits.values[here].tolist()
        reasons = [
            (Why(delta.names[wish], of), mask)
            for wish, of, mask in zip(here.tolist(), labels, bits, strict=True)
        ]
        yield from _matches(names, contacts, counts, reasons)
        yield None


def _by_owner(
    owners: NDArray[np.uint32], wishes: NDArray[Any]
) -> Iterator[tuple[NDArray[np.uint32], list[int], NDArray[Any]]]:
    """Yield some owners at a time, how many of the wishes each has, and these wishes."""
    whose = owners[wishes]
    starts = np.flatnonzero(np.diff(whose, prepend=np.int64(-1)))
    ends = np.append(starts[1:], len(wishes))
    for first in range(0, len(starts), TOGETHER):
        some = slice(first, first + TOGETHER)
        counts = (ends[some] - starts[some]).tolist()
        yield whose[starts[some]], counts, wishes[starts[first] : ends[some][-1]]


def _matches(
    names: Sequence[str],
    contacts: Sequence[Sequence[Contact]],
    counts: Sequence[int],
    reasons: Sequence[Reason],
) -> Iterator[Match]:
    at = 0
    for name, theirs, count in zip(names, contacts, counts, strict=True):
        yield Match(name, routes(theirs, reasons[at : at + count]))
        at += count


def reasons_of_base(base: Base, wishes: NDArray[np.uint32], labels_of: LabelsOf) -> list[Reason]:
    """Return the reason that each wish is."""
    people = base.people
    names = people.wish_names.listed(wishes)
    queries, bits = people.wish_queries[wishes].tolist(), people.wish_bits[wishes].tolist()
    return [
        (Why(name, labels), mask) for name, labels, mask in zip(names, labels_of(queries), bits, strict=True)
    ]


def contacts_of_base(base: Base, ordinals: NDArray[np.uint32]) -> list[list[Contact]]:
    """Return the contacts of each."""
    people = base.people
    starts = people.contact_starts[ordinals]
    lengths = people.contact_starts[ordinals + 1] - starts
    at = spread(starts, lengths)
    channels = people.contact_bits[at].tolist()
    names = people.contact_names.listed(at)
    every: list[Contact] = [
        IN_SPACE if name == SPACE else (NAME_OF[bit], name or "")
        for bit, name in zip(channels, names, strict=True)
    ]
    ends = np.cumsum(lengths).tolist()
    return [every[end - count : end] for end, count in zip(ends, lengths.tolist(), strict=True)]


def routes(
    contacts: Iterable[Contact], reasons: Sequence[Reason]
) -> tuple[tuple[Contact, tuple[Why, ...]], ...]:
    """Return per contact the reasons that lead there; without any it is left out."""
    if len(reasons) == 1:
        why, mask = reasons[0]
        alone = (why,)
        return tuple([(contact, alone) for contact in contacts if CHANNEL_BITS[contact[0]] & mask])
    found = [
        (contact, tuple([why for why, mask in reasons if CHANNEL_BITS[contact[0]] & mask]))
        for contact in contacts
    ]
    return tuple([route for route in found if route[1]])
