"""Workbooks and encodings: what is in a cell, and what is no workbook at all."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from subscribers.lists import spreadsheets
from subscribers.lists.spreadsheets import (
    FileError,
    cell_text,
    encoding_of,
    is_workbook,
    lines_of,
    open_sheet,
)

HEADER = ["subscriber_id", "name", "credit_code", "mobile", "founded", "staff"]


def saved(book: Workbook) -> io.BytesIO:
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def workbook(*rows: list[Any], title: str = "名单") -> Workbook:
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    return book


def read(book: Workbook, sheet: str | None = None) -> list[tuple[int, list[str]]]:
    return [(line.number, list(line.cells)) for line in lines_of(saved(book), sheet)]


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (None, "General", ""),
        ("甲公司", "General", "甲公司"),
        (13900139000, "General", "13900139000"),
        (13900139000.0, "0.00E+00", "13900139000"),
        (310118, "General", "310118"),
        (123, "00000000", "00000123"),
        (1200, "#,##0", "1200"),
        (3.5, "General", "3.5"),
        (911101087178270000, "General", "9.11101E+17"),
        (9.11101087178270e17, "0", "9.11101E+17"),
        (True, "General", "TRUE"),
        (datetime(2026, 3, 1), "yyyy/m/d", "2026-03-01"),  # noqa: DTZ001  a spreadsheet knows no zone
        (datetime(2026, 3, 1, 9, 30), "General", "2026-03-01 09:30:00"),  # noqa: DTZ001
        (date(2026, 3, 1), "General", "2026-03-01"),
        (time(22, 0), "h:mm", "22:00"),
        (timedelta(hours=26, minutes=5), "[h]:mm", "26:05"),
        (ArrayFormula("A1:A2", "=B1:B2"), "General", "=B1:B2"),
    ],
)
def test_a_cell_reads_as_a_person_would_say_it(value: object, number_format: str, text: str) -> None:
    assert cell_text(value, number_format) == text


def test_rows_have_the_number_that_the_spreadsheet_shows() -> None:
    book = workbook(HEADER, ["s1", "甲", None, 13900139000, datetime(2015, 4, 1), 87])  # noqa: DTZ001
    sheet = book.active
    sheet["A5"], sheet["B5"] = "s2", "乙"
    assert read(book) == [
        (1, HEADER),
        (2, ["s1", "甲", "", "13900139000", "2015-04-01", "87"]),
        (5, ["s2", "乙"]),
    ]


def test_a_formula_comes_as_what_it_is() -> None:
    book = workbook(HEADER, ["s1", "=B1&C1"])
    assert read(book)[1] == (2, ["s1", "=B1&C1"])


def test_texts_in_a_table_of_their_own_are_read_as_excel_saves_them() -> None:
    texts = [*HEADER, "s1", "甲"]
    spot = {text: f'<c t="s"><v>{at}</v></c>' for at, text in enumerate(texts)}
    rows = "".join(f"<row>{''.join(spot[text] for text in row)}</row>" for row in (HEADER, ["s1", "甲"]))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    table = f'<sst xmlns="{main}">{"".join(f"<si><t>{text}</t></si>" for text in texts)}</sst>'

    def share(name: str, content: bytes) -> bytes:
        if "sheet1" in name:
            return f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'.encode()
        part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
        return content.replace(b"</Types>", part.encode())

    file = changed(saved(workbook(HEADER)), share)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", table)
    file.seek(0)
    assert [list(line.cells) for line in lines_of(file)] == [HEADER, ["s1", "甲"]]


def test_the_only_sheet_that_holds_something_is_taken() -> None:
    book = workbook(HEADER, ["s1", "甲"])
    book.create_sheet("空表")
    assert [number for number, _ in read(book)] == [1, 2]


def test_of_several_filled_sheets_one_must_be_named() -> None:
    book = workbook(HEADER, ["s1", "甲"])
    book.create_sheet("其他").append(["subscriber_id"])
    with pytest.raises(FileError, match="name one of 名单, 其他"):
        read(book)
    assert read(book, "其他") == [(1, ["subscriber_id"])]
    with pytest.raises(FileError, match="there is no sheet '别的'; the sheets are 名单, 其他"):
        read(book, "别的")


def test_a_wrong_dimension_neither_cuts_rows_off_nor_makes_them_up() -> None:
    def lie(name: str, content: bytes) -> bytes:
        return content.replace(b'ref="A1:F3"', b'ref="A1:XFD1048576"') if "sheet1" in name else content

    file = changed(saved(workbook(HEADER, ["s1", "甲"], ["s2", "乙"])), lie)
    with open_sheet(file) as sheet:
        assert [line.number for line in sheet.lines()] == [1, 2, 3]


def changed(file: io.BytesIO, how: Callable[[str, bytes], bytes]) -> io.BytesIO:
    new = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in old.namelist():
            archive.writestr(name, how(name, old.read(name)))
    new.seek(0)
    return new


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    def blow_up(name: str, content: bytes) -> bytes:
        return content + b" " * (spreadsheets.MAX_UNPACKED_BYTES + 1) if "sheet1" in name else content

    monkeypatch.setattr(spreadsheets, "MAX_UNPACKED_BYTES", 4 << 20)
    file = changed(saved(workbook(HEADER)), blow_up)
    assert len(file.getvalue()) < 50_000
    with pytest.raises(FileError, match="unpacks to 4 MiB"), open_sheet(file):
        pass


def test_texts_that_would_fill_the_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MAX_HELD_BYTES", 1 << 20)

    def blow_up(name: str, content: bytes) -> bytes:
        return content + b" " * (2 << 20) if "styles" in name else content

    with (
        pytest.raises(FileError, match="2 MiB of them texts"),
        open_sheet(changed(saved(workbook(HEADER)), blow_up)),
    ):
        pass


def test_an_entity_bomb_is_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "%s">' % (b"z" * 1000)
    for one, other in zip("bcdefg", "abcdef", strict=True):
        bomb += f'<!ENTITY {one} "{f"&{other};" * 20}">'.encode()
    bomb += b"]>"

    def inject(name: str, content: bytes) -> bytes:
        if "sheet1" not in name:
            return content
        return bomb + content.replace(b"<sheetData>", b"<sheetData><row><c t='str'><v>&g;</v></c></row>")

    with pytest.raises(FileError, match="cannot be read"):
        list(lines_of(changed(saved(workbook(HEADER)), inject)))


def test_a_damaged_workbook_is_refused_before_anything_is_read() -> None:
    raw = bytearray(saved(workbook(HEADER, *([["s1", "甲"]] * 500))).getvalue())
    at = raw.index(b"xl/worksheets/sheet1.xml") + 200
    raw[at : at + 20] = b"\0" * 20
    with pytest.raises(FileError, match="cannot be read"), open_sheet(io.BytesIO(raw)):
        pass


@pytest.mark.parametrize("raw", [b"PK\x03\x04 and nothing more", b"PK\x03\x04"])
def test_what_only_begins_like_a_workbook_is_refused(raw: bytes) -> None:
    with pytest.raises(FileError, match="the workbook cannot be read"):
        list(lines_of(io.BytesIO(raw)))


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("letter.txt", "x")
    file.seek(0)
    with pytest.raises(FileError, match="the workbook cannot be read"):
        list(lines_of(file))


def test_an_old_or_encrypted_workbook_says_what_to_do() -> None:
    with pytest.raises(FileError, match=r"save it as \.xlsx without a password"):
        is_workbook(io.BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100))


def test_a_row_wider_than_any_list_is_refused() -> None:
    book = workbook(HEADER)
    book.active.cell(2, 5000, "x")
    with pytest.raises(FileError, match="row 2 of the sheet '名单' has 5000 columns"):
        read(book)


def test_a_row_number_beyond_excels_ends_the_reading() -> None:
    def far(name: str, content: bytes) -> bytes:
        return content.replace(b'<row r="2"', b'<row r="99999999999"') if "sheet1" in name else content

    file = changed(saved(workbook(HEADER, ["s1", "甲"])), far)
    with pytest.raises(FileError, match="1048576 rows"):
        list(lines_of(file))


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        ("企业名称".encode(), "utf-8-sig"),
        ("企业名称".encode("utf-8-sig"), "utf-8-sig"),
        ("企业名称".encode("gbk"), "gb18030"),
        ("企业名称，㐀".encode("gb18030"), "gb18030"),
        (b"", "utf-8-sig"),
    ],
)
def test_the_encoding_is_found_and_utf_8_comes_first(raw: bytes, encoding: str) -> None:
    file = io.BytesIO(raw)
    assert encoding_of(file) == encoding
    assert file.read() == raw


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(FileError, match="neither UTF-8 nor GB 18030"):
        encoding_of(io.BytesIO(b"\xff\xff\xff"))
