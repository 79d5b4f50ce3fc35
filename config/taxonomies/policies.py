"""How the points of one dimension become labels: the settings at the head of a lexicon file.

A file `lexicon/DIMENSION.toml` may set `threshold`, `density`, `ceiling`, `most`, `share`, `narrow`, `issuer` and
`default`, the weights of `[segments]` and `[sections]`, and `[[implied]]` rules; see Policy for what each means.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from config.taxonomies.errors import meant
from config.taxonomies.rules import PLACES, SECTIONS
from config.taxonomies.sources import Shape, TomlSource
from config.taxonomies.taxonomy import Taxonomy

_NUMBERS = ("threshold", "density", "ceiling", "most", "share", "narrow", "issuer")
_KEYS: dict[str, Shape] = {
    **dict.fromkeys(_NUMBERS, "number"),
    "most": "whole",
    "share": "share",
    "narrow": "share",
    "version": "text",
    "default": "text",
    "remove": "words",
    "segments": "table",
    "sections": "table",
    "implied": "tables",
    "context": "tables",
    "rule": "tables",
}
_IMPLIED_KEYS = ("label", "code", "weight")


@dataclass(frozen=True)
class Implied:
    """Points for `code` (below 0: against it) where the label `label` (`dimension:code`) was assigned before.

    `label` may end with a colon and a star (`group:*`): any label of that dimension.
    """

    label: str
    code: str
    weight: float


@dataclass(frozen=True)
class Policy:
    """How the points of one dimension become labels.

    Attributes:
        threshold: points a code needs.
        density: further points it needs per 1,000 characters of body, so that a mention in passing in a
            long document is not enough.
        ceiling: points that are always enough, however long the document is (0: none are).
        most: labels at most, 0 for any number.
        share: a code needs this share of the points of the best code.
        narrow: a code needs this share of the points of the codes above it, or the label goes to the one above.
        issuer: where no code has enough points, those of the issuer's name, as if it were the title, count as well,
            multiplied by this (0: it is not asked; nor is it where the dimension has a default).
        default: code assigned where none has enough points ("" for none).
        segments: weight of a mention by the place it stands in.
        sections: weight of a mention by the section of the body it stands in, multiplied with the place's.
        implied: see Implied.
    """

    threshold: float = 1.0
    density: float = 0.0
    ceiling: float = 0.0
    most: int = 0
    share: float = 0.0
    narrow: float = 0.0
    issuer: float = 0.0
    default: str = ""
    segments: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(PLACES, 1.0))
    sections: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(SECTIONS, 1.0))
    implied: tuple[Implied, ...] = ()

    def need(self, characters: int) -> float:
        """Points that a code needs in a body of this length."""
        need = self.threshold + self.density * characters / 1000
        return min(need, self.ceiling) if self.ceiling else need


def read_policy(sources: Sequence[TomlSource], dimension: str, taxonomy: Taxonomy) -> Policy:
    """The policy of one dimension; what a later source sets wins over the earlier ones.

    Raises:
        TaxonomyDataError: a setting is wrong; the message names file and line.
    """
    numbers = dict.fromkeys(_NUMBERS, 0.0) | {"threshold": 1.0}
    weights = {"segments": dict.fromkeys(PLACES, 1.0), "sections": dict.fromkeys(SECTIONS, 1.0)}
    default = ""
    implied: list[Implied] = []
    for source in sources:
        source.check(_KEYS)
        numbers |= {key: float(source.values[key]) for key in numbers.keys() & source.values.keys()}
        for table, known in weights.items():
            for name, weight in source.values.get(table, {}).items():
                if name not in known:
                    raise source.error(f"unknown {table[:-1]} {name}, {meant(name, known)}", name)
                known[name] = _number(source, weight, name)
        default = str(source.values.get("default", default))
        if default and not taxonomy.exists(dimension, default):
            raise source.error(taxonomy.unknown(dimension, default), "default")
        implied += _implied(source, dimension, taxonomy)
    return Policy(
        threshold=numbers["threshold"],
        density=numbers["density"],
        ceiling=numbers["ceiling"],
        most=int(numbers["most"]),
        share=numbers["share"],
        narrow=numbers["narrow"],
        issuer=numbers["issuer"],
        default=default,
        segments=MappingProxyType(weights["segments"]),
        sections=MappingProxyType(weights["sections"]),
        implied=tuple(implied),
    )


def _implied(source: TomlSource, dimension: str, taxonomy: Taxonomy) -> Iterator[Implied]:
    rows: list[dict[str, Any]] = source.values.get("implied", [])
    for index, row in enumerate(rows):
        for key in row:
            if key not in _IMPLIED_KEYS:
                what = f"unknown key {key} in an implied, {meant(key, _IMPLIED_KEYS)}"
                raise source.error(what, key, table="implied", index=index)
        label, code = str(row.get("label", "")), str(row.get("code", ""))
        cause, _, value = label.partition(":")
        named = [(dimension, code)] if value == "*" and cause in taxonomy.dimensions else []
        for where, what in named or [(cause, value), (dimension, code)]:
            if not taxonomy.exists(where, what):
                raise source.error(taxonomy.unknown(where, what), what, table="implied", index=index)
        weight = row.get("weight", 1.0)
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not math.isfinite(weight):
            raise source.error("weight must be a number", "weight", table="implied", index=index)
        yield Implied(label, code, float(weight))


def _number(source: TomlSource, value: object, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise source.error(f"{key} must be a number of 0 or more", key)
    return float(value)
