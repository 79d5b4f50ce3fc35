"""Whom a policy would reach in one shard, ready to be counted, and a few of them with their reasons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.fanout import NAMED_WHY
from streams.matching.columns import CHANNEL_BITS, NO_TIME, PERSON, mask_of
from streams.matching.index import SPACE, Match, ShardIndex, Why
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
    rows: list[Any] = []
    masks: list[int] = []
    samples: list[tuple[str, tuple[Why, ...]]] = []
    for name in sorted(names):
        ordinal = index.ordinal(name)
        match = Match(name, ()) if ordinal is None else index.match_of(ordinal, matter)
        rows.append(_STRANGER if ordinal is None else index.figures(np.array([ordinal], np.uint32))[0])
        masks.append(mask_of([channel for (channel, _), _ in match.routes]) | CHANNEL_BITS[SPACE])
        if len(samples) < SAMPLES:
            samples.append((name, (*_sample(match)[1], NAMED_WHY)))
    channels = np.array(masks, np.uint8)
    return Crowd(np.array(rows, PERSON), channels, np.zeros_like(channels), tuple(samples))


def _sample(match: Match) -> tuple[str, tuple[Why, ...]]:
    return match.subscriber_id, tuple(dict.fromkeys(why for _, whys in match.routes for why in whys))


def _nobody() -> Any:
    """The record of one of whom the index knows nothing, as who is named need not subscribe."""
    record = np.zeros(1, PERSON)
    record["quiet_from"] = record["quiet_to"] = NO_TIME
    return record[0]


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
