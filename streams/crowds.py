"""Whom a policy would reach in one shard, ready to be counted, and a few of them with their reasons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.fanout import NAMED_WHY
from streams.matching.answers import Match, Wanted, Why
from streams.matching.columns import CHANNEL_BITS, NO_TIME, PERSON
from streams.matching.index import SPACE, ShardIndex
from streams.matching.matter import Matter

SAMPLES = 10


@dataclass(frozen=True)
class Crowd:
    """Those whom a policy fits in one shard; all arrays go together.

    Attributes:
        figures: (n,) records of ``matching.columns.PERSON``.
        channels: (n,) `CHANNEL_BITS` on which it would be planned.
        blocked: (n,) channels that were chosen, but have nothing to push to.
        samples: a few of them, with the reasons of each.
    """

    figures: NDArray[Any]
    channels: NDArray[np.uint8]
    blocked: NDArray[np.uint8]
    samples: tuple[tuple[str, tuple[Why, ...]], ...]


def crowd_of(index: ShardIndex, matter: Matter) -> Crowd:
    """Return everybody whom a policy fits."""
    wanted = index.wanted(matter)
    samples = tuple(_sample(index.match_of(int(ordinal), matter)) for ordinal in wanted.people[:SAMPLES])
    return Crowd(index.figures(wanted.people), wanted.channels, wanted.blocked, samples)


def named_crowd(index: ShardIndex, matter: Matter, names: Iterable[str]) -> Crowd:
    """Return those whom a policy names: the enterprise space is theirs whatever they subscribe to."""
    everybody = sorted(names)
    ordinals = {name: at for name in everybody if (at := index.ordinal(name)) is not None}
    known = np.array(list(ordinals.values()), np.uint32)
    strangers = np.repeat(_STRANGER, len(everybody) - len(known))
    channels = np.zeros(len(everybody), np.uint8)
    channels[: len(known)] = _chosen(index.wanted(matter), known)
    samples = []
    for name in everybody[:SAMPLES]:
        match = index.match_of(ordinals[name], matter) if name in ordinals else Match(name, ())
        samples.append((name, (*_sample(match)[1], NAMED_WHY)))
    return Crowd(
        np.concatenate([index.figures(known), strangers]),
        channels | np.uint8(CHANNEL_BITS[SPACE]),
        np.zeros_like(channels),
        tuple(samples),
    )


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
