"""Labels as pages show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from config.taxonomies import Taxonomy
from streams.labelling import Label

ORIGINS = {"publisher": "发布人标注", "reviewer": "审查人标注"}


@dataclass(frozen=True)
class NamedLabel:
    """A label as the page shows it; ``number`` is where its proof is marked."""

    number: int
    dimension: str
    name: str
    label: Label

    @property
    def quote(self) -> str:
        """The sentence that proves it."""
        return self.label.quote

    @property
    def remark(self) -> str:
        """Where it comes from, if no words of the text prove it; else ""."""
        if self.quote:
            return ""
        read = "没有线索，取默认" if self.label.rule == "default" else "据标题或机构判断"
        return ORIGINS.get(self.label.origin, read)


@dataclass(frozen=True)
class LabelRow:
    """Labels of one dimension that one sentence proves, or of sizes all; ``quotes`` and ``remarks`` tell why, once."""

    dimension: str
    labels: tuple[NamedLabel, ...]
    quotes: tuple[str, ...]
    remarks: tuple[str, ...]


def label_rows(labels: Sequence[NamedLabel], taxonomy: Taxonomy) -> list[LabelRow]:
    """Return the rows of a policy's list of labels in the order given; sizes from large to micro."""
    sizes = list(taxonomy.codes["size"])
    rows = []
    for dimension, items in groupby(labels, key=lambda item: item.label.dimension):
        whole = list(items)
        if dimension == "size":
            parts = [tuple(sorted(whole, key=lambda item: sizes.index(item.label.code)))]
        else:
            parts = _by_proof(whole)
        for part in parts:
            quotes = dict.fromkeys(item.quote for item in part if item.quote)
            remarks = dict.fromkeys(item.remark for item in part if item.remark)
            rows.append(LabelRow(part[0].dimension, part, tuple(quotes), tuple(remarks)))
    return rows


def _by_proof(items: Iterable[NamedLabel]) -> list[tuple[NamedLabel, ...]]:
    parts: dict[tuple[str, str], list[NamedLabel]] = {}
    for item in items:
        parts.setdefault((item.quote, item.remark), []).append(item)
    return [tuple(part) for part in parts.values()]


def named_labels(taxonomy: Taxonomy, labels: tuple[Label, ...]) -> list[NamedLabel]:
    """Return labels with the Chinese names of what they say."""
    return [
        NamedLabel(
            number,
            taxonomy.titles.get(label.dimension, label.dimension),
            taxonomy.name(label.dimension, label.code) or label.code,
            label,
        )
        for number, label in enumerate(labels)
    ]


def known_labels(taxonomy: Taxonomy) -> list[tuple[str, str]]:
    """Return (`dimension:code`, words) of every label of the flat dimensions, to choose from."""
    return [
        (f"{dimension}:{code}", f"{taxonomy.titles[dimension]}：{entry.name}")
        for dimension in taxonomy.dimensions
        if dimension not in ("region", "industry")
        for code, entry in taxonomy.codes[dimension].items()
    ]
