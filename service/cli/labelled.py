"""A labelled text on the terminal: its evidence marked, its labels and facts in tables, and what was weighed."""

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
from service.cli.origins import origin_in_words
from service.cli.show import print_named, print_rows
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
