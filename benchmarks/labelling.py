"""How fast a text is labelled, and its words found: by our automaton, pyahocorasick and a plain loop, in one run.

Texts of 10,000 and 100,000 characters are put together from the demo's policies, or from the documents of a JSONL file
with a ``text`` each; garbage is collected as the service does. Start and memory are those of fresh processes, with and
without a labeller. Prints a table and writes JSON. Run it with
``python benchmarks/labelling.py [--texts FILE.jsonl] [--rounds 40] [--json FILE]``.
"""

import argparse
import gc
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from statistics import median, quantiles

import ahocorasick

# `benchmarks/channels.py` is no room of the house.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from service.bootstrap import GARBAGE
from service.demo.policies import demo_policies
from streams.labelling import default_labeller
from streams.labelling.facts import read_facts
from streams.labelling.normalise import normalise
from streams.labelling.patterns import Patterns
from streams.labelling.worth import Worths

SIZES = (10_000, 100_000)
FRESH = """
import sys, time
start = time.perf_counter()
if sys.argv[1] == "labeller":
    from streams.labelling import default_labeller
    default_labeller().label(title="关于申报的通知", body="对企业给予补贴。", issuer="")
took = time.perf_counter() - start
with open("/proc/self/status") as status:
    peak = next(line for line in status if line.startswith("VmHWM"))
print(took, int(peak.split()[1]) / 1024)
"""


@dataclass(frozen=True)
class Took:
    """Milliseconds for one text."""

    what: str
    characters: int
    median_ms: float
    p95_ms: float


def texts(documents: Sequence[str], characters: int, count: int) -> list[str]:
    """Return ``count`` different texts of that length, running on through the documents."""
    whole = "\n".join(documents)
    whole *= (characters * count) // len(whole) + 2
    step = len(whole) // (count + 1)
    return [whole[at * step : at * step + characters] for at in range(count)]


def timed(what: str, work: Callable[[str], object], given: Sequence[str]) -> Took:
    """Time ``work`` on each text."""
    took = []
    for text in given:
        start = time.perf_counter()
        work(text)
        took.append((time.perf_counter() - start) * 1000)
    return Took(what, len(given[0]), round(median(took), 3), round(quantiles(took, n=20)[-1], 3))


def peers(words: Sequence[str]) -> dict[str, Callable[[str], object]]:
    """Three ways to find every one of these words in a normalised text."""
    automaton = ahocorasick.Automaton()
    for word in words:
        automaton.add_word(word, word)
    automaton.make_automaton()

    def plain_loop(text: str) -> list[tuple[int, str]]:
        found = []
        for word in words:
            at = text.find(word)
            while at >= 0:
                found.append((at, word))
                at = text.find(word, at + 1)
        return found

    return {"pyahocorasick": lambda text: list(automaton.iter(text)), "plain loop": plain_loop}


def fresh(what: str) -> tuple[float, float]:
    """(seconds, resident MB) of a new process; the median of five."""
    runs = [
        tuple(map(float, subprocess.check_output([sys.executable, "-c", FRESH, what], text=True).split()))
        for _ in range(5)
    ]
    return median(run[0] for run in runs), median(run[1] for run in runs)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--texts", type=Path, help="JSONL, a document with a text a line; else the demo's policies"
    )
    parser.add_argument("--rounds", type=int, default=40, help="texts of 10,000 characters, at least 2")
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results/labelling.json"))
    given = parser.parse_args()
    if given.rounds < 2:
        parser.error("--rounds: at least 2, or there is no 95th percentile")
    if given.texts:
        documents = [json.loads(line)["text"] for line in given.texts.read_text("utf-8").splitlines()]
        if not any(documents):
            parser.error(f"--texts: {given.texts} holds no text")
    else:
        documents = [policy["body"] for policy in demo_policies(date(2026, 3, 1))]
    gc.set_threshold(*GARBAGE)
    labeller = default_labeller()
    labeller.label(title="", body="", issuer="")
    lexicon = labeller.lexicon
    asked = [rule for rule in lexicon.rules if rule.dimension != "region"]
    patterns = Patterns(asked, lexicon.common, Worths(lexicon.policies).in_body)
    words = [word for word in patterns.words[: patterns.anywhere] if word.isprintable()]
    rows = []
    for size in SIZES:
        raw = texts(documents, size, given.rounds if size == SIZES[0] else max(5, given.rounds // 4))
        plain = [normalise(text).text for text in raw]
        rows.append(timed("labels", lambda text: labeller.label(title="", body=text, issuer=""), raw))
        rows.append(timed("facts", lambda text: read_facts(title="", body=text), raw))
        rows.append(timed("words, daachorse", patterns.hits, plain))
        rows += [timed(f"words, {name}", find, plain) for name, find in peers(words).items()]
    bare, whole = fresh("nothing"), fresh("labeller")
    start_s, memory_mb = round(whole[0] - bare[0], 3), round(whole[1] - bare[1], 1)
    for row in rows:
        print(
            f"{row.what:22}{row.characters:>9,} characters{row.median_ms:>10.2f} ms{row.p95_ms:>10.2f} ms p95"
        )
    # Of which build: one with profiles is a sixth faster, and no version tells it.
    python = f"Python {platform.python_version()} ({', '.join(platform.python_build())})"
    print(f"{python}; {len(words):,} words; start {start_s} s, {memory_mb} MB above the interpreter")
    result = {
        "python": python,
        "words": len(words),
        "rows": [asdict(row) for row in rows],
        "start_s": start_s,
        "memory_mb": memory_mb,
    }
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
