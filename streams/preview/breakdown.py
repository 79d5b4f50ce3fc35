"""An audience's figures by name, pure: the largest first, regions one level below the policy's."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from config.taxonomies import Taxonomy
from streams.masking import FEW, few, part
from streams.preview.tally import UNSTATED

NATION = "100000"


def breakdown(
    whole: Mapping[str, Any], labels: Iterable[str], taxonomy: Taxonomy, *, own: bool, tables: bool
) -> dict[str, Any]:
    """Return a total of tallies as it is shown.

    ``{"matched", "by_channel": {channel: n}, "by_region": [{"code", "name", "count"}], "by_industry": […], "by_size":
    […], "unconfirmed": {"credit_codes" | "memberships": n}, "held_back": {reason: {channel: n}}}``; code and name null:
    not stated.

    Args:
        whole: what `tally.total` returned.
        labels: the policy's, ``dimension:code``.
        taxonomy: for names, and for what lies below what.
        own: whether the asker is the policy's own agency; others see no small count, nor the others to the last one.
        tables: whether it may see the tables and what is held back as they are; else they are in whole fives, without
            what is below five: that somebody is there at all would be told otherwise.
    """
    regions = [label.removeprefix("region:") for label in labels if label.startswith("region:")]
    under = regions[0] if len(regions) == 1 else NATION
    of_regions = Counter[str]()
    for code, count in whole["by_region"].items():
        of_regions[part_of(code, under, taxonomy)] += count
    matched = int(whole["matched"])

    def seen(counts: Mapping[str, int]) -> dict[str, int]:
        shown = counts if tables else {name: n // FEW * FEW for name, n in counts.items() if n >= FEW}
        return dict(sorted(shown.items(), key=lambda one: (-one[1], one[0])))

    def rows(dimension: str, counts: Mapping[str, int]) -> list[dict[str, Any]]:
        return [
            {"code": code or None, "name": taxonomy.name(dimension, code), "count": count}
            for code, count in seen(counts).items()
        ]

    held = {reason: seen(counts) for reason, counts in sorted(whole["held_back"].items())}
    return {
        "matched": matched if own else few(matched),
        "by_channel": {
            name: int(count) if own else part(count, matched)
            for name, count in sorted(whole["by_channel"].items())
        },
        "by_region": rows("region", of_regions),
        "by_industry": rows("industry", whole["by_industry"]),
        "by_size": rows("size", whole["by_size"]),
        # What its own agency has to know as it knows `matched`: whom it names may not be reached yet.
        "unconfirmed": {
            name: count if own else few(count)
            for name, count in sorted(whole["unconfirmed"].items())
            if count
        },
        "held_back": {reason: counts for reason, counts in held.items() if counts},
    }


def part_of(code: str, under: str, taxonomy: Taxonomy) -> str:
    """Return the part of a region that another lies in: the level below ``under``, outside of that the province.

    Args:
        code: GB/T 2260, "" for not stated.
        under: the region that is parted.
        taxonomy: knows what lies in what.
    """
    if code == UNSTATED:
        return UNSTATED
    above = [*reversed(taxonomy.ancestors("region", code)), code]  # the nation first
    at = above.index(under) + 1 if under in above else 1
    return above[min(at, len(above) - 1)]
