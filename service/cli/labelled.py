"""A labelled text on the terminal: its evidence marked, its labels and facts in tables, two lexicons side by side."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from rich.table import Table
from rich.text import Text

from config.taxonomies import Taxonomy
from service.cli.documents import Document
from service.cli.face import Face
from service.cli.facts import ShownFact, fact_in_words, print_facts
from service.cli.failures import SomeRefused
from service.cli.origins import origin_in_words
from service.cli.show import print_json, print_named, print_rows
from streams.labelling import Label, Labeller
from streams.labelling.facts import Fact, Facts
from streams.labelling.labeller import Explanation
from streams.labelling.rows import str_of

COLOURS = {
    "region": "cyan", "theme": "blue", "kind": "white", "instrument": "green", "industry": "magenta",
    "subject": "yellow", "size": "bright_yellow", "qualification": "bright_magenta", "group": "bright_cyan",
    "action": "bright_green",
}  # fmt: skip
FACT_STYLE = "bold red"
CODES_SHOWN, SHARES_SHOWN = 6, 8
_CONTROLS = dict.fromkeys((*range(9), *range(11, 32), 127), " ")  # all but tab and line feed


def print_labelled(
    face: Face, document: Document, labels: Sequence[Label], facts: Facts, taxonomy: Taxonomy
) -> None:
    """Print the text with its evidence underlined, each in the colour of its dimension; then labels and facts."""
    text = _plain(document.body)
    for label in labels:
        if label.quote:
            text.stylize(f"underline {COLOURS.get(label.dimension, 'white')}", label.start, label.end)
    named = list(_named(facts))
    for _, fact in named:
        if fact.quote:
            text.stylize(FACT_STYLE, fact.start, fact.end)
    if not document.body.lstrip().startswith(document.title):
        face.out.print(Text(document.title, style="bold"))
    face.out.print(text)
    heads = _heads(face, "dimension", "code", "name", "weight", "origin", "rule", "quote")
    print_named(
        face, "labels", [dict(zip(heads, _cells(face, one, taxonomy), strict=True)) for one in labels], heads
    )
    print_facts(face, (ShownFact(name, fact_in_words(fact.value), fact.quote) for name, fact in named))


def print_weighed(face: Face, explanation: Explanation, labeller: Labeller) -> None:
    """Print what each code was worth against what it needed, and the words that counted for nothing."""
    chosen = {str(label) for label in explanation.labels}
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("", *_heads(face, "label", "points", "needs", "from")):
        table.add_column(head, overflow="fold")
    for dimension, policy in labeller.lexicon.policies.items():
        need = policy.need(len(explanation.text.text))
        weighed = sorted(explanation.evidence.get(dimension, {}).items(), key=lambda one: -one[1].points)
        for code, evidence in weighed[:CODES_SHOWN]:
            shares = Counter(f"{str_of(share)} {points:+.1f}" for points, share in evidence.shares)
            shown = [
                f"{what} ×{times}" if times > 1 else what for what, times in shares.most_common(SHARES_SHOWN)
            ]
            mark = "✓" if f"{dimension}:{code}" in chosen else ""
            table.add_row(
                mark, f"{dimension}:{code}", f"{evidence.points:.1f}", f"{need:.1f}", Text(", ".join(shown))
            )
    face.out.print()
    face.out.print(table)
    blocked = Counter((m.rule.dimension, m.term, m.blocked) for m in explanation.blocked)
    heads = _heads(face, "dimension", "word", "blocked")
    rows = [
        dict(zip(heads, (dimension, term, f"{why} ×{times}"), strict=True))
        for (dimension, term, why), times in blocked.most_common()
    ]
    if rows:
        face.out.print()
        print_rows(face, rows, heads)


def compare(
    face: Face, documents: Iterable[Document], ours: Labeller, other: Labeller, *, as_json: bool
) -> None:
    """Print the labels that another lexicon would add and take away, document by document."""
    rows: list[dict[str, str]] = []
    count = refused = 0
    for document in documents:
        if document.problem:
            face.err.print(document.problem, style="red", markup=False)
            refused += 1
            continue
        count += 1
        before, after = (one.label(**document.labelled_by()) for one in (ours, other))
        for sign, have, lack in (("-", before, after), ("+", after, before)):
            absent = {str(label) for label in lack}
            rows += [_change(document, sign, one, ours.taxonomy) for one in have if str(one) not in absent]
    if as_json:
        print_json(rows)
    else:
        versions = {"ours": ours.lexicon.version, "other": other.lexicon.version}
        face.out.print(face.words("label_diff", count=count, **versions), markup=False)
        heads = {name: face.words(f"col_{name}") for name in ("id", "change", "name", "rule", "quote")}
        print_rows(
            face, [{head: row[name] for name, head in heads.items()} for row in rows], list(heads.values())
        )
    if refused:
        raise SomeRefused(face.words("some_refused", refused=refused, total=refused + count))


def _change(document: Document, sign: str, label: Label, taxonomy: Taxonomy) -> dict[str, str]:
    return {
        "id": document.id,
        "change": f"{sign}{label}",
        "name": taxonomy.name(label.dimension, label.code) or "",
        "rule": label.rule,
        "quote": label.quote,
    }


def _heads(face: Face, *names: str) -> list[str]:
    """Column heads in the caller's language."""
    return [face.words(f"col_{name}") for name in names]


def _plain(words: str) -> Text:
    """Words for the terminal, character for character: what would move its cursor, or is dropped, is a blank."""
    return Text(words.translate(_CONTROLS))


def _cells(face: Face, label: Label, taxonomy: Taxonomy) -> list[str | Text]:
    """A label's row in the table of labels."""
    return [
        Text(label.dimension, style=COLOURS.get(label.dimension, "white")),
        label.code,
        taxonomy.name(label.dimension, label.code) or "",
        f"{label.weight:.2f}",
        origin_in_words(face, label.origin),
        label.rule,
        _plain(label.quote or "-"),
    ]


def _named(facts: Facts) -> Iterable[tuple[str, Fact[Any]]]:
    for field in fields(facts):
        value = getattr(facts, field.name)
        for fact in value if isinstance(value, tuple) else [value] if value is not None else []:
            yield field.name, fact
