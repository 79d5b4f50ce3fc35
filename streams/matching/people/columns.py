"""What is known of each subscriber in figures: a record per ordinal, whose fields are the columns that are counted."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from math import nan
from types import MappingProxyType
from typing import Any

import numpy as np

from config.taxonomies import load_taxonomy
from streams.matching.conditions import NO_DAY, day_number
from subscribers.addresses import CHANNELS
from subscribers.shards import IndexRow

CHANNEL_BITS: Mapping[str, int] = MappingProxyType({name: 1 << at for at, name in enumerate(CHANNELS)})
"""Bit of each channel; those of ``addresses.PUSHED`` come first, in its order."""

NO_TIME = 65535
"""In ``quiet_from`` and ``quiet_to``: no quiet hours."""

FREQUENCIES = ("instant", "daily", "weekly")
BLOCKS = {"no_consent": "no_consent", "contact_suppressed": "suppressed", "opted_out": "opted_out"}

PERSON = np.dtype(
    [
        ("version", np.int64),
        ("staff", np.float64),  # NaN: not stated
        ("revenue", np.float64),  # yuan a year, NaN: not stated
        ("founded", np.int32),  # days since 1970-01-01, `NO_DAY`: not stated
        ("region", np.uint32),  # GB/T 2260, 0: not stated
        ("industries", np.uint32),  # bit n: section letter chr(65 + n)
        ("quiet_from", np.uint16),  # minutes of the day in Asia/Shanghai
        ("quiet_to", np.uint16),
        ("size", np.uint8),  # place in the taxonomy counted from 1, 0: not stated
        ("kind", np.uint8),  # the same
        ("frequency", np.uint8),  # place in FREQUENCIES
        ("reachable", np.uint8),  # channels with a contact that may be pushed to
        ("no_consent", np.uint8),  # channels with a contact that may not be pushed to, for want of consent
        ("suppressed", np.uint8),  # … because the address is suppressed
        ("opted_out", np.uint8),  # … because the subscriber opted out of the channel
    ],
    align=True,
)


def mask_of(channels: Sequence[str]) -> int:
    """Return the bits of channels; one that this house does not have carries nothing."""
    mask = 0
    for channel in channels:
        mask |= CHANNEL_BITS.get(channel, 0)
    return mask


def person_of(row: IndexRow) -> tuple[Any, ...]:
    """Return a subscriber's record, its fields in the order of `PERSON`."""
    profile = row.profile
    staff, revenue, founded = profile.get("staff"), profile.get("revenue"), profile.get("founded")
    quiet_from, quiet_to = row.quiet_hours or (NO_TIME, NO_TIME)
    blocked = {"no_consent": 0, "suppressed": 0, "opted_out": 0}
    for channel, why in row.blocked:
        blocked[BLOCKS[why]] |= CHANNEL_BITS.get(channel, 0)
    return (
        row.version,
        nan if staff is None else staff,
        nan if revenue is None else revenue,
        day_number(date.fromisoformat(founded)) if founded else NO_DAY,
        int(profile.get("region") or 0),
        _sections(profile.get("industries") or ()),
        quiet_from,
        quiet_to,
        _places("size").get(profile.get("size") or "", 0),
        _places("subject").get(row.kind, 0),
        FREQUENCIES.index(row.frequency),
        mask_of([channel for channel, _ in row.contacts]),
        blocked["no_consent"],
        blocked["suppressed"],
        blocked["opted_out"],
    )


def _sections(industries: Sequence[str]) -> int:
    mask = 0
    for code in industries:
        mask |= 1 << (ord(code[0]) - ord("A"))
    return mask


@cache
def _places(dimension: str) -> Mapping[str, int]:
    return {code: place for place, code in enumerate(load_taxonomy().codes[dimension], start=1)}
