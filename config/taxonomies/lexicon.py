"""The words that point to labels, and how much evidence each dimension asks for.

One TOML file per dimension in `lexicon/`. A `[[rule]]` gives its `terms` to its `codes`:

* `weight` (default 1.0): points of one mention, multiplied by the weight of the segment it stands in;
* `where` (default: everywhere): the segments in which the terms count at all;
* `cap` (default 5): mentions of one term that count at most;
* a term may start with `^` or end with `$`: it then must start or end the title.

An `[[implied]]` rule gives points to a code because another label was assigned, for example kind:call → apply.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from config.taxonomies.sources import TomlSource, read_toml
from config.taxonomies.taxonomy import HERE, Taxonomy, load_taxonomy

SEGMENTS = ("title", "head", "heading", "body")
_RULE_KEYS = {"codes", "terms", "weight", "where", "cap"}


@dataclass(frozen=True)
class Term:
    """One word and what it points to; `text` keeps its `^` and `$`."""

    text: str
    dimension: str
    codes: tuple[str, ...]
    weight: float = 1.0
    where: frozenset[str] = frozenset(SEGMENTS)
    cap: int = 5


@dataclass(frozen=True)
class Implied:
    """Points for `code` where the label `label` (`dimension:code`) was assigned before."""

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
        most: labels at most, 0 for any number.
        share: a code needs this share of the points of the best code.
        default: code assigned where none has enough points ("" for none).
        segments: weight of a mention by the segment it stands in.
        implied: see Implied.
    """

    threshold: float
    density: float
    most: int
    share: float
    default: str
    segments: Mapping[str, float]
    implied: tuple[Implied, ...]


@dataclass(frozen=True, eq=False)
class Lexicon:
    """All terms and policies of one version; `policies` is in the order in which dimensions are decided."""

    version: str
    terms: tuple[Term, ...]
    policies: Mapping[str, Policy]


def load_lexicon(directory: Path = HERE / "lexicon", taxonomy: Taxonomy | None = None) -> Lexicon:
    """The lexicon in `directory`, by default the one that ships with the service (read once).

    Raises:
        TaxonomyDataError: a file is missing or wrong, or names a code that the taxonomy lacks.
    """
    if taxonomy is None:
        return _load_default(directory)
    return _read(directory, taxonomy)


@cache
def _load_default(directory: Path) -> Lexicon:
    return _read(directory, load_taxonomy())


def _read(directory: Path, taxonomy: Taxonomy) -> Lexicon:
    manifest = read_toml(directory / "lexicon.toml")
    terms: list[Term] = []
    policies: dict[str, Policy] = {}
    for dimension in manifest.values.get("dimensions", []):
        if dimension not in taxonomy.dimensions:
            raise manifest.error(f"unknown dimension {dimension}", str(dimension))
        source = read_toml(directory / f"{dimension}.toml")
        policies[dimension] = _policy(source, dimension, taxonomy)
        terms.extend(_terms(source, dimension, taxonomy))
    return Lexicon(str(manifest.values["version"]), tuple(terms), MappingProxyType(policies))


def _policy(source: TomlSource, dimension: str, taxonomy: Taxonomy) -> Policy:
    values = source.values
    segments = dict.fromkeys(SEGMENTS, 1.0)
    for segment, weight in values.get("segments", {}).items():
        if segment not in segments:
            raise source.error(f"unknown segment {segment}, use one of {', '.join(SEGMENTS)}", segment)
        segments[segment] = _number(source, weight, segment)
    default = str(values.get("default", ""))
    if default and not taxonomy.exists(dimension, default):
        raise source.error(_unknown(dimension, default, taxonomy), "default")
    return Policy(
        threshold=_number(source, values.get("threshold", 1.0), "threshold"),
        density=_number(source, values.get("density", 0.0), "density"),
        most=int(_number(source, values.get("most", 0), "most")),
        share=_number(source, values.get("share", 0.0), "share"),
        default=default,
        segments=MappingProxyType(segments),
        implied=tuple(_implied(source, dimension, taxonomy)),
    )


def _implied(source: TomlSource, dimension: str, taxonomy: Taxonomy) -> Iterator[Implied]:
    for index, row in enumerate(source.values.get("implied", [])):
        label, code = str(row.get("label", "")), str(row.get("code", ""))
        cause, _, value = label.partition(":")
        for where, what in ((cause, value), (dimension, code)):
            if not taxonomy.exists(where, what):
                raise source.error(_unknown(where, what, taxonomy), what, table="implied", index=index)
        yield Implied(label, code, _number(source, row.get("weight", 1.0), "weight"))


def _terms(source: TomlSource, dimension: str, taxonomy: Taxonomy) -> Iterator[Term]:
    seen: set[tuple[str, str, str]] = set()
    for index, row in enumerate(source.values.get("rule", [])):
        _check_rule(source, index, row, dimension, taxonomy)
        where = frozenset(row.get("where", SEGMENTS))
        for text in row["terms"]:
            if not isinstance(text, str) or not text.strip("^$"):
                raise source.error(f"a term must be a text: {text!r}", str(text), table="rule", index=index)
            claims = {(text, segment, code) for segment in where for code in row["codes"]}
            if claims & seen:
                reason = f"{text!r} already points to the same code of {dimension}"
                raise source.error(reason, f'"{text}"', table="rule", index=index)
            seen |= claims
            yield Term(
                text=text,
                dimension=dimension,
                codes=tuple(row["codes"]),
                weight=_number(source, row.get("weight", 1.0), "weight"),
                where=where,
                cap=int(_number(source, row.get("cap", 5), "cap")),
            )


def _check_rule(
    source: TomlSource, index: int, row: dict[str, Any], dimension: str, taxonomy: Taxonomy
) -> None:
    for key in row:
        if key not in _RULE_KEYS:
            raise source.error(f"a rule has no {key!r}", key, table="rule", index=index)
    for key in ("codes", "terms"):
        if not isinstance(row.get(key), list) or not row[key]:
            raise source.error(f"a rule needs a list of {key}", table="rule", index=index)
    for code in row["codes"]:
        if not taxonomy.exists(dimension, str(code)):
            raise source.error(_unknown(dimension, str(code), taxonomy), str(code), table="rule", index=index)
    for segment in row.get("where", ()):
        if segment not in SEGMENTS:
            raise source.error(f"unknown segment {segment}", segment, table="rule", index=index)


def _unknown(dimension: str, code: str, taxonomy: Taxonomy) -> str:
    near = taxonomy.nearest(dimension, code)
    return f"unknown code {dimension}:{code}" + (f", did you mean {near}?" if near else "")


def _number(source: TomlSource, value: object, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise source.error(f"{key} must be a number of 0 or more", key)
    return float(value)
