"""What can be wrong with a taxonomy, a lexicon or a label that somebody wrote."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path


class TaxonomyDataError(Exception):
    """A taxonomy or lexicon file cannot be used.

    The message names the file and the line (0, and not named, where there is no file at all). Correct that line and
    start again; nothing was loaded.
    """

    def __init__(self, file: Path, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}" if line else f"{file}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason


class UnknownLabelError(ValueError):
    """A label is not written as `dimension:code`, or names a dimension or code that does not exist.

    The message says which, and the nearest one that does exist. Correct the label and send it again.
    """


def meant(word: str, known: Iterable[str]) -> str:
    """Return what to write instead of ``word``: the one of ``known`` that looks like it, or any of them."""
    names = list(known)
    near = nearest(word, names)
    return f"did you mean {near}?" if near else f"use one of {', '.join(names)}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the one of ``known`` that looks like ``word``, None where none does."""
    return next(iter(get_close_matches(word, known, 1)), None)
