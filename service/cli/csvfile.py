"""A list of any length in chunks, each a CSV with its header, without losing which row of the file a row was."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from subscribers.lists.spreadsheets import encoding_of, is_workbook, open_sheet

ROWS_A_CHUNK = 3_000
BYTES_A_CHUNK = 1024 * 1024  # so that progress shows, and a request that is sent again costs little
FIRST_ROW = 2  # the header is line 1 of every chunk


class BrokenRow(ValueError):
    """The row that begins at a line is no CSV, most often because a quote is never closed; the rest was not read."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True)
class Row:
    """One row: the line it starts at, the lines it takes (a quoted cell may break), its text and its cells."""

    line: int
    lines: int
    text: str
    cells: Sequence[str]


@dataclass(frozen=True)
class Chunk:
    """Some rows and their header."""

    header: str
    rows: Sequence[Row] = field(default_factory=tuple)

    @property
    def body(self) -> bytes:
        """The chunk as a CSV of its own, UTF-8."""
        return "".join([self.header, *(row.text for row in self.rows)]).encode()

    def row_at(self, line: int) -> Row | None:
        """Return the row that covers line ``line`` of `body`, None where that is the header or beyond the end."""
        start = FIRST_ROW
        for row in self.rows:
            if start <= line < start + row.lines:
                return row
            start += row.lines
        return None


@dataclass(frozen=True)
class Table:
    """A list that is open.

    Attributes:
        header: Its first row; None where there is no row at all.
        rows: The others, read as they are asked for.
        total: How much of it there is: bytes of a CSV, rows of a sheet; None where it does not say.
        by_rows: Whether it is counted in rows.
    """

    header: Row | None
    rows: Iterator[Row]
    total: int | None
    by_rows: bool

    def share(self, chunk: Chunk, before: int) -> int:
        """Return how much of ``total`` is done with ``chunk``, ``before`` being what was done until then."""
        if self.by_rows:
            return chunk.rows[-1].line
        return before + len(chunk.body) - len(chunk.header.encode())


@contextmanager
def open_table(path: Path, sheet: str | None) -> Iterator[Table]:
    """Open a CSV or a workbook.

    Raises:
        FileError: it is neither, or has not the sheet.
    """
    with path.open("rb") as raw:
        if is_workbook(raw):
            with open_sheet(raw, sheet) as opened:
                rows = (_row(line.number, line.cells) for line in opened.lines())
                yield Table(next(rows, None), rows, opened.rows, by_rows=True)
            return
        encoding = encoding_of(raw)
    with path.open(encoding=encoding, newline="") as text:
        lines = read_rows(text)
        yield Table(next(lines, None), lines, path.stat().st_size, by_rows=False)


def _row(line: int, cells: Sequence[str]) -> Row:
    written = StringIO()
    csv.writer(written, lineterminator="\n").writerow(cells)
    text = written.getvalue()
    return Row(line, text.count("\n"), text, cells)


def read_rows(lines: Iterable[str]) -> Iterator[Row]:
    """Yield the rows of a CSV with their own text; empty ones are passed over.

    Raises:
        BrokenRow: there is no telling where the next row begins.
    """
    taken: list[str] = []

    def feed() -> Iterator[str]:
        for line in lines:
            taken.append(line if line.endswith("\n") else line + "\n")
            yield line

    reader = csv.reader(feed())
    number = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as exc:
            raise BrokenRow(number, str(exc)) from exc
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield Row(number, len(taken), "".join(taken), tuple(cells))
        number += len(taken)
        taken.clear()


def chunks(header: Row, rows: Iterable[Row]) -> Iterator[Chunk]:
    """Yield ``rows`` in chunks small enough for one request; a row that is too large by itself goes alone."""
    pending: list[Row] = []
    size = 0
    for row in rows:
        weight = len(row.text.encode())
        if pending and (len(pending) >= ROWS_A_CHUNK or size + weight > BYTES_A_CHUNK):
            yield Chunk(header.text, tuple(pending))
            pending, size = [], 0
        pending.append(row)
        size += weight
    if pending:
        yield Chunk(header.text, tuple(pending))
