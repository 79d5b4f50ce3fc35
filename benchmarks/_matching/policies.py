"""Policies of the workload: each is the tokens that hold for it."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks._matching.catalogue import DIMENSIONS, Catalogue, Popularity

Tokens = NDArray[np.uint32]

LABELS = (5, 41)  # from, below
WORDS = (20, 400)
FURTHER = {
    "industry": 0.42,
    "theme": 0.25,
    "qualification": 0.15,
    "size": 0.10,
    "ownership": 0.03,
    "region": 0.05,
}
FIRST_REGIONS = (0.1, 0.4, 0.35, 0.15)  # over its levels
FURTHER_LEVELS = {"region": (0, 0.1, 0.5, 0.4), "industry": (0.05, 0.25, 0.4, 0.3)}
FEW = {"size": 3, "ownership": 3}  # as there are hardly more
HISTORY = 300
UNSEEN = 0.02  # what a label weighs that no policy of the history had


def draw_policies(count: int, labels: Catalogue, popularity: Popularity, seed: int) -> list[Tokens]:
    """Return policies with 5 to 40 labels and all labels above them, and 20 to 399 keywords, in ascending order."""
    rng = np.random.default_rng(seed)
    return [_draw_policy(labels, popularity, rng) for _ in range(count)]


def _draw_policy(labels: Catalogue, popularity: Popularity, rng: np.random.Generator) -> Tokens:
    wanted = int(rng.integers(*LABELS))
    chosen = set(popularity.draw("kind", int(rng.integers(1, 3)), rng).tolist())
    chosen.update(popularity.spread("region", FIRST_REGIONS, int(rng.integers(1, 3)), rng).tolist())
    names, shares = list(FURTHER), list(FURTHER.values())
    while len(chosen) < wanted:
        name = str(rng.choice(names, p=shares))
        if name in FEW and len(chosen.intersection(labels.rows[name][0])) >= FEW[name]:
            continue
        chosen.update(popularity.spread(name, FURTHER_LEVELS.get(name), 1, rng).tolist())
    whole = set(chosen)
    for label in chosen:
        while label := int(labels.parent[label]):
            whole.add(label)
    whole.update(popularity.draw("keyword", int(rng.integers(*WORDS)), rng).tolist())
    return np.array(sorted(whole), np.uint32)


def or_none(policy: Tokens, labels: Catalogue) -> Tokens:
    """Return the policy's tokens and a ``none:`` for each dimension in which it has no label."""
    there = set(labels.family[policy].tolist())
    none = [labels.first_none + n for n in range(len(DIMENSIONS)) if n not in there]
    return np.concatenate((policy, np.array(none, np.uint32)))


def weights(history: list[Tokens], tokens: int) -> NDArray[np.float64]:
    """Return by token how likely a policy has it, judged by earlier policies."""
    seen = np.full(tokens, UNSEEN)
    for policy in history:
        seen[policy] += 1
    return seen / len(history)


def save_policies(path: Path, policies: list[Tokens]) -> None:
    """Write them as one array: how many tokens, the tokens, and so on (little-endian u32, behind numpy's head)."""
    np.save(path, np.concatenate([np.append(np.uint32(len(policy)), policy) for policy in policies]))


def load_policies(path: Path) -> list[Tokens]:
    """Read what `save_policies` has written."""
    flat, at, policies = np.load(path), 0, []
    while at < len(flat):
        end = at + 1 + int(flat[at])
        policies.append(flat[at + 1 : end])
        at = end
    return policies
