"""An audience counted, pure: by channel, region, industry and size, and what would not go out at once, and why.

Nothing here names anybody; the figures of shards add up (`total`).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.channels import NOISY
from config.clock import SHANGHAI
from streams.matching.people.columns import CHANNEL_BITS, FREQUENCIES, NO_TIME, mask_of
from streams.preview.crowds import Crowd
from subscribers.verdict import DIGEST, NIGHT, SMS

Mask = NDArray[np.uint8]
COUNTS = ("by_channel", "by_region", "by_industry", "by_size", "unconfirmed")
UNSTATED = ""
DAY = 24 * 60
SECTIONS = "ABCDEFGHIJKLMNOPQRST"


def tally(
    crowd: Crowd,
    sizes: Collection[str],
    *,
    waits: Collection[str],
    now: datetime,
    over: str | None = None,
    unconfirmed: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Return ``{"matched", "by_channel", "by_region", "by_industry", "by_size", "unconfirmed", "held_back"}``.

    Regions are the six-digit codes as stated, industries section letters (an enterprise may be in several), and "" is
    not stated. ``by_channel`` counts subscribers to whom a message would go out at once or later; ``held_back`` is
    reason → channel → subscribers: ``digest``, ``quiet_hours`` and ``sms_hours`` go out later, the others never.

    Args:
        crowd: whom it fits.
        sizes: codes of the dimension, in the taxonomy's order.
        waits: frequencies whose subscribers wait for their digest.
        now: when it would be released.
        over: why nothing of it goes to anybody, a reason of ``held_back`` of its own.
        unconfirmed: who would be named as well, see `subscribers.vouching.waiting_to_be_named`; they are no part of
            ``crowd``.
    """
    blocked, planned = crowd.blocked, crowd.channels
    due = planned & ~crowd.figures["suppressed"]
    goes = np.zeros_like(due) if over else due
    return {
        "matched": len(planned),
        "by_channel": _by_channel(goes),
        "by_region": _regions(crowd.figures["region"]),
        "by_industry": _industries(crowd.figures["industries"]),
        "by_size": _sizes(crowd.figures["size"], sizes),
        "unconfirmed": dict(unconfirmed or {}),
        "held_back": {
            reason: counted
            for reason, mask in {
                **_later(goes, crowd.figures, waits, now),
                **_never(planned, blocked, crowd.figures),
                **({over: due} if over else {}),
            }.items()
            if (counted := _by_channel(mask))
        },
    }


def total(tallies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the sum of the shards' tallies."""
    whole: dict[str, Counter[str]] = {name: Counter() for name in COUNTS}
    held: dict[str, Counter[str]] = {}
    matched = 0
    for one in tallies:
        matched += one["matched"]
        for name in COUNTS:
            whole[name].update(one[name])
        for reason, counts in one["held_back"].items():
            held.setdefault(reason, Counter()).update(counts)
    counts = {name: dict(counter) for name, counter in whole.items()}
    return {"matched": matched, **counts, "held_back": {reason: dict(of) for reason, of in held.items()}}


def _by_channel(mask: Mask) -> dict[str, int]:
    counts = {name: int(np.count_nonzero(mask & bit)) for name, bit in CHANNEL_BITS.items()}
    return {name: count for name, count in counts.items() if count}


def _regions(codes: NDArray[np.uint32]) -> dict[str, int]:
    found, counts = np.unique(codes, return_counts=True)
    pairs = zip(found.tolist(), counts.tolist(), strict=True)
    return {f"{code:06d}" if code else UNSTATED: count for code, count in pairs}


def _industries(masks: NDArray[np.uint32]) -> dict[str, int]:
    counts = {letter: int(np.count_nonzero(masks & np.uint32(1 << at))) for at, letter in enumerate(SECTIONS)}
    counts[UNSTATED] = int(np.count_nonzero(masks == 0))
    return {letter: count for letter, count in counts.items() if count}


def _sizes(places: Mask, sizes: Collection[str]) -> dict[str, int]:
    counts = np.bincount(places, minlength=len(sizes) + 1).tolist()
    return {code: count for code, count in zip((UNSTATED, *sizes), counts, strict=True) if count}


def _never(planned: Mask, blocked: Mask, figures: NDArray[Any]) -> dict[str, Mask]:
    """Return the channels that stay silent: an opt-out before a missing consent, as `verdict.judge` has it."""
    opted_out = blocked & figures["opted_out"]
    no_consent = blocked & figures["no_consent"] & ~opted_out
    suppressed = (blocked | planned) & figures["suppressed"] & ~opted_out & ~no_consent
    no_contact = blocked & ~opted_out & ~no_consent & ~suppressed
    return {
        "opted_out": opted_out,
        "no_consent": no_consent,
        "suppressed": suppressed,
        "no_contact": no_contact,
    }


def _later(goes: Mask, figures: NDArray[Any], waits: Collection[str], now: datetime) -> dict[str, Mask]:
    """Return the channels that wait: for the digest, or for the later end of quiet hours and of the night."""
    noisy = goes & np.uint8(mask_of(tuple(NOISY)))
    waiting = [FREQUENCIES.index(name) for name in waits]
    digest = np.where(np.isin(figures["frequency"], waiting), noisy, 0).astype(np.uint8)
    rest = noisy & ~digest
    local = now.astimezone(SHANGHAI)
    minute = local.hour * 60 + local.minute
    quiet = _minutes_left(figures["quiet_from"], figures["quiet_to"], minute)
    night = int(_minutes_left(np.array([_minute(NIGHT.start)]), np.array([_minute(NIGHT.end)]), minute)[0])
    sms = rest & np.uint8(CHANNEL_BITS[SMS])
    by_night = np.where(quiet < night, sms, 0).astype(np.uint8)
    by_quiet = np.where(quiet > 0, rest, 0).astype(np.uint8) & ~by_night
    return {DIGEST: digest, "quiet_hours": by_quiet, "sms_hours": by_night}


def _minutes_left(start: NDArray[Any], end: NDArray[Any], minute: int) -> NDArray[np.int64]:
    """Return how long the hours still last that ``minute`` of the day lies in, 0 outside of them."""
    first, last = start.astype(np.int64), end.astype(np.int64)
    inside = np.where(first < last, (first <= minute) & (minute < last), (minute >= first) | (minute < last))
    left: NDArray[np.int64] = np.where(inside & (first != NO_TIME), (last - minute) % DAY, 0)
    return left


def _minute(moment: Any) -> int:
    return int(moment.hour) * 60 + int(moment.minute)
