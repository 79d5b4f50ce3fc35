"""Reads the data files of this folder; every complaint names the file and the line."""

import csv
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import tomli  # the standard library's tomllib, compiled: a third of the time, or less

from config.taxonomies.errors import TaxonomyDataError, meant

Shape = Literal["number", "whole", "share", "text", "words", "table", "tables"]
_SHAPES: dict[Shape, str] = {
    "number": "a number of 0 or more",
    "whole": "a whole number of 0 or more",
    "share": "a number from 0 to 1",
    "text": "a text",
    "words": "a list of words",
    "table": "a table",
    "tables": "a list of tables",
}
_TOML_LINE = re.compile(r"at line (\d+)")


@dataclass(frozen=True)
class TomlSource:
    """One TOML file: its values, and its text to find the line of a value in."""

    file: Path
    text: str
    values: dict[str, Any]

    def line_of(self, needle: str, *, table: str = "", index: int = 0) -> int:
        """1-based line of `needle` in the `index`-th `[[table]]` (of the file without a table).

        Where it is set as a key (`needle = ...`) or opens a table goes before where it only stands, as `code` does in
        `codes`.
        """
        lines = self.text.splitlines()
        first, last = 0, len(lines)
        if table:
            head = re.compile(rf"\s*\[\[\s*{re.escape(table)}\s*\]\]")
            heads = [n for n, line in enumerate(lines) if head.match(line)]
            if index < len(heads):
                first = heads[index]
                last = heads[index + 1] if index + 1 < len(heads) else last
        quoted = rf"""["']?{re.escape(needle)}["']?"""
        key = re.compile(rf"\s*{quoted}\s*=|\s*\[+\s*{quoted}\s*\]")
        found = [
            n for n in range(first, last) if needle in lines[n] and not lines[n].lstrip().startswith("#")
        ]
        return next((n for n in found if key.match(lines[n])), next(iter(found), first)) + 1

    def check(self, shapes: Mapping[str, Shape]) -> None:
        """Insist that the file holds only the keys of `shapes`, each of its shape.

        Raises:
            TaxonomyDataError: it holds another key, or one of another shape.
        """
        for key, value in self.values.items():
            if key not in shapes:
                raise self.error(f"unknown key {key}, {meant(key, shapes)}", key)
            if not _has_shape(value, shapes[key]):
                raise self.error(f"{key} must be {_SHAPES[shapes[key]]}", key)

    def error(self, reason: str, needle: str = "", *, table: str = "", index: int = 0) -> TaxonomyDataError:
        """The error to raise about the line that holds `needle`."""
        return TaxonomyDataError(self.file, self.line_of(needle, table=table, index=index), reason)


def _has_shape(value: object, shape: Shape) -> bool:
    match shape:
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf
        case "whole":
            return isinstance(value, int) and _has_shape(value, "number")
        case "share":
            return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
        case "text":
            return isinstance(value, str)
        case "table":
            return isinstance(value, dict)
    inner = str if shape == "words" else dict
    return isinstance(value, list) and all(isinstance(one, inner) and one != "" for one in value)


def read_text(file: Path) -> str:
    """The text of a data file.

    Raises:
        TaxonomyDataError: it is missing or not UTF-8.
    """
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise TaxonomyDataError(file, 1, "the file is missing") from None
    except OSError as error:
        raise TaxonomyDataError(file, 1, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise TaxonomyDataError(file, line, "not UTF-8") from error


def read_toml(file: Path) -> TomlSource:
    """A TOML file that carries a `version`.

    Raises:
        TaxonomyDataError: it cannot be read or parsed, or has no version.
    """
    text = read_text(file)
    try:
        values = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        at = _TOML_LINE.search(str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        raise TaxonomyDataError(file, line, str(error)) from error
    if not isinstance(values.get("version"), str):
        raise TaxonomyDataError(file, 1, 'needs a line such as: version = "1"')
    return TomlSource(file, text, values)


def read_rows(file: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yields (line, row) of a CSV file whose header holds at least `columns`.

    Raises:
        TaxonomyDataError: a column is missing, or a row is shorter or longer than the header.
    """
    reader = csv.reader(read_text(file).splitlines())
    header = next(reader, [])
    absent = [column for column in columns if column not in header]
    if absent:
        raise TaxonomyDataError(file, 1, f"the header lacks {', '.join(absent)}")
    for fields in reader:
        if len(fields) != len(header):
            reason = f"{len(fields)} fields where the header has {len(header)}"
            raise TaxonomyDataError(file, reader.line_num, reason)
        yield reader.line_num, dict(zip(header, fields, strict=True))
