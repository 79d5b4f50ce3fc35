"""Tables that we ship as TOML and that an office may replace by a file of its own."""

from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import tomli

T = TypeVar("T")


class OfficeFileError(Exception):
    """A file of the office's own, which a setting names, cannot be used.

    The message names the file, the place and what would be right, a line for each mistake. Mend it, or unset the
    setting, and start again; nothing was started.
    """


def shipped_tables(name: str) -> dict[str, Any]:
    """Return the tables of ``config/<name>``."""
    return tomli.loads((files("config") / name).read_text(encoding="utf-8"))


def office_tables(file: Path, setting: str, example: str) -> dict[str, Any]:
    """Return the tables of a file of the office's own.

    Args:
        file: where it is.
        setting: that names it, for the message.
        example: how one of its tables looks, in one line.

    Raises:
        OfficeFileError: it cannot be read, or is not TOML.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8 text"
        raise OfficeFileError(f"{setting}: {file} cannot be read: {why}") from exc
    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError as exc:
        raise OfficeFileError(f"{file}: not TOML: {exc}; a table looks like: {example}") from exc


def read_each(tables: Mapping[str, Any], read: Callable[[str, Any], T]) -> dict[str, T]:
    """Return what ``read`` makes of each table.

    Raises:
        OfficeFileError: some are wrong, a line each; of the type of the first of them.
    """
    found: dict[str, T] = {}
    wrong: list[OfficeFileError] = []
    for name, table in tables.items():
        try:
            found[name] = read(name, table)
        except OfficeFileError as exc:
            wrong.append(exc)
    if wrong:
        raise type(wrong[0])("\n".join(map(str, wrong)))
    return found
