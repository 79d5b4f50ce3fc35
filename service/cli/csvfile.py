"""A CSV of any length in chunks that each carry the header, without losing which line of the file a row was."""

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROWS_A_CHUNK = 500
BYTES_A_CHUNK = 400 * 1024  # so that progress shows, and a request that is sent again costs little
ENCODINGS = ("utf-8-sig", "gb18030")  # what Chinese spreadsheets write
FIRST_ROW = 2  # the header is line 1 of every chunk


class BrokenRow(ValueError):
    """The row that begins at a line is no CSV, most often because a quote is never closed; the rest was not read."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True)
class Row:
    """One row: the line it starts at, the lines it takes (a quoted cell may break) and its text as it came."""

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

    @property
    def read_bytes(self) -> int:
        """How much of the file it is, roughly where the file is no UTF-8."""
        return sum(len(row.text.encode()) for row in self.rows)

    def row_at(self, line: int) -> Row | None:
        """Return the row that covers line ``line`` of `body`, None where that is the header or beyond the end."""
        start = FIRST_ROW
        for row in self.rows:
            if start <= line < start + row.lines:
                return row
            start += row.lines
        return None


def encoding_of(path: Path) -> str:
    """Return ``utf-8-sig`` if the whole file is UTF-8, with or without a mark, else ``gb18030``."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return ENCODINGS[1]
    return ENCODINGS[0]


def read_rows(lines: Iterable[str]) -> Iterator[Row]:
    """Yield the rows of a CSV with their own text; empty lines are passed over.

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
        if cells:
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
