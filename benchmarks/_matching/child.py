"""The process of one contender: ``python -m benchmarks._matching.child NAME FOLDER POLICIES ROUNDS CHANGES``.

Prints what it has measured, or what is missing, as a line of JSON.
"""

import json
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from benchmarks._matching.contender import MissingError
from benchmarks._matching.measure import Task, measured

# Only what is asked is imported: nobody's start and memory are those of others. A class is built and measured; a
# function measures by itself.
CONTENDERS = {
    "naive Python": ("naive", "Naive"),
    "naive Python, in pieces": ("naive", "NaiveInPieces"),
    "ours": ("ours", "one_index"),
    "ours, from snapshot": ("ours", "from_snapshot"),
    "ours, 16 shards": ("ours", "Sharded"),
    "ours, once more": ("ours", "Ours"),
    "brute scan": ("scan", "Scan"),
    "pyroaring": ("roaring", "Roaring"),
    "mokaccino": ("percolator", "Mokaccino"),
    "Lucene CoveringQuery": ("covering", "covering_query"),
}


def main() -> None:
    name, folder, policies, rounds, changes = sys.argv[1:]
    task = Task(Path(folder), int(policies), int(rounds), int(changes))
    module, attribute = CONTENDERS[name]
    contender = getattr(import_module(f"benchmarks._matching.{module}"), attribute)
    try:
        figures = measured(contender, task) if isinstance(contender, type) else contender(task)
        said = asdict(figures)
    except MissingError as error:
        said = {"missing": str(error)}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
