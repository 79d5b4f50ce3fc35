"""An index on disk: a directory of arrays, mapped when it is opened, so that a start reads next to nothing."""

import os
import shutil
from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import orjson
from numpy.typing import NDArray

from config.taxonomies import load_taxonomy

FORMAT = 1  # raised whenever what the arrays mean changes
HEAD = "head.json"


class SnapshotError(Exception):
    """A snapshot of the index cannot be used: broken, of another version of the program or of the taxonomy.

    Nothing is lost: the shard is read from the record instead, which takes longer, and a new snapshot is written.
    """


def save(directory: Path, arrays: Mapping[str, NDArray[Any]], head: Mapping[str, Any]) -> None:
    """Write arrays in the place of whatever ``directory`` held; they are there whole or not at all.

    Args:
        directory: where to; for the owner only, as is all in it.
        arrays: by name.
        head: what else is to be known, as JSON.

    Raises:
        OSError: they cannot be written.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    new = directory.with_name(f".{directory.name}.{uuid4().hex}")
    new.mkdir(mode=0o700)
    try:
        for name, array in arrays.items():
            with _created(new / f"{name}.npy") as file:
                np.save(file, array, allow_pickle=False)
                _settle(file)
        sizes = {name: (new / f"{name}.npy").stat().st_size for name in arrays}
        marks = {"format": FORMAT, "taxonomy": taxonomy_mark(), "sizes": sizes}
        with _created(new / HEAD) as file:
            file.write(orjson.dumps({**head, **marks}))
            _settle(file)
        _put_in_place(new, directory)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def mapped(directory: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the arrays in ``directory``, read-only, and their head.

    Raises:
        SnapshotError: there are none, or they cannot be used.
    """
    head = _head(directory)
    arrays = {name: _mapped(directory / f"{name}.npy", size) for name, size in head["sizes"].items()}
    return arrays, head


@cache
def taxonomy_mark() -> str:
    """Return what changes whenever a code or what is above it changes: tokens depend on it."""
    taxonomy = load_taxonomy()
    codes = {
        dimension: [(code, entry.parent) for code, entry in entries.items()]
        for dimension, entries in taxonomy.codes.items()
    }
    return f"{taxonomy.version}-{blake2b(orjson.dumps(codes), digest_size=8).hexdigest()}"


def _head(directory: Path) -> dict[str, Any]:
    try:
        head = orjson.loads((directory / HEAD).read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise SnapshotError(f"no snapshot in {directory}: {error}") from error
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise SnapshotError(f"{directory} was written by another version of the program")
    if head.get("taxonomy") != taxonomy_mark():
        raise SnapshotError(f"{directory} was written with another version of the taxonomy")
    return head


def _mapped(file: Path, size: int) -> NDArray[Any]:
    try:
        if file.stat().st_size != size:
            raise SnapshotError(f"{file} is not as long as it was written")
        array: NDArray[Any] = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise SnapshotError(f"{file} cannot be read: {error}") from error
    return array.view(np.ndarray)


def _created(file: Path) -> Any:
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _settle(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())


def _put_in_place(new: Path, directory: Path) -> None:
    old = directory.with_name(f".{directory.name}.{uuid4().hex}")
    if directory.exists():
        directory.rename(old)  # a crash here leaves none, and the shard is read from the record
    new.rename(directory)
    shutil.rmtree(old, ignore_errors=True)
