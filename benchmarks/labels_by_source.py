"""How right labels are on a source whose words nobody had looked at: a cross-validation by source.

Each source's documents are labelled by a lexicon without the words that stand in no document of another source (and in
no name of the taxonomies): terms, and what rules ask for near them. A rule without terms, or without any of the words
that it asks for, is gone. Weights and thresholds stay, so it is kinder there than rules written anew would be; words
that anybody would have thought of go as well, so it is harder here.

The directory is that of ``benchmarks/labels.py``; its other JSONL files, and any file named by ``--also``, count as
looked at. Run it with ``python benchmarks/labels_by_source.py DIRECTORY [--also FILE ...] [--json FILE]``.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace
from pathlib import Path
from typing import Any

from daachorse import CharwiseDoubleArrayAhoCorasick

# `benchmarks/channels.py` is no room of the house.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.labels import check_directory, rows_of, scorer_in
from config.taxonomies import Lexicon, Rule, Taxonomy, load_lexicon, load_taxonomy
from streams.labelling import Labeller
from streams.labelling.normalise import fold

ONE = ("kind", "action")  # dimensions of exactly one code


def bare(word: str) -> str:
    """Return a word as texts hold it."""
    return fold(word.strip("^$"))


class Words:
    """Tells which words of a lexicon stand in a text."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        words = {
            bare(word)
            for rule in rules
            for list_ in (rule.terms, *(asked.words for asked in (*rule.nearby, *rule.presence)))
            for word in list_
        }
        self._words = sorted(words - {""})
        self._automaton = CharwiseDoubleArrayAhoCorasick(self._words)

    def of(self, text: str) -> set[str]:
        """Return those of a text."""
        return {self._words[number] for _, _, number in self._automaton.find_overlapping(fold(text))}


def without(lexicon: Lexicon, seen: Set[str]) -> tuple[Lexicon, int]:
    """Return the lexicon of the words that were seen, and how many terms are gone.

    Places, headings and negations stay.
    """
    rules: list[Rule] = []
    gone: set[tuple[str, str]] = set()

    def kept(words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(word for word in words if bare(word) in seen)

    for rule in lexicon.rules:
        if rule.dimension == "region":
            rules.append(rule)
            continue
        terms = kept(rule.terms)
        gone |= {(rule.dimension, term) for term in set(rule.terms) - set(terms)}
        nearby = tuple(replace(asked, words=kept(asked.words)) for asked in rule.nearby)
        presence = tuple(replace(asked, words=kept(asked.words)) for asked in rule.presence)
        if terms and all(asked.words or not asked.wanted for asked in (*nearby, *presence)):
            near = tuple(asked for asked in nearby if asked.words)
            rules.append(
                replace(
                    rule, terms=terms, nearby=near, presence=tuple(asked for asked in presence if asked.words)
                )
            )
    return replace(lexicon, rules=tuple(rules)), len(gone)


def labelled(labeller: Labeller, document: dict[str, Any]) -> dict[str, Any]:
    """Return a document's labels in the shape of ``labelled_dev.jsonl``, without facts."""
    found: dict[str, Any] = defaultdict(list)
    for label in labeller.label(
        title=document["title"] or "",
        body=document["text"],
        issuer=document["issuer"] or "",
        region_hint=document["region"],
    ):
        found[label.dimension].append(label.code)
    return found | {name: found[name][0] for name in ONE}


def read(file: Path) -> str:
    """Return all that a file says, escapes of JSON undone."""
    text = file.read_text("utf-8-sig")
    return (
        json.dumps([json.loads(line) for line in text.splitlines()], ensure_ascii=False)
        if file.suffix == ".jsonl"
        else text
    )


def looked_at(directory: Path, also: Iterable[Path], taxonomy: Taxonomy) -> Iterator[str]:
    """Yield what counts as looked at whatever the source: other files of the directory, names of the taxonomies."""
    for file in (*sorted(directory.glob("*.jsonl")), *also):
        if file.name not in ("real_policies.jsonl", "labelled_dev.jsonl"):
            yield read(file)
    for entries in taxonomy.codes.values():
        yield "\n".join(entry.name for entry in entries.values())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", type=Path)
    parser.add_argument("--also", type=Path, nargs="*", default=[])
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results/labels_by_source.json"))
    given = parser.parse_args()
    check_directory(parser, given.directory)
    documents = rows_of(given.directory / "real_policies.jsonl")
    gold = rows_of(given.directory / "labelled_dev.jsonl")
    scorer, taxonomy, lexicon = scorer_in(given.directory), load_taxonomy(), load_lexicon()
    words = Words(lexicon.rules)
    always: set[str] = set().union(*map(words.of, looked_at(given.directory, given.also, taxonomy)))
    of: dict[str, set[str]] = defaultdict(set)
    for document in documents.values():
        of[str(document.get("source_repo"))] |= words.of(f"{document['title']}\n{document['text']}")
    found: dict[str, dict[str, Any]] = {}
    by_source: dict[str, Any] = {}
    for source in sorted(of):
        names = [name for name in gold if str(documents[name].get("source_repo")) == source]
        if not names:
            continue
        left, gone = without(lexicon, always.union(*(own for other, own in of.items() if other != source)))
        labeller = Labeller(taxonomy, left)
        found |= {name: labelled(labeller, documents[name]) for name in names}
        by_source[source] = scorer.score({name: gold[name] for name in names}, found)["MICRO"]
        print(
            f"{len(names):4} documents of {source:52} micro F1 {by_source[source]['f1']}, {gone:,} terms gone"
        )
    table = scorer.score(gold, found)
    for name in (*taxonomy.dimensions, "MICRO"):
        print(f"{name:16} {table[name]}")
    given.json.parent.mkdir(parents=True, exist_ok=True)
    result = {"documents": len(gold), "table": table, "by_source": by_source}
    given.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
