"""The file of refused rows: what was wrong beside the row as it came, to be corrected and imported again."""

import csv
import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from subscribers.lists.headings import PASSED_OVER


class NotWritten(Exception):
    """The file of refused rows cannot be written; the message is the system's reason."""


class RefusedRows:
    """A CSV of ``line``, ``reason`` and the row's own cells; the import passes the first two over.

    It is made by the first refused row and readable by its owner only, for it holds contacts.

    Raises:
        NotWritten: no file can be made there, or, of `add` and `close`, the disk is full.
    """

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self.path = path
        # A file of refused rows that is refused again has the two columns already, with old lines and reasons.
        self._own = [at for at, name in enumerate(header) if name.strip().strip("\ufeff") not in PASSED_OVER]
        self._header = header
        self._file: TextIO | None = None
        _insist_on_place(path)

    def add(self, line: int, reason: str, cells: Sequence[str]) -> None:
        """Write a row with the line it stood at and why it was refused."""
        with _telling():
            if self._file is None:
                self._file = _opened(self.path)
                self._write(PASSED_OVER, [cell.strip("\ufeff") for cell in self._header])
            self._write((str(line), reason), cells)

    def close(self) -> None:
        """Close the file if there is one."""
        if self._file is not None:
            with _telling():
                self._file.close()

    def _write(self, told: Sequence[str], cells: Sequence[str]) -> None:
        own = [cells[at] for at in self._own if at < len(cells)]
        csv.writer(self._file).writerow((*told, *own, *cells[len(self._header) :]))  # type: ignore[arg-type]


def _insist_on_place(path: Path) -> None:
    """Find out before anything is sent: nobody wants a list half imported whose refused rows are nowhere."""
    if path.is_dir():
        raise NotWritten(os.strerror(errno.EISDIR))
    place = path if path.exists() else path.parent
    if not place.exists():
        raise NotWritten(os.strerror(errno.ENOENT))
    if place != path and not place.is_dir():
        raise NotWritten(os.strerror(errno.ENOTDIR))
    if not os.access(place, os.W_OK):
        raise NotWritten(os.strerror(errno.EACCES))


def _opened(path: Path) -> TextIO:
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    if stat.S_ISREG(os.fstat(opened).st_mode):  # a device stays everybody's
        os.fchmod(opened, 0o600)  # one that was there before may be open to others
    return os.fdopen(opened, "w", encoding="utf-8-sig", newline="")


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise NotWritten(exc.strerror) from exc
