"""How right the labels are: real documents labelled by the command line, scored against labels made by reading.

The directory has ``real_policies.jsonl`` (id, title, text, issuer, publish_date, region, source_repo),
``labelled_dev.jsonl`` (labels made by reading) and ``score_labels.py``, whose table is printed; then the score of each
source. Run it with ``make bench-labels`` or ``python benchmarks/labels.py DIRECTORY [--json FILE]``.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

ZHENGDA = [sys.executable, "-c", "from service.cli import main; main()"]


def check_directory(parser: argparse.ArgumentParser, directory: Path) -> None:
    """Leave with what is missing, unless the directory holds what is read from it."""
    for name in ("real_policies.jsonl", "labelled_dev.jsonl", "score_labels.py"):
        if not (directory / name).is_file():
            parser.error(
                f"there is no {directory / name}: name the directory of labelled documents (LABELLED=)"
            )


def rows_of(file: Path) -> dict[str, dict[str, Any]]:
    """Return the rows of a JSONL file by their id."""
    rows = map(json.loads, file.read_text("utf-8").splitlines())
    return {row["id"]: row for row in rows}


def scorer_in(directory: Path) -> ModuleType:
    """Return the program that scores labels."""
    spec = importlib.util.spec_from_file_location("score_labels", directory / "score_labels.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", type=Path)
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results/labels.json"))
    given = parser.parse_args()
    check_directory(parser, given.directory)
    documents = rows_of(given.directory / "real_policies.jsonl")
    gold = rows_of(given.directory / "labelled_dev.jsonl")
    scorer = scorer_in(given.directory)
    with TemporaryDirectory() as place:
        asked, answered = Path(place) / "in.jsonl", Path(place) / "out.jsonl"
        lines = (json.dumps(documents[name], ensure_ascii=False) for name in gold)
        asked.write_text("\n".join(lines) + "\n", encoding="utf-8")
        subprocess.run(
            [*ZHENGDA, "label", "--jsonl", asked, "--out", answered], check=True, stdout=subprocess.DEVNULL
        )
        found = rows_of(answered)
    sources: dict[str, dict[str, Any]] = defaultdict(dict)
    for name, labels in gold.items():
        sources[str(documents[name].get("source_repo"))][name] = labels
    table = scorer.score(gold, found)
    for name, figures in table.items():
        print(f"{name:16} {figures}")
    by_source = {source: scorer.score(some, found)["MICRO"] for source, some in sources.items()}
    for source, figures in sorted(by_source.items(), key=lambda one: -len(sources[one[0]])):
        print(f"{len(sources[source]):4} documents of {source:52} micro F1 {figures['f1']}")
    given.json.parent.mkdir(parents=True, exist_ok=True)
    result = {"documents": len(gold), "table": table, "by_source": by_source}
    given.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
