"""The labels of the workload: numbers in rows, a row for each level of each family, and how popular each is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]

# Places of China by level and the industries of GB/T 4754-2017 by level; the others have no levels.
SIZES: Mapping[str, Sequence[int]] = {
    "region": (1, 31, 31 * 11, 31 * 11 * 8),
    "industry": (20, 97, 473, 1382),
    "theme": (200,),
    "kind": (20,),
    "qualification": (60,),
    "size": (4,),
    "ownership": (6,),
    "keyword": (50_000,),
}
FAMILIES = tuple(SIZES)
DIMENSIONS = tuple(family for family in FAMILIES if family != "keyword")
STEEPNESS = {"region": 0.8, "industry": 0.8, "keyword": 0.9}  # exponent of Zipf's law
USUALLY = 0.7


@dataclass(frozen=True)
class Catalogue:
    """All labels, from 1 on (0 is the matcher's own), and behind them one token ``none:`` for each dimension.

    Attributes:
        rows: Per family its levels, the broadest first; the labels of a level are one range.
        parent: By label the one above it, 0 at the top.
        family: By label the place of its family in `FAMILIES`.
        first_none: The token for "no label in `DIMENSIONS[0]`"; those of the other dimensions follow.
        tokens: One more than the highest token.
    """

    rows: Mapping[str, tuple[range, ...]]
    parent: Labels
    family: NDArray[np.uint8]
    first_none: int
    tokens: int


def catalogue() -> Catalogue:
    """Return the labels; always the same."""
    rows: dict[str, tuple[range, ...]] = {}
    parents: list[NDArray[np.int64]] = [np.zeros(1, np.int64)]
    families: list[NDArray[np.uint8]] = [np.zeros(1, np.uint8)]
    following = 1
    for place, (family, sizes) in enumerate(SIZES.items()):
        above: range | None = None
        levels = []
        for size in sizes:
            level = range(following, following + size)
            spread = np.arange(size) * len(above) // size + above.start if above else np.zeros(size, np.int64)
            parents.append(spread)
            families.append(np.full(size, place, np.uint8))
            levels.append(level)
            above, following = level, level.stop
        rows[family] = tuple(levels)
    return Catalogue(
        rows=rows,
        parent=np.concatenate(parents),
        family=np.concatenate(families),
        first_none=following,
        tokens=following + len(DIMENSIONS),
    )


class Popularity:
    """Draws labels: within a level few are asked for by many (Zipf), the same few in subscriptions and policies."""

    def __init__(self, labels: Catalogue, seed: int = 11) -> None:
        rng = np.random.default_rng(seed)
        self._rows = labels.rows
        self._up_to: dict[tuple[str, int], NDArray[np.float64]] = {}
        for family, levels in labels.rows.items():
            for level, row in enumerate(levels):
                weight = 1 / np.arange(1, len(row) + 1) ** STEEPNESS.get(family, USUALLY)
                rng.shuffle(weight)
                self._up_to[family, level] = np.cumsum(weight / weight.sum())

    def draw(self, family: str, count: int, rng: np.random.Generator, level: int = 0) -> Labels:
        """Return ``count`` labels of one level, with repeats."""
        row = self._rows[family][level]
        at = np.searchsorted(self._up_to[family, level], rng.random(count))
        return row.start + np.minimum(at, len(row) - 1)

    def spread(
        self, family: str, shares: Sequence[float] | None, count: int, rng: np.random.Generator
    ) -> Labels:
        """Return ``count`` labels over all levels of a family, a share from each; without shares from the first."""
        if shares is None:
            return self.draw(family, count, rng)
        levels = rng.choice(len(shares), count, p=shares)
        drawn = np.empty(count, np.int64)
        for level in range(len(shares)):
            here = levels == level
            drawn[here] = self.draw(family, int(here.sum()), rng, level)
        return drawn
