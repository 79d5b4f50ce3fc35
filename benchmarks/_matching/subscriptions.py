"""Subscriptions of the workload, as flat arrays: simple ones, with keywords, with exclusions, with alternatives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks._matching.catalogue import DIMENSIONS, FAMILIES, Catalogue, Labels, Popularity

Generator = np.random.Generator

CHUNK = 100_000  # drawn by a generator of its own, so that more subscriptions begin with the same ones
SLOTS = 8  # more than a conjunction has clauses

KINDS = ("simple", "keyword", "exclusion", "alternatives")
SHARE_OF_KIND = (0.60, 0.25, 0.10, 0.05)
CLAUSES: Mapping[str, Mapping[int, float]] = {  # on labels
    "simple": {1: 0.2, 2: 0.4, 3: 0.3, 4: 0.1},
    "keyword": {0: 0.15, 1: 0.45, 2: 0.4},
    "exclusion": {1: 0.3, 2: 0.4, 3: 0.3},
    "alternatives": {2: 0.5, 3: 0.5},
}
MOST_CLAUSES = 4
# How often a clause is on a dimension, in the order of DIMENSIONS.
SHARE_OF_DIMENSION = (0.28, 0.28, 0.16, 0.10, 0.09, 0.06, 0.03)
LEVELS = {"region": (0.02, 0.38, 0.45, 0.15), "industry": (0.25, 0.35, 0.25, 0.15)}
LABELS_IN_CLAUSE = {1: 0.6, 2: 0.25, 3: 0.15}
WORDS_IN_CLAUSE = {1: 0.5, 2: 0.3, 3: 0.2}
EXCLUDED_FAMILIES = {"region": 0.35, "industry": 0.25, "theme": 0.15, "keyword": 0.25}
EXCLUDED_LEVELS = {"region": (0, 0.3, 0.5, 0.2), "industry": (0.2, 0.4, 0.25, 0.15)}


@dataclass(frozen=True)
class Subscriptions:
    """Conjunctions one behind the other; those of a subscription stand together.

    Attributes:
        count: How many subscriptions there are.
        owner: By conjunction its subscription.
        clauses: By conjunction how many clauses it has; at least one.
        widths: By clause how many tokens it has; one of them must be there.
        tokens: Those of all clauses.
        exclusions: By conjunction how many tokens it excludes.
        excluded: Those of all conjunctions; none may be there.
    """

    count: int
    owner: NDArray[np.uint32]
    clauses: NDArray[np.uint8]
    widths: NDArray[np.uint8]
    tokens: NDArray[np.uint32]
    exclusions: NDArray[np.uint8]
    excluded: NDArray[np.uint32]

    def save(self, folder: Path) -> None:
        """Write a file for each array."""
        folder.mkdir(parents=True)
        for field in fields(self):
            np.save(folder / f"{field.name}.npy", np.asarray(getattr(self, field.name)))

    @classmethod
    def load(cls, folder: Path) -> "Subscriptions":
        """Read what `save` has written."""
        arrays = {field.name: np.load(folder / f"{field.name}.npy") for field in fields(cls)}
        return cls(**arrays | {"count": int(arrays["count"])})

    def where(self, chosen: NDArray[np.bool_]) -> "Subscriptions":
        """Return those chosen (by subscription), numbered anew in their order."""
        conjunctions = chosen[self.owner]
        clauses = np.repeat(conjunctions, self.clauses)
        return Subscriptions(
            count=int(chosen.sum()),
            owner=(np.cumsum(chosen) - 1)[self.owner[conjunctions]].astype(np.uint32),
            clauses=self.clauses[conjunctions],
            widths=self.widths[clauses],
            tokens=self.tokens[np.repeat(clauses, self.widths)],
            exclusions=self.exclusions[conjunctions],
            excluded=self.excluded[np.repeat(conjunctions, self.exclusions)],
        )

    def piece(self, first: int, until: int) -> "Subscriptions":
        """Return a run of them, numbered anew from 0."""
        begin, end = np.searchsorted(self.owner, (first, until))
        clauses = slice(*(int(self.clauses[:place].sum(dtype=np.int64)) for place in (begin, end)))
        tokens = slice(
            *(int(self.widths[:place].sum(dtype=np.int64)) for place in (clauses.start, clauses.stop))
        )
        out = slice(*(int(self.exclusions[:place].sum(dtype=np.int64)) for place in (begin, end)))
        return Subscriptions(
            count=until - first,
            owner=self.owner[begin:end] - np.uint32(first),
            clauses=self.clauses[begin:end],
            widths=self.widths[clauses],
            tokens=self.tokens[tokens],
            exclusions=self.exclusions[begin:end],
            excluded=self.excluded[out],
        )

    def first(self, count: int) -> "Subscriptions":
        """Return the first ``count``."""
        return self.piece(0, count)

    def rarest_first(self, weights: NDArray[np.float64]) -> "Subscriptions":
        """Return the same with the clauses of each conjunction in order of how seldom a policy fulfils them."""
        begins = starts(self.widths)
        weight = np.add.reduceat(weights[self.tokens], begins[:-1])
        order = np.lexsort((weight, np.repeat(np.arange(len(self.owner)), self.clauses)))
        widths = self.widths[order]
        at = np.repeat(begins[:-1][order] - starts(widths)[:-1], widths) + np.arange(len(self.tokens))
        return replace(self, widths=widths, tokens=self.tokens[at])

    def or_none(self, labels: Catalogue) -> "Subscriptions":
        """Return the same as profiles: each clause on a dimension holds also for a policy without a label in it."""
        family = labels.family[self.tokens[starts(self.widths)[:-1]]]
        on_dimension = family != FAMILIES.index("keyword")
        ends = starts(self.widths)[1:][on_dimension]
        tokens = np.insert(self.tokens, ends, np.uint32(labels.first_none) + family[on_dimension])
        return replace(self, widths=self.widths + on_dimension.astype(np.uint8), tokens=tokens)


def starts(lengths: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return where each part of a flat array begins, and behind them where the last one ends."""
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))


