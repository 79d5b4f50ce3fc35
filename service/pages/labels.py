"""Labels as pages show them."""

from dataclasses import dataclass

from config.taxonomies import Taxonomy
from streams.labelling import Label


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
