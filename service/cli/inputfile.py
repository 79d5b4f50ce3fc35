"""The file that a command reads, or its standard input."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from service.cli.face import Face
from service.cli.failures import WrongUse


@contextmanager
def opened(face: Face, file: Path) -> Iterator[BinaryIO]:
    """Yield the bytes of ``file``; ``-`` is the standard input.

    Raises:
        WrongUse: there is no such file.
    """
    if str(file) == "-":
        yield sys.stdin.buffer
        return
    if not file.is_file():
        raise WrongUse(face.words("directory" if file.is_dir() else "no_file", file=file))
    with file.open("rb") as stream:
        yield stream