def draw_subscriptions(count: int, labels: Catalogue, popularity: Popularity, seed: int = 1) -> Subscriptions:
    """Return that many; the same numbers always give the same subscriptions."""
    chunks = []
    for first in range(0, count, CHUNK):
        rng = np.random.default_rng((seed, first // CHUNK))
        chunk = _draw_chunk(labels, popularity, rng)
        chunks.append(chunk.first(count - first) if count - first < CHUNK else chunk)
    names = [field.name for field in fields(Subscriptions) if field.name not in ("count", "owner")]
    owners = [chunk.owner + np.uint32(CHUNK * n) for n, chunk in enumerate(chunks)]
    return Subscriptions(
        count=count,
        owner=np.concatenate(owners),
        **{name: np.concatenate([getattr(chunk, name) for chunk in chunks]) for name in names},
    )


def _draw_chunk(labels: Catalogue, popularity: Popularity, rng: Generator) -> Subscriptions:
    of_subscription = rng.choice(len(KINDS), CHUNK, p=SHARE_OF_KIND)
    alternatives = np.where(of_subscription == KINDS.index("alternatives"), rng.integers(2, 5, CHUNK), 1)
    owner = np.repeat(np.arange(CHUNK), alternatives)
    kind = of_subscription[owner]
    on_labels, on_words = _clause_counts(kind, rng)
    conjunction, slot, token = _clauses(on_labels, on_words, popularity, rng)
    # A label drawn twice for a clause is one, and the order is that of conjunctions, clauses and labels.
    key = np.unique((conjunction * SLOTS + slot) * labels.tokens + token)
    clause, widths = np.unique(key // labels.tokens, return_counts=True)
    out = _exclusions(kind, popularity, rng)
    excluded = np.unique(out[0] * labels.tokens + out[1])
    return Subscriptions(
        count=CHUNK,
        owner=owner.astype(np.uint32),
        clauses=np.bincount(clause // SLOTS, minlength=len(owner)).astype(np.uint8),
        widths=widths.astype(np.uint8),
        tokens=(key % labels.tokens).astype(np.uint32),
        exclusions=np.bincount(excluded // labels.tokens, minlength=len(owner)).astype(np.uint8),
        excluded=(excluded % labels.tokens).astype(np.uint32),
    )


def _some(shares: Mapping[int, float], count: int, rng: Generator) -> Labels:
    return rng.choice(list(shares), count, p=list(shares.values()))


def _clause_counts(kind: Labels, rng: Generator) -> tuple[Labels, Labels]:
    """(clauses on labels, clauses on keywords) by conjunction."""
    on_labels = np.select(
        [kind == n for n in range(len(KINDS))], [_some(CLAUSES[name], len(kind), rng) for name in KINDS]
    )
    chance = rng.random(len(kind))
    with_keyword = np.where(chance < np.where(on_labels == 0, 0.5, 0.8), 1, 2)
    with_alternatives = np.where(chance < 0.3, 1, 0)
    on_words = np.select(
        [kind == KINDS.index("keyword"), kind == KINDS.index("alternatives")],
        [with_keyword, with_alternatives],
    )
    return on_labels, on_words


def _clauses(
    on_labels: Labels, on_words: Labels, popularity: Popularity, rng: Generator
) -> tuple[Labels, Labels, Labels]:
    """(conjunction, place of the clause in it, token), the dimensions of a conjunction all different."""
    chance = rng.gumbel(size=(len(on_labels), len(DIMENSIONS))) + np.log(SHARE_OF_DIMENSION)
    dimensions = np.argsort(-chance, axis=1)[:, :MOST_CLAUSES]
    parts: list[tuple[Labels, Labels, Labels]] = []
    for slot in range(MOST_CLAUSES):
        has = np.flatnonzero(on_labels > slot)
        conjunction = np.repeat(has, _some(LABELS_IN_CLAUSE, len(has), rng))
        dimension = dimensions[conjunction, slot]
        token = np.empty(len(conjunction), np.int64)
        for number, name in enumerate(DIMENSIONS):
            here = dimension == number
            token[here] = popularity.spread(name, LEVELS.get(name), int(here.sum()), rng)
        parts.append((conjunction, np.full(len(conjunction), slot), token))
    for place in range(2):
        has = np.flatnonzero(on_words > place)
        conjunction = np.repeat(has, _some(WORDS_IN_CLAUSE, len(has), rng))
        words = popularity.draw("keyword", len(conjunction), rng)
        parts.append((conjunction, on_labels[conjunction] + place, words))
    conjunctions, slots, tokens = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return conjunctions, slots, tokens


def _exclusions(kind: Labels, popularity: Popularity, rng: Generator) -> tuple[Labels, Labels]:
    """(conjunction, token that may not be there)."""
    sometimes = rng.random(len(kind)) < 0.2
    excludes = (kind == KINDS.index("exclusion")) | ((kind == KINDS.index("alternatives")) & sometimes)
    has = np.flatnonzero(excludes)
    conjunction = np.repeat(has, rng.integers(1, 3, len(has)))
    names: Sequence[str] = tuple(EXCLUDED_FAMILIES)
    family = rng.choice(len(names), len(conjunction), p=list(EXCLUDED_FAMILIES.values()))
    token = np.empty(len(conjunction), np.int64)
    for number, name in enumerate(names):
        here = family == number
        token[here] = popularity.spread(name, EXCLUDED_LEVELS.get(name), int(here.sum()), rng)
    return conjunction, token
