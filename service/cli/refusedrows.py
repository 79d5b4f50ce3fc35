"""The file of refused rows: what was wrong beside the row as it came, to be corrected and imported again."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from subscribers.lists.headings import PASSED_OVER


class RefusedRows:
    """A CSV of ``line``, ``reason`` and the row's own cells; the import passes the first two over.

    It is made by the first refused row and readable by its owner only, for it holds contacts.
    """

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self.path = path
        # A file of refused rows that is refused again has the two columns already, with old lines and reasons.
        self._own = [at for at, name in enumerate(header) if name.strip().strip("\ufeff") not in PASSED_OVER]
        self._header = header
        self._file: TextIO | None = None

    def add(self, line: int, reason: str, cells: Sequence[str]) -> None:
        """Write a row with the line it stood at and why it was refused."""
        if self._file is None:
            opened = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._file = os.fdopen(opened, "w", encoding="utf-8-sig", newline="")
            os.fchmod(opened, 0o600)  # one that was there before may be open to others
            self._write(PASSED_OVER, [cell.strip("\ufeff") for cell in self._header])
        self._write((str(line), reason), cells)

    def close(self) -> None:
        """Close the file if there is one."""
        if self._file is not None:
            self._file.close()

    def _write(self, told: Sequence[str], cells: Sequence[str]) -> None:
        own = [cells[at] for at in self._own if at < len(cells)]
        csv.writer(self._file).writerow((*told, *own, *cells[len(self._header) :]))  # type: ignore[arg-type]
