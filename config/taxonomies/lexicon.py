"""The words that point to labels, and how much evidence each dimension asks for: one TOML file a dimension.

What ships with the service lies in `lexicon/`. An office adds to it without touching it: a directory of its own
with files of the same names, of which each holds only what is added or changed (see `load_lexicon`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from config.taxonomies.errors import TaxonomyDataError, meant
from config.taxonomies.policies import Policy, read_policy
from config.taxonomies.rules import SECTIONS, Rule, read_contexts, read_rules
from config.taxonomies.sources import Shape, TomlSource, read_toml
from config.taxonomies.taxonomy import HERE, Taxonomy, load_taxonomy

MANIFEST = "lexicon.toml"
_KEYS: dict[str, Shape] = {
    "version": "text",
    "dimensions": "words",
    "words": "table",
    "headings": "table",
    "negations": "words",
    "common": "words",
}


@dataclass(frozen=True, eq=False)
class Lexicon:
    """All rules and policies of one version.

    Attributes:
        version: of the shipped data, with `+` and the name of the office's directory where there is one.
        rules: of all dimensions.
        policies: dimension → policy, in the order in which dimensions are decided.
        headings: section → words in a heading that open it.
        negations: words right in front of a term that turn it into its opposite.
        common: words that most sentences hold. They mean what others mean, but where a rule asks for one of them
            near its term, and no rule has it as a term, it is looked for around that term only.
    """

    version: str
    rules: tuple[Rule, ...]
    policies: Mapping[str, Policy]
    headings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    negations: tuple[str, ...] = ()
    common: frozenset[str] = frozenset()


def load_lexicon(
    directory: Path = HERE / "lexicon", taxonomy: Taxonomy | None = None, office: Path | None = None
) -> Lexicon:
    """The lexicon in `directory`, by default the one that ships with the service (read once).

    Args:
        directory: holds lexicon.toml and one file for each dimension that this names.
        taxonomy: the codes that rules may use; by default the service's own.
        office: a directory of the office's own. Each file there adds its rules to the shipped file of the same
            name, its settings replace the shipped ones, and the terms in its list `remove` are not read any more.

    Raises:
        TaxonomyDataError: a file is missing or wrong, or names a code that the taxonomy lacks.
    """
    if taxonomy is None and office is None:
        return _load_default(directory)
    return _read(directory, taxonomy or load_taxonomy(), office)


@cache
def _load_default(directory: Path) -> Lexicon:
    return _read(directory, load_taxonomy(), None)


def _read(directory: Path, taxonomy: Taxonomy, office: Path | None) -> Lexicon:
    manifests = list(_sources(MANIFEST, directory, office))
    _check_names(manifests[0], office)
    for manifest in manifests[1:]:
        if "dimensions" in manifest.values:
            raise manifest.error(
                "the dimensions are not the office's to choose: leave them out", "dimensions"
            )
    words: dict[str, tuple[str, ...]] = {}
    headings: dict[str, tuple[str, ...]] = {}
    negations: list[str] = []
    common: set[str] = set()
    for manifest in manifests:
        manifest.check(_KEYS)
        words |= _lists(manifest, "words")
        for section, found in _lists(manifest, "headings").items():
            if section not in SECTIONS:
                raise manifest.error(f"unknown section {section}, {meant(section, SECTIONS)}", section)
            headings[section] = (*headings.get(section, ()), *found)
        negations += manifest.values.get("negations", [])
        common.update(manifest.values.get("common", []))
    rules: list[Rule] = []
    policies: dict[str, Policy] = {}
    for dimension in manifests[0].values.get("dimensions", []):
        if dimension not in taxonomy.dimensions:
            what = f"unknown dimension {dimension}, {meant(dimension, taxonomy.dimensions)}"
            raise manifests[0].error(what, str(dimension))
        sources = list(_sources(f"{dimension}.toml", directory, office))
        policies[dimension] = read_policy(sources, dimension, taxonomy)
        contexts = [context for source in sources for context in read_contexts(source, words)]
        shipped = list(read_rules(sources[0], dimension, taxonomy, words, contexts=contexts))
        rules += _without(shipped, _removed(sources[1:], shipped))
        for source in sources[1:]:
            rules += read_rules(source, dimension, taxonomy, words, prefix="office:", contexts=contexts)
    version = str(manifests[0].values["version"]) + (f"+{office.resolve().name}" if office else "")
    return Lexicon(
        version,
        tuple(rules),
        MappingProxyType(policies),
        MappingProxyType(headings),
        tuple(negations),
        frozenset(common),
    )


def _sources(name: str, directory: Path, office: Path | None) -> Iterator[TomlSource]:
    yield read_toml(directory / name)
    if office is not None and (office / name).exists():
        yield read_toml(office / name)


def _removed(sources: Iterable[TomlSource], shipped: Iterable[Rule]) -> set[str]:
    known = {term for rule in shipped for term in rule.terms}
    removed: set[str] = set()
    for source in sources:
        for term in source.values.get("remove", []):
            if term not in known:
                raise source.error(f"no shipped rule of this dimension has the term {term}", term)
            removed.add(term)
    return removed


def _without(rules: Iterable[Rule], removed: set[str]) -> Iterator[Rule]:
    for rule in rules:
        if removed.isdisjoint(rule.terms):
            yield rule
        elif left := tuple(term for term in rule.terms if term not in removed):
            yield replace(rule, terms=left)


def _check_names(manifest: TomlSource, office: Path | None) -> None:
    if office is None:
        return
    if not office.is_dir():
        raise TaxonomyDataError(
            office, 0, "is a file; name its directory" if office.is_file() else "there is no such directory"
        )
    known = sorted({MANIFEST, *(f"{name}.toml" for name in manifest.values.get("dimensions", []))})
    files = sorted(office.glob("*.toml"))
    for file in files:
        if file.name not in known:
            raise TaxonomyDataError(file, 1, f"no such file is read, {meant(file.name, known)}")
    if not files:
        what = (
            f"no rules are in this directory; write what the office adds into one of {', '.join(known)} there"
        )
        raise TaxonomyDataError(office, 0, what)


def _lists(manifest: TomlSource, table: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, words in manifest.values.get(table, {}).items():
        if not isinstance(words, list) or not all(
            isinstance(word, str) and word.strip("^$ ") for word in words
        ):
            raise manifest.error(f"{name} must be a list of words", name)
        if nested := next((word for word in words if word.startswith("@")), None):
            raise manifest.error(f"{name} names the list {nested}; write out its words", nested)
        found[name] = tuple(words)
    return found
