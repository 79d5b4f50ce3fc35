"""Lucene's CoveringQuery: Covering.java is compiled and run with Debian's jars."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np

from benchmarks._matching.contender import MissingError
from benchmarks._matching.measure import Figures, Task, digest
from benchmarks._matching.policies import save_policies
from benchmarks._matching.records import records

JARS = Path("/usr/share/java")
NEEDED = ("lucene-core", "lucene-sandbox")  # CoveringQuery is in the latter
HEAP = "-Xmx4g"
SOURCE = Path(__file__).with_name("Covering.java")


def lucene() -> str:
    """Return the class path.

    Raises:
        MissingError: there is no Java, no compiler or no Lucene 8.
    """
    absent = [program for program in ("java", "javac") if not shutil.which(program)]
    if absent:
        raise MissingError(f"{' and '.join(absent)} not installed (Debian: openjdk-17-jdk-headless)")
    jars = [sorted(JARS.glob(f"{name}-8.*.jar")) for name in NEEDED]
    if not all(jars):
        raise MissingError(f"no Lucene 8 in {JARS} (Debian: liblucene8-java)")
    return ":".join(str(found[-1]) for found in jars)


def covering_query(task: Task) -> Figures:
    """Measure it in a Java of its own; the answers are read back from a file."""
    jars = lucene()
    folder = task.folder / "java"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    given = task.subscriptions()
    np.save(folder / "records.npy", records(given.rarest_first(task.weights())))
    save_policies(folder / "policies.npy", task.asked())
    subprocess.run(["javac", "-nowarn", "-cp", jars, "-d", folder, SOURCE], check=True)
    command = [
        "java",
        HEAP,
        "-cp",
        f"{folder}:{jars}",
        "Covering",
        folder,
        given.count,
        task.rounds,
        task.changes,
    ]
    done = subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE, text=True)
    said = json.loads(done.stdout)
    return Figures(
        times=said.pop("times"),
        processor=said.pop("processor"),
        answers=_answers(folder / "answers.bin"),
        figures=said,
    )


def _answers(path: Path) -> list[str]:
    flat, at, answers = np.fromfile(path, ">u4"), 0, []
    while at < len(flat):
        end = at + 1 + int(flat[at])
        answers.append(digest(flat[at + 1 : end]))
        at = end
    return answers
