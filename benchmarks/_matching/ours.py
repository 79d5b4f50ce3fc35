"""Our index: as it is, over 16 shards, and from its snapshot on disk."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks._matching.contender import MissingError, Weights
from benchmarks._matching.measure import Figures, Task, ask, digest, prepared, resident_mb
from benchmarks._matching.records import Conjunction
from benchmarks._matching.subscriptions import Subscriptions, starts
from streams.matching.packed import Columns, Packed

SHARDS = 16


def columns(given: Subscriptions) -> Columns:
    """Return the subscriptions in the form that the index is built from."""
    return Columns(
        owner=given.owner,
        clause_starts=starts(given.clauses),
        token_starts=starts(given.widths),
        tokens=given.tokens,
        excluded_starts=starts(given.exclusions),
        excluded=given.excluded,
    )


class Ours:
    """One index."""

    def __init__(self, given: Subscriptions, weights: Weights) -> None:
        self.packed = Packed.build(columns(given), weights)

    @property
    def nbytes(self) -> int:
        """See `Contender`."""
        return self.packed.nbytes

    def match(self, tokens: NDArray[np.uint32]) -> NDArray[np.integer]:
        """See `Contender`."""
        return self.packed.match(tokens)

    def add(self, subscription: int, conjunctions: Sequence[Conjunction]) -> None:
        """See `Adding`."""
        self.packed.add(subscription, conjunctions)

    def remove(self, subscription: int) -> None:
        """See `Removing`."""
        self.packed.remove(subscription)


class Sharded:
    """Sixteen indexes asked one after another, as one process does that has all shards."""

    def __init__(self, given: Subscriptions, weights: Weights) -> None:
        shard = np.arange(given.count) % SHARDS
        self._shards = [
            Packed.build(columns(given.where(shard == number)), weights) for number in range(SHARDS)
        ]

    @property
    def nbytes(self) -> int:
        """See `Contender`."""
        return sum(shard.nbytes for shard in self._shards)

    def match(self, tokens: NDArray[np.uint32]) -> NDArray[np.integer]:
        """See `Contender`."""
        found = [shard.match(tokens) * SHARDS + number for number, shard in enumerate(self._shards)]
        return np.concatenate(found)


def one_index(task: Task) -> Figures:
    """Measure an index; then ask it with its changes not yet compacted, compact it, and leave its snapshot."""
    folder = task.folder / "snapshot"
    contender, made = prepared(Ours, task)
    assert isinstance(contender, Ours)
    asked = task.asked()
    with_changes = Figures()
    ask(contender, asked, task.rounds, with_changes)
    began = time.perf_counter()
    compacted = contender.packed.compacted(task.weights())
    made.figures |= {
        "changes": float(contender.packed.delta),
        "with_changes_ms": float(np.median(np.median(with_changes.times, axis=0))),
        "compaction_s": time.perf_counter() - began,
    }
    if [digest(compacted.match(policy)) for policy in asked] != [
        digest(contender.match(policy)) for policy in asked
    ]:
        made.changed_answers = ["not the same after compaction"] * len(asked)
    _save(Packed.build(columns(task.subscriptions()), task.weights()), folder)
    return made


def _save(packed: Packed, folder: Path) -> None:
    folder.mkdir()
    for name, array in packed.arrays().items():
        np.save(folder / f"{name}.npy", array)


def from_snapshot(task: Task) -> Figures:
    """Measure a fresh process that maps the snapshot: until its first answer, then as every contender."""
    folder = task.folder / "snapshot"
    if not folder.is_dir():
        raise MissingError("there is no snapshot, as our index was not measured before")
    asked = task.asked()
    before = resident_mb()
    began = time.perf_counter()
    packed = Packed.of_arrays({path.stem: np.load(path, mmap_mode="r") for path in folder.glob("*.npy")})
    opened = time.perf_counter() - began
    packed.match(asked[0])
    answered = time.perf_counter() - began
    since, processor = _since_start_s(), time.process_time()
    made = Figures()
    ask(packed, asked, task.rounds, made)
    made.figures = {
        "open_s": opened,
        "first_answer_s": answered,
        "process_start_to_answer_s": since,
        "process_start_to_answer_cpu_s": processor,
        "bytes": float(packed.nbytes),
        "rss_mb": resident_mb() - before,
    }
    return made


def _since_start_s() -> float:
    """Return the seconds since this process was started."""
    began = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    up = float(Path("/proc/uptime").read_text().split()[0])
    return up - began / os.sysconf("SC_CLK_TCK")
