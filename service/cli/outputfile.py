"""The file that a command writes, or its standard output."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def is_standard_output(file: Path) -> bool:
    """Whether `-` was given for a file to write."""
    return str(file) == "-"


@contextmanager
def written(file: Path) -> Iterator[BinaryIO]:
    """Yield what takes the bytes of ``file``, which is made or emptied; ``-`` is the standard output.

    Raises:
        OSError: it cannot be written.
    """
    if is_standard_output(file):
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with file.open("wb") as stream:
        yield stream
