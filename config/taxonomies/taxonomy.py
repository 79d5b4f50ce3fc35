"""The dimensions and codes that a label may use, as one immutable value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from types import MappingProxyType

from config.taxonomies.errors import TaxonomyDataError, meant
from config.taxonomies.sources import read_rows, read_toml

HERE = Path(__file__).parent
_ROW_KEYS = ("id", "title", "file", "former")
_ALIKE = 0.6  # difflib's own cut-off for a close match


@dataclass(frozen=True)
class Entry:
    """One code: what readers call it, and the code above it ("" at the top)."""

    name: str
    parent: str = ""


@dataclass(frozen=True)
class Taxonomy:
    """All dimensions and codes of one version.

    Attributes:
        version: version of the data, recorded with what was labelled by it.
        dimensions: dimension ids in the order in which they are shown.
        titles: Chinese title of each dimension.
        codes: dimension → code → entry, in the order of the file.
        former: dimension → code that is no more → the code that took its place.
    """

    version: str
    dimensions: tuple[str, ...]
    titles: Mapping[str, str]
    codes: Mapping[str, Mapping[str, Entry]]
    former: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def exists(self, dimension: str, code: str) -> bool:
        """Whether `code` is a code of `dimension`."""
        return code in self.codes.get(dimension, {})

    def current(self, dimension: str, code: str) -> str:
        """`code`, or the one that took its place: what old lists call 330104 (江干区) is 330102 (上城区) now."""
        return self.former.get(dimension, {}).get(code, code)

    def name(self, dimension: str, code: str) -> str | None:
        """The Chinese name, or None for an unknown code."""
        entry = self.codes.get(dimension, {}).get(code)
        return entry.name if entry else None

    def ancestors(self, dimension: str, code: str) -> tuple[str, ...]:
        """The codes above `code`, nearest first; () at the top, in flat dimensions and for unknown codes.

        A district has its city, its province and 100000; an industry class its group, division and section.
        """
        entries = self.codes.get(dimension, {})
        found = []
        entry = entries.get(code)
        while entry and entry.parent:
            found.append(entry.parent)
            entry = entries.get(entry.parent)
        return tuple(found)

    def unknown(self, dimension: str, code: str) -> str:
        """What to say of a code that does not exist: names it, and the nearest one that does."""
        near = self.nearest(dimension, code)
        return f"unknown code {dimension}:{code[:80]}" + (f", did you mean {near}?" if near else "")

    def nearest(self, dimension: str, code: str) -> str | None:
        """The existing code that somebody who wrote `code` probably meant, or None.

        A Chinese name counts as its code, and what took the place of a code that is no more is meant by that one;
        otherwise the longest common beginning decides, then likeness.
        """
        if code != (now := self.current(dimension, code)):
            return now
        entries = self.codes.get(dimension, {})
        by_name = next((known for known, entry in entries.items() if entry.name == code), None)
        if by_name or not code:
            return by_name
        wanted = code[:32]  # what comes from outside may be long, and the comparison is quadratic

        def likeness(known: str) -> tuple[int, int, float]:
            shared = _shared_beginning(known.lower(), wanted.lower())
            return shared, -abs(len(known) - len(wanted)), SequenceMatcher(None, known, wanted).ratio()

        best = max(entries, key=likeness, default=None)
        if best is None:
            return None
        shared, _, ratio = likeness(best)
        return best if shared or ratio >= _ALIKE else None


def _shared_beginning(one: str, other: str) -> int:
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def load_taxonomy(directory: Path = HERE) -> Taxonomy:
    """The taxonomy in `directory`, by default the one that ships with the service (read once).

    Raises:
        TaxonomyDataError: a file is missing or wrong; the message names file and line.
    """
    return _load(directory)


@cache
def _load(directory: Path) -> Taxonomy:
    manifest = read_toml(directory / "taxonomy.toml")
    titles: dict[str, str] = {}
    codes: dict[str, Mapping[str, Entry]] = {}
    former: dict[str, Mapping[str, str]] = {}
    manifest.check({"version": "text", "dimension": "tables"})
    for index, row in enumerate(manifest.values.get("dimension", [])):
        for key in row:
            if key not in _ROW_KEYS:
                what = f"unknown key {key} in a dimension, {meant(key, _ROW_KEYS)}"
                raise manifest.error(what, key, table="dimension", index=index)
        try:
            dimension, title, name = str(row["id"]), str(row["title"]), str(row["file"])
        except KeyError as error:
            raise manifest.error(f"a dimension needs {error}", table="dimension", index=index) from error
        if dimension in codes:
            raise manifest.error(f"dimension {dimension} is listed twice", table="dimension", index=index)
        read = _read_tree if name.endswith(".csv") else _read_flat
        titles[dimension] = title
        codes[dimension] = MappingProxyType(read(directory / name))
        if "former" in row:
            former[dimension] = MappingProxyType(
                _read_former(directory / str(row["former"]), codes[dimension])
            )
    if not codes:
        raise manifest.error("no [[dimension]] is listed")
    return Taxonomy(
        str(manifest.values["version"]),
        tuple(codes),
        MappingProxyType(titles),
        MappingProxyType(codes),
        MappingProxyType(former),
    )


def _read_flat(file: Path) -> dict[str, Entry]:
    source = read_toml(file)
    source.check({"version": "text", "codes": "table"})
    names = source.values.get("codes")
    if not names:
        raise source.error("needs a [codes] table with at least one code")
    for code, name in names.items():
        if not isinstance(name, str) or not name:
            raise source.error(f"the name of {code} must be a text", code)
    return {code: Entry(name) for code, name in names.items()}


def _read_tree(file: Path) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    lines: dict[str, int] = {}
    for line, row in read_rows(file, ("code", "name", "parent")):
        code = row["code"]
        if not code or not row["name"]:
            raise TaxonomyDataError(file, line, "code and name must not be empty")
        if code in entries:
            raise TaxonomyDataError(file, line, f"{code} is already on line {lines[code]}")
        entries[code] = Entry(row["name"], row["parent"])
        lines[code] = line
    for code, entry in entries.items():
        if entry.parent and entry.parent not in entries:
            raise TaxonomyDataError(
                file, lines[code], f"{code} stands below {entry.parent}, which is unknown"
            )
        if _loops(code, entries):
            raise TaxonomyDataError(file, lines[code], f"{code} stands below itself")
    return entries


def _read_former(file: Path, codes: Mapping[str, Entry]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line, row in read_rows(file, ("code", "name", "now")):
        code, now = row["code"], row["now"]
        if code in codes or code in found:
            raise TaxonomyDataError(file, line, f"{code} is a code of today, or stands here twice")
        if now not in codes:
            raise TaxonomyDataError(file, line, f"{code} became {now}, which is unknown")
        found[code] = now
    return found


def _loops(code: str, entries: dict[str, Entry]) -> bool:
    seen = {code}
    parent = entries[code].parent
    while parent in entries:
        if parent in seen:
            return True
        seen.add(parent)
        parent = entries[parent].parent
    return False
