"""Printing: JSON as the HTTP route answered it, or a table that a person reads."""

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from service.cli.face import Face


def print_json(content: object) -> None:
    """Print ``content`` as JSON, Chinese unescaped."""
    print(json.dumps(content, ensure_ascii=False, indent=2))


def print_rows(face: Face, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Print the ``columns`` of ``rows``; says so where there are none. A value that is a `Text` keeps its style."""
    if not rows:
        face.out.print(face.words("nothing"))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(_as_text(row.get(name)) for name in columns))
    face.out.print(table)


def print_named(face: Face, name: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Print one of several tables under its name, or that it is empty; ``name`` as `Words` has it: table_<name>."""
    title = face.words(f"table_{name}")
    face.out.print()
    if not rows:
        face.out.print(Text.assemble((title, "bold"), ": ", face.words("nothing")))
        return
    face.out.print(Text(title, style="bold"))
    print_rows(face, rows, columns)


def print_fields(face: Face, content: Mapping[str, Any], names: Sequence[str] | None = None) -> None:
    """Print one thing, a field per line."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name in names or list(content):
        table.add_row(name, Text(cell(content.get(name))))
    face.out.print(table)


def print_next(face: Face, cursor: str | None) -> None:
    """Say how to see the next page, where there is one; on standard error, so that a pipe gets rows alone."""
    if cursor:
        option = f"--after {shlex.quote(cursor)}"
        face.err.print(face.words("next_page", option=option), markup=False, soft_wrap=True)


def _as_text(value: object) -> Text:
    return value if isinstance(value, Text) else Text(cell(value))


def cell(value: object) -> str:
    """Return ``value`` as a person reads it in a table."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {cell(inner)}" for name, inner in value.items()) or "-"
    if isinstance(value, (list, tuple)):
        return "; ".join(cell(inner) for inner in value) or "-"
    return str(value)
