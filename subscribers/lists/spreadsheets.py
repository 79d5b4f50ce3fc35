"""What spreadsheets save, as rows of text: CSV in UTF-8 or GB 18030, and .xlsx workbooks.

A workbook is opened only if what it unpacks to is small enough and whole, and it is read a row at a time.
"""

import codecs
import csv
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import TextIOWrapper
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_HELD_BYTES = 64 * 1024 * 1024  # of what is held in memory as a whole: texts, formats
MAX_ROWS = 1_048_576  # of a sheet, says Excel
MAX_COLUMNS = 1_024
DIGITS = 15  # of a number that a spreadsheet keeps
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCODINGS = ("utf-8", "gb18030")  # strict UTF-8 first: almost nothing in GB 18030 is also UTF-8
_PADDED = re.compile(r"0{2,}")


class FileError(ValueError):
    """The file cannot be read as a list at all; the message says why and what to do. Nothing of it was taken."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row that is not empty.

    Attributes:
        number: Where it begins: the line of a CSV, the row number that a spreadsheet shows.
        cells: Its text.
        broken: Why it could not be taken apart; then there are no cells.
    """

    number: int
    cells: Sequence[str]
    broken: str = ""


def lines_of(file: BinaryIO, sheet: str | None = None) -> Iterator[Line]:
    """Yield the rows of whatever ``file`` is: a workbook (see `open_sheet`) or a CSV.

    Raises:
        FileError: it cannot be read.
    """
    if is_workbook(file):
        with open_sheet(file, sheet) as opened:
            yield from opened.lines()
    else:
        yield from csv_lines(TextIOWrapper(file, encoding=encoding_of(file), newline=""))


def csv_lines(text: Iterable[str]) -> Iterator[Line]:
    """Yield the rows of a CSV; empty ones are passed over."""
    reader = csv.reader(text)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            yield Line(number, (), f"not CSV: {exc}")
            continue
        if any(cell.strip() for cell in cells):
            yield Line(number, cells)


def is_workbook(file: BinaryIO) -> bool:
    """Whether it begins as a workbook does; the file is at its beginning again afterwards.

    Raises:
        FileError: it is an old or an encrypted one.
    """
    start = file.read(len(OLE))
    file.seek(0)
    if start == OLE:
        raise FileError("an old .xls or a workbook with a password: save it as .xlsx without a password")
    return start.startswith(ZIP)


def encoding_of(file: BinaryIO) -> str:
    """Return ``utf-8-sig`` or ``gb18030`` for a text; the file is at its beginning again afterwards.

    Raises:
        FileError: it is neither.
    """
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        file.seek(0)
        try:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        file.seek(0)
        return "utf-8-sig" if encoding == "utf-8" else encoding
    raise FileError("the file is neither UTF-8 nor GB 18030 text, nor an .xlsx workbook")


class Sheet:
    """One sheet of a workbook that is open; read it once.

    Attributes:
        rows: How many rows it says it has, with the header; None where it does not say.
    """

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        said = sheet.max_row
        self.rows: int | None = said if isinstance(said, int) and 0 < said <= MAX_ROWS else None
        sheet.reset_dimensions()  # where they are wrong, rows would be cut off or made up

    def lines(self) -> Iterator[Line]:
        """Yield the rows that are not empty.

        Raises:
            FileError: the sheet is broken, or larger than a list can be.
        """
        return _lines(self._sheet)


@contextmanager
def open_sheet(file: BinaryIO, name: str | None = None) -> Iterator[Sheet]:
    """Open a workbook and yield one sheet: the one called ``name``, by default the only one that is not empty.

    Raises:
        FileError: it is broken, unpacks to too much, or has not the sheet.
    """
    from openpyxl import load_workbook  # half a second, for those only who bring a workbook

    _check(file)
    with _broken("the workbook"):
        book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
    try:
        yield Sheet(_chosen(book, name))
    finally:
        book.close()


