"""Labels as people and agencies write them: `dimension:code`."""

from dataclasses import dataclass

from config.taxonomies.errors import UnknownLabelError
from config.taxonomies.taxonomy import Taxonomy, load_taxonomy


@dataclass(frozen=True)
class LabelRef:
    """A label without evidence, for example ("industry", "I65")."""

    dimension: str
    code: str

    def __str__(self) -> str:
        return f"{self.dimension}:{self.code}"


def parse_label(text: str, taxonomy: Taxonomy | None = None) -> LabelRef:
    """The label that `text` names, checked against the taxonomy (by default the service's own).

    Raises:
        UnknownLabelError: not `dimension:code`, or no such dimension or code; says the nearest one.
    """
    known = taxonomy or load_taxonomy()
    dimension, colon, code = text.strip().partition(":")
    if not colon or not dimension or not code:
        raise UnknownLabelError(f"not a label: {text[:80]!r}, write dimension:code such as industry:I65")
    if dimension not in known.dimensions:
        raise UnknownLabelError(
            f"unknown dimension {dimension[:80]!r} in {text[:80]!r}, use one of {', '.join(known.dimensions)}"
        )
    code = known.current(dimension, code)
    if not known.exists(dimension, code):
        raise UnknownLabelError(known.unknown(dimension, code))
    return LabelRef(dimension, code)
