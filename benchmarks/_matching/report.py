"""What the children said, put side by side: exactness, ratios, the table and the targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

TRUTHS = (
    "naive Python",
    "naive Python, in pieces",
    "brute scan",
)  # the first that has answered a policy tells
Said = Mapping[str, Any]


@dataclass
class Row:
    """One contender's figures; times in ms over the policies that it was asked, each the median of its rounds."""

    contender: str
    missing: str = ""
    failed: str = ""
    policies: int = 0
    median_ms: float = 0.0
    p99_ms: float = 0.0
    ratio_to_ours: float | None = None
    processor_ms: float = 0.0
    processor_ratio: float | None = None
    exact_on: int = 0
    exact_after_changes_on: int = 0
    wrong_on: int = 0
    figures: dict[str, Any] = field(default_factory=dict)
    load: float = 0.0  # of the machine, over the minute before


def rows(said: Mapping[str, Said], loads: Mapping[str, float]) -> list[Row]:
    """Return a row for each contender; ratios are those of medians over the policies that both were asked."""
    truth = _truth(said)
    made = []
    for name, figures in said.items():
        row = Row(name, load=round(loads[name], 2))
        made.append(row)
        row.missing, row.failed = figures.get("missing", ""), figures.get("failed", "")
        if row.missing or row.failed:
            continue
        times = np.median(figures["times"], axis=0)
        row.policies = len(times)
        row.median_ms, row.p99_ms = (round(float(np.percentile(times, q)), 4) for q in (50, 99))
        row.processor_ms = round(float(np.median(np.median(figures["processor"], axis=0))), 4)
        row.ratio_to_ours = _ratio(figures, said.get("ours", {}), "times")
        row.processor_ratio = _ratio(figures, said.get("ours", {}), "processor")
        first, changed = figures["answers"], figures["changed_answers"]
        row.exact_on, row.exact_after_changes_on = _same(first, truth), _same(changed, truth)
        compared = min(len(first), len(truth)) + min(len(changed), len(truth))
        row.wrong_on = compared - row.exact_on - row.exact_after_changes_on
        row.figures = {
            key: round(value, 4) if isinstance(value, float) else value
            for key, value in figures["figures"].items()
        }
    return made


def _ratio(figures: Said, ours: Said, which: str) -> float | None:
    """Return how many times ours, over the policies that both were asked."""
    if which not in ours:
        return None
    mine, its = (np.median(one[which], axis=0) for one in (figures, ours))
    both = min(len(mine), len(its))
    return round(float(np.median(mine[:both]) / np.median(its[:both])), 2)


def _same(answers: Sequence[str], truth: Sequence[str]) -> int:
    return sum(mine == its for mine, its in zip(answers, truth, strict=False))


def _truth(said: Mapping[str, Said]) -> list[str]:
    """The answer of each policy, from the first of `TRUTHS` that was asked it."""
    truth: list[str] = []
    for name in TRUTHS:
        truth += said.get(name, {}).get("answers", [])[len(truth) :]
    return truth


def matches(said: Mapping[str, Said]) -> list[int]:
    """Return by policy how many subscriptions want it."""
    return [int(answer.partition(":")[0]) for answer in _truth(said)]


HEAD = (
    f"{'':26}{'median ms':>11}{'p99 ms':>11}{'× ours':>9}{'× (cpu)':>9}{'index MB':>10}{'RSS MB':>9}{'build s':>9}"
    f"{'add µs':>9}{'remove µs':>11}{'exact on':>10}{'load':>6}"
)


def table(given: Sequence[Row]) -> str:
    """Return the rows for people to read; MB are of 1024 · 1024 bytes."""
    return "\n".join([HEAD, *map(_line, given)])


def _line(row: Row) -> str:
    if row.missing or row.failed:
        return f"{row.contender:26}" + (f"missing: {row.missing}" if row.missing else f"FAILED: {row.failed}")
    figures = row.figures
    size = figures.get("bytes")
    wrong = f" WRONG on {row.wrong_on}" if row.wrong_on else ""
    return (
        f"{row.contender:26}{row.median_ms:11.3f}{row.p99_ms:11.3f}{_number(row.ratio_to_ours, 9)}"
        f"{_number(row.processor_ratio, 9)}"
        f"{_number(size / 2**20 if size else None, 10)}{_number(figures.get('rss_mb'), 9, 0)}"
        f"{_number(figures.get('build_s'), 9)}{_number(figures.get('add_us'), 9)}"
        f"{_number(figures.get('remove_us'), 11)}{row.exact_on:10}{row.load:6.1f}{wrong}"
    )


def _number(value: float | None, width: int, digits: int = 1) -> str:
    return f"{'–':>{width}}" if value is None else f"{value:{width},.{digits}f}"


def targets(count: int, given: Sequence[Row]) -> list[tuple[str, float, float, bool]]:
    """Return (what, measured, target, reached) for what this size has a target for."""
    by_name = {row.contender: row for row in given if row.policies}
    made: list[tuple[str, float, float, bool]] = []

    def at_least(name: str, target: float) -> None:
        if name not in by_name:
            return
        # By the clock a busy machine lengthens what takes long more than what is short: the lower ratio counts.
        ratios = (by_name[name].ratio_to_ours, by_name[name].processor_ratio)
        if known := [ratio for ratio in ratios if ratio is not None]:
            ratio = min(known)
            made.append((f"{name} as a multiple of ours, at least", ratio, target, ratio >= target))

    def at_most(name: str, figure: str, target: float, scale: float = 1.0) -> None:
        if name in by_name:
            row = by_name[name]
            value = row.median_ms if figure == "median_ms" else row.figures[figure] / scale
            made.append((f"{name}: {figure}, at most", round(value, 3), target, value <= target))

    if count == 1_000_000:
        at_least("brute scan", 6)
        at_least("Lucene CoveringQuery", 20)
        at_least("mokaccino", 200)
        at_most("ours, from snapshot", "process_start_to_answer_s", 2)
    if count == 10_000_000:
        at_most("ours", "median_ms", 15)
        at_most("ours", "bytes", 400, 2**20)
    if count >= 1_000_000:
        at_most("ours", "add_us", 50)
        at_most("ours", "remove_us", 50)
    return made
