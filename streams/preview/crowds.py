"""Whom a policy would reach in one shard, ready to be counted, and a few of them with their reasons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.fanout.rows import FORMER_WHY, NAMED_WHY
from streams.matching.answers import Match, Wanted, Why
from streams.matching.index import SPACE, ShardIndex
from streams.matching.matter import Matter
from streams.matching.people.columns import CHANNEL_BITS, NO_TIME, PERSON

SAMPLES = 10


@dataclass(frozen=True)
class Crowd:
    """Those whom a policy fits in one shard; all arrays go together.

    Attributes:
        figures: (n,) records of `people.columns.PERSON`.
        channels: (n,) `CHANNEL_BITS` on which it would be planned.
        blocked: (n,) channels that were chosen, but have nothing to push to.
        samples: a few of them, with the reasons of each.
    """

    figures: NDArray[Any]
    channels: NDArray[np.uint8]
    blocked: NDArray[np.uint8]
    samples: tuple[tuple[str, tuple[Why, ...]], ...]


def crowd_of(index: ShardIndex, matter: Matter, usable: int, former: Mapping[str, int]) -> Crowd:
    """Return everybody whom a policy fits, and who got an earlier revision.

    Args:
        index: of the shard.
        matter: what the policy is to it.
        usable: bits of the channels that the policy may use.
        former: who got an earlier revision → bits of the channels it went by, which hear what became of it.
    """
    wanted = index.wanted(matter)
    channels, blocked = wanted.channels & np.uint8(usable), wanted.blocked & np.uint8(usable)
    others = _placed(index, former)
    at = np.searchsorted(wanted.people, others.known)
    here = np.zeros(len(at), np.bool_)
    here[at < len(wanted.people)] = (
        wanted.people[at[at < len(wanted.people)]] == others.known[at < len(wanted.people)]
    )
    masks = np.array([former[name] for name in others.names], np.uint8)
    known = masks[: len(others.known)]
    channels[at[here]] |= known[here]
    later = np.concatenate([known[~here], masks[len(others.known) :]])
    samples = [_sample(index.match_of(int(ordinal), matter)) for ordinal in wanted.people[:SAMPLES]]
    samples += [
        (index.subscriber_id(int(ordinal)), (FORMER_WHY,))
        for ordinal in others.known[~here][: SAMPLES - len(samples)]
    ]
    return Crowd(
        np.concatenate([index.figures(wanted.people), index.figures(others.known[~here]), others.strangers]),
        np.concatenate([channels, later]),
        np.concatenate([blocked, np.zeros_like(later)]),
        tuple(samples),
    )


def named_crowd(
    index: ShardIndex, matter: Matter, usable: int, former: Mapping[str, int], names: Iterable[str]
) -> Crowd:
    """Return those whom a policy names: the enterprise space is theirs whatever they subscribe to."""
    found = _placed(index, names)
    channels = np.array([former.get(name, 0) for name in found.names], np.uint8)
    channels[: len(found.known)] |= _chosen(index.wanted(matter), found.known) & np.uint8(usable)
    ordinals = dict(zip(found.names, found.known.tolist(), strict=False))
    samples = []
    for name in sorted(found.names)[:SAMPLES]:
        match = index.match_of(ordinals[name], matter) if name in ordinals else Match(name, ())
        samples.append((name, (*_sample(match)[1], NAMED_WHY)))
    return Crowd(
        np.concatenate([index.figures(found.known), found.strangers]),
        channels | np.uint8(CHANNEL_BITS[SPACE]),
        np.zeros_like(channels),
        tuple(samples),
    )


@dataclass(frozen=True)
class _Placed:
    """Subscribers by name: first those whom the index knows, then those who subscribe to nothing."""

    names: list[str]
    known: NDArray[np.uint32]
    strangers: NDArray[Any]


def _placed(index: ShardIndex, names: Iterable[str]) -> _Placed:
    everybody = sorted(names)
    ordinals = {name: at for name in everybody if (at := index.ordinal(name)) is not None}
    unknown = [name for name in everybody if name not in ordinals]
    known = np.array(list(ordinals.values()), np.uint32)
    return _Placed([*ordinals, *unknown], known, np.repeat(_STRANGER, len(unknown)))


def _chosen(wanted: Wanted, people: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return the channels of people, none of those who do not want it."""
    ends = np.searchsorted(wanted.people, people, side="right")
    begins = np.searchsorted(wanted.people, people)
    found = np.zeros(len(people), np.uint8)
    found[ends > begins] = wanted.channels[begins[ends > begins]]
    return found


def _sample(match: Match) -> tuple[str, tuple[Why, ...]]:
    return match.subscriber_id, tuple(dict.fromkeys(why for _, whys in match.routes for why in whys))


def _nobody() -> NDArray[Any]:
    """The record of one of whom the index knows nothing, as who is named need not subscribe."""
    record = np.zeros(1, PERSON)
    record["quiet_from"] = record["quiet_to"] = NO_TIME
    return record


_STRANGER = _nobody()


def shown(samples: Sequence[tuple[str, tuple[Why, ...]]]) -> list[Mapping[str, Any]]:
    """Return samples as JSON: ``{"subscriber_id", "reasons": [{"subscription", "labels"}]}``."""
    return [
        {
            "subscriber_id": subscriber_id,
            "reasons": [{"subscription": why.subscription_id, "labels": list(why.labels)} for why in whys],
        }
        for subscriber_id, whys in samples
    ]