def cell_text(value: object, number_format: str = "General") -> str:
    """Return what a person would say stands in a cell.

    A number is never written with an exponent, unless it has more digits than a spreadsheet keeps: those are lost.
    """
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return _number(value, number_format)
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat(timespec="minutes")
        case timedelta():
            minutes = round(value.total_seconds() / 60)
            return f"{minutes // 60:02}:{minutes % 60:02}"
    return (
        f"={str(getattr(value, 'text', '')).removeprefix('=')}"  # a formula over several cells is an object
    )


def _number(value: float, number_format: str) -> str:
    if not math.isfinite(value) or value != (whole := int(value)):
        return repr(value)
    if len(str(abs(whole))) > DIGITS:
        return f"{value:.5E}"
    # 00123 is stored as 123 and a format of zeros.
    return str(whole).zfill(len(number_format)) if _PADDED.fullmatch(number_format) else str(whole)


def _lines(sheet: Any) -> Iterator[Line]:
    rows = sheet.iter_rows()
    number = 0
    while True:
        with _broken(f"the sheet {sheet.title!r}, after row {number},"):
            row = next(rows, None)
        if row is None:
            return
        number += 1
        if number > MAX_ROWS or len(row) > MAX_COLUMNS:
            raise FileError(
                f"row {number} of the sheet {sheet.title!r} has {len(row)} columns; a list has at most {MAX_COLUMNS}, "
                f"and {MAX_ROWS} rows: copy it into a new workbook"
            )
        with _broken(f"row {number} of the sheet {sheet.title!r}"):
            cells = tuple(_text(cell) for cell in row)
        if any(cell.strip() for cell in cells):
            yield Line(number, cells)


def _text(cell: Any) -> str:
    value = cell.value
    if value is None or isinstance(value, str):
        return value or ""
    return cell_text(value, cell.number_format if isinstance(value, (int, float)) else "General")


def _check(file: BinaryIO) -> None:
    """Refuse what is no whole archive or unpacks to too much; sizes that lie are found by the check sums."""
    with _broken("the workbook"):
        file.seek(0)
        with ZipFile(file) as archive:
            parts = archive.infolist()
            total = sum(part.file_size for part in parts)
            held = sum(part.file_size for part in parts if not _read_by_rows(part.filename))
            if total > MAX_UNPACKED_BYTES or held > MAX_HELD_BYTES:
                raise FileError(
                    f"the workbook unpacks to {total >> 20} MiB, {held >> 20} MiB of them texts and formats; at most "
                    f"{MAX_UNPACKED_BYTES >> 20} and {MAX_HELD_BYTES >> 20}: save the sheet as CSV, or divide it"
                )
            if (bad := archive.testzip()) is not None:
                raise BadZipFile(f"{bad} is damaged")
        file.seek(0)


def _read_by_rows(part: str) -> bool:
    return part.startswith(("xl/worksheets/", "xl/media/", "xl/printerSettings/"))


def _chosen(book: Any, name: str | None) -> Any:
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if name is not None:
        if name not in sheets:
            raise FileError(f"there is no sheet {name!r}; the sheets are {', '.join(sheets)}")
        return sheets[name]
    filled = sheets if len(sheets) == 1 else {t: sheet for t, sheet in sheets.items() if _filled(sheet)}
    if len(filled) != 1:
        raise FileError(f"{len(filled)} sheets hold something: name one of {', '.join(sheets)} (--sheet)")
    return next(iter(filled.values()))


def _filled(sheet: Any) -> bool:
    return next(_lines(sheet), None) is not None


@contextmanager
def _broken(what: str) -> Iterator[None]:
    # openpyxl has no error of its own: a bad file shows as almost any exception from zipfile, zlib, expat or itself.
    try:
        yield
    except FileError:
        raise
    except Exception as exc:
        raise FileError(
            f"{what} cannot be read ({type(exc).__name__}); open it in Excel and save it again"
        ) from exc
