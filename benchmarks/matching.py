"""Who wants a policy: our index beside a brute scan, pyroaring, mokaccino, Lucene's CoveringQuery and plain Python.

Subscriptions and policies are drawn (regions and industries in levels, few labels wanted by many, keywords, exclusions,
alternatives; a policy has 5 to 40 labels and all above them, and up to 400 keywords). Each contender has a process of
its own, one after another; a policy's time is the median over rounds. Every answer is compared: with naive Python on a
sample of the policies, on the others with the brute scan, and again after subscriptions were removed and added anew. A
wrong answer fails the run. What is not installed is named as missing. "Profiles" are the same subscriptions, with every
clause holding also for a policy without a label in its dimension. "× ours" is the ratio of medians over the policies
that both were asked; "(cpu)" is the same in time of the processor, which other work on the machine does not lengthen.
Prints tables and writes JSON.

Run it with ``python benchmarks/matching.py [--subscriptions 100000 1000000] [--ten-million] [--policies 200]
[--json FILE]``; ten million are of ours alone, checked by the brute scan and, for two policies, by naive Python in
pieces, which makes its objects anew each time. A million needs about 4 GB of memory and ten million as much.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks._matching.catalogue import Catalogue, Popularity, catalogue
from benchmarks._matching.policies import HISTORY, Tokens, draw_policies, or_none, save_policies, weights
from benchmarks._matching.report import Row, matches, rows, table, targets
from benchmarks._matching.subscriptions import Subscriptions, draw_subscriptions

ROOT = Path(__file__).resolve().parent.parent
TEN_MILLION = 10_000_000
POLICIES_SEED, HISTORY_SEED = 101, 202
PACKAGES = ("numpy", "numba", "pyroaring", "mokaccino")


@dataclass(frozen=True)
class Entry:
    """How much a contender is asked: at most so many policies, so often, with so many changes."""

    policies: int = 1_000_000
    rounds: int = 3
    changes: int = 1_000


OURS = Entry(rounds=7, changes=10_000)
ALL: Mapping[str, Entry] = {
    "naive Python": Entry(policies=40, rounds=1),
    "ours": OURS,
    "ours, from snapshot": OURS,
    "ours, 16 shards": OURS,
    "brute scan": Entry(),
    "pyroaring": Entry(),
    "mokaccino": Entry(policies=20, rounds=1),
    "Lucene CoveringQuery": Entry(),
    "ours, once more": OURS,
}
PROFILES: Mapping[str, Entry] = {
    "naive Python": Entry(policies=20, rounds=1),
    "ours": OURS,
    "ours, 16 shards": OURS,
    "brute scan": Entry(),
}
ALONE: Mapping[str, Entry] = {
    "naive Python, in pieces": Entry(policies=2, rounds=1),
    "ours": OURS,
    "ours, from snapshot": OURS,
    "brute scan": Entry(rounds=1),
}


def write_workload(
    folder: Path, subscriptions: Subscriptions, asked: Sequence[Tokens], history: list[Tokens], tokens: int
) -> None:
    """Leave all that the children read."""
    subscriptions.save(folder / "subscriptions")
    save_policies(folder / "policies.npy", list(asked))
    np.save(folder / "weights.npy", weights(history, tokens))


def run(name: str, entry: Entry, folder: Path, policies: int, count: int) -> dict[str, Any]:
    """Measure one contender in its process; one that fails is told of and ends nothing."""
    numbers = (min(policies, entry.policies), entry.rounds, min(entry.changes, count // 10))
    command = [sys.executable, "-m", "benchmarks._matching.child", name, str(folder), *map(str, numbers)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": f"exit {done.returncode}: {(done.stderr.strip() or 'killed').splitlines()[-1]}"}
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def compare(
    title: str, count: int, entries: Mapping[str, Entry], policies: int, write: Callable[[Path], None]
) -> dict[str, Any]:
    """Measure all contenders on one workload, print the table and return what goes into the JSON."""
    said, loads = {}, {}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write(folder)
        for name, entry in entries.items():
            loads[name] = os.getloadavg()[0]
            print(f"... {title}: {name}", file=sys.stderr)
            said[name] = run(name, entry, folder, policies, count)
    found = rows(said, loads)
    reached = targets(count, found) if "profiles" not in title else []
    wanted = matches(said)
    print(f"\n{title}; a policy is wanted by {np.median(wanted):,.0f} (median), {max(wanted):,} (most)")
    print(table(found))
    _print_ours(found)
    for what, value, target, good in reached:
        print(f"  {'reached' if good else 'MISSED '}  {what} {target:g}: {value:,.2f}")
    return {
        "workload": title,
        "subscriptions": count,
        "matches_median": float(np.median(wanted)),
        "rows": [asdict(row) for row in found],
        "targets": [
            dict(zip(("what", "measured", "target", "reached"), one, strict=True)) for one in reached
        ],
    }


def _print_ours(found: Sequence[Row]) -> None:
    """What is told of our index alone."""
    for row in found:
        of = row.figures
        if "compaction_s" in of:
            print(
                f"  {row.contender}: {of['with_changes_ms']:.3f} ms with {of['changes']:,.0f} changes not compacted; "
                f"compaction {of['compaction_s']:.2f} s; p99 of add {of['add_p99_us']:.0f} µs, of remove "
                f"{of['remove_p99_us']:.0f} µs; {of['peak_mb']:,.0f} MB at most while building"
            )
        if "open_s" in of:
            print(
                f"  {row.contender}: mapped in {of['open_s'] * 1e3:.1f} ms, first answer after "
                f"{of['first_answer_s']:.2f} s, and {of['process_start_to_answer_s']:.2f} s after the process began "
                f"({of['process_start_to_answer_cpu_s']:.2f} s of the processor)"
            )


def workloads(
    given: argparse.Namespace, labels: Catalogue
) -> list[tuple[str, int, Mapping[str, Entry], Callable[[Path], None]]]:
    """(title, subscriptions, contenders, what writes it) of each table; drawn when it is written."""
    popularity = Popularity(labels)
    asked = draw_policies(given.policies, labels, popularity, POLICIES_SEED)
    history = draw_policies(HISTORY, labels, popularity, HISTORY_SEED)

    def plain(count: int) -> Callable[[Path], None]:
        return lambda folder: write_workload(
            folder, draw_subscriptions(count, labels, popularity), asked, history, labels.tokens
        )

    def profiles(count: int) -> Callable[[Path], None]:
        return lambda folder: write_workload(
            folder,
            draw_subscriptions(count, labels, popularity).or_none(labels),
            [or_none(policy, labels) for policy in asked],
            [or_none(policy, labels) for policy in history],
            labels.tokens,
        )

    made: list[tuple[str, int, Mapping[str, Entry], Callable[[Path], None]]] = []
    for count in given.subscriptions:
        made.append((f"{count:,} subscriptions", count, ALL, plain(count)))
        made.append((f"{count:,} profiles", count, PROFILES, profiles(count)))
    if given.ten_million:
        made.append((f"{TEN_MILLION:,} subscriptions", TEN_MILLION, ALONE, plain(TEN_MILLION)))
    return made


def failures(made: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the contenders that ended early or answered anything wrong."""
    return [
        f"{one['workload']}: {row['contender']}"
        for one in made
        for row in one["rows"]
        if row["failed"] or row["wrong_on"]
    ]


def _machine() -> dict[str, Any]:
    cpu = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "missing"
    return {
        "cpu": cpu[0].partition(":")[2].strip() if cpu else platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **versions,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--subscriptions", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--ten-million", action="store_true")
    parser.add_argument("--policies", type=int, default=200)
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results/matching.json"))
    given = parser.parse_args()
    began = time.time()
    made = [
        compare(title, count, entries, given.policies, write)
        for title, count, entries, write in workloads(given, catalogue())
    ]
    result = {"machine": _machine(), "seconds": round(time.time() - began), "workloads": made}
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if bad := failures(made):
        sys.exit("failed or wrong: " + "; ".join(bad))


if __name__ == "__main__":
    main()
