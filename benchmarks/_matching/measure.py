"""One contender in its process: built, asked about every policy in rounds, changed, and asked again."""

import gc
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks._matching.contender import Adding, Builder, Contender, Removing, Weights
from benchmarks._matching.policies import Tokens, load_policies
from benchmarks._matching.records import decoded
from benchmarks._matching.subscriptions import Subscriptions

WARM = 500  # subscriptions on which kernels are compiled before memory and time count


@dataclass(frozen=True)
class Task:
    """What a contender is asked: the folder of the workload, how many of its policies, how often, how many changes."""

    folder: Path
    policies: int
    rounds: int
    changes: int

    def subscriptions(self) -> Subscriptions:
        """Read them."""
        return Subscriptions.load(self.folder / "subscriptions")

    def weights(self) -> Weights:
        """Read how likely a policy has each token."""
        return np.load(self.folder / "weights.npy")

    def asked(self) -> list[Tokens]:
        """Read the policies."""
        return load_policies(self.folder / "policies.npy")[: self.policies]


@dataclass
class Figures:
    """What was measured of a contender.

    Attributes:
        times: Milliseconds by round and policy.
        processor: The same in time of the processor: what other work on the machine does not lengthen.
        answers: By policy how many subscriptions and a digest of their numbers: the same for the same answer.
        figures: The others by name, the unit last.
        changed_answers: The same after subscriptions were removed and added again under new numbers, those numbers put
            back; empty where nothing was changed.
    """

    times: list[list[float]] = field(default_factory=list)
    processor: list[list[float]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    figures: dict[str, float | str | None] = field(default_factory=dict)
    changed_answers: list[str] = field(default_factory=list)


def measured(build: Builder, task: Task) -> Figures:
    """Measure a contender of this language."""
    _, made = prepared(build, task)
    return made


def prepared(build: Builder, task: Task) -> tuple[Contender, Figures]:
    """Build a contender, measure it, and return it with its figures."""
    asked, weights = task.asked(), task.weights()
    given = task.subscriptions()
    build(given.first(WARM), weights).match(asked[0])
    del given
    gc.collect()
    before = resident_mb()
    given = task.subscriptions()
    began = time.perf_counter()
    contender = build(given, weights)
    made = Figures(figures={"build_s": time.perf_counter() - began, "peak_mb": resident_mb("VmHWM")})
    some = given.where(_evenly(given.count, task.changes))
    count = given.count
    del given
    gc.collect()
    made.figures |= {"rss_mb": resident_mb() - before, "bytes": contender.nbytes}
    ask(contender, asked, task.rounds, made)
    change(contender, some, count, asked, made)
    return contender, made


def ask(contender: Contender, asked: Sequence[Tokens], rounds: int, made: Figures) -> None:
    """Note times and, from the first round, answers."""
    for number in range(rounds):
        took, processor = [], []
        for policy in asked:
            began, began_processor = time.perf_counter(), time.thread_time()
            found = contender.match(policy)
            took.append((time.perf_counter() - began) * 1e3)
            processor.append((time.thread_time() - began_processor) * 1e3)
            if number == 0:
                made.answers.append(digest(found))
        made.times.append(took)
        made.processor.append(processor)


def change(
    contender: Contender, some: Subscriptions, count: int, asked: Sequence[Tokens], made: Figures
) -> None:
    """Remove ``some`` and add them under new numbers, time each, and note the answers with the old numbers."""
    numbers = np.flatnonzero(_evenly(count, some.count))
    if isinstance(contender, Removing):
        made.figures |= _each("remove", contender.remove, [(number,) for number in numbers.tolist()])
    if isinstance(contender, Adding):
        further = [(count + number, conjunctions) for number, conjunctions in decoded(some)]
        made.figures |= _each("add", contender.add, further)
        back = np.concatenate((np.arange(count, dtype=np.uint32), numbers.astype(np.uint32)))
        once = not isinstance(contender, Removing)  # then the old ones are still there too
        for policy in asked:
            found = back[contender.match(policy)]
            made.changed_answers.append(digest(np.unique(found) if once else found))


def _evenly(count: int, some: int) -> NDArray[np.bool_]:
    chosen = np.zeros(count, np.bool_)
    chosen[np.linspace(0, count - 1, some).astype(np.int64)] = True
    return chosen


def _each(
    what: str, work: Callable[..., object], given: Iterable[tuple[object, ...]]
) -> dict[str, float | str | None]:
    """Return the mean and the 99th percentile of microseconds."""
    took = []
    for arguments in given:
        began = time.perf_counter()
        work(*arguments)
        took.append((time.perf_counter() - began) * 1e6)
    return {f"{what}_us": float(np.mean(took)), f"{what}_p99_us": float(np.percentile(took, 99))}


def digest(found: NDArray[np.integer]) -> str:
    """Return how many numbers these are and what tells them from others, whatever their order."""
    ordered = np.sort(found).astype("<u4")
    return f"{len(ordered)}:{blake2b(ordered.tobytes(), digest_size=8).hexdigest()}"


def resident_mb(which: str = "VmRSS") -> float:
    """Return the memory of this process in MiB: now, or with ``VmHWM`` the most it ever had."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(which):
            return int(line.split()[1]) / 1024
    raise LookupError(which)
