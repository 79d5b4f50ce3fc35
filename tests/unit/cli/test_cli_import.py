"""`zhengda subscribers import`: chunks, lines, the file of refused rows."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import Workbook

from service.cli import csvfile
from service.cli.csvfile import chunks, read_rows

HEADER = "subscriber_id,name,email\n"
Written = Callable[..., Path]


def table(tmp_path: Path, *rows: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "firms.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding=encoding)
    return path


def test_a_good_file_exits_0_and_says_how_many(zhengda: Any, tmp_path: Path) -> None:
    assert zhengda("subscribers", "import", table(tmp_path, "a,甲,a@x.cn", "b,乙,b@x.cn"), "--json") == 0
    assert zhengda.json == {"imported": 2, "refused": [], "confirmations": 0}
    assert not list(tmp_path.glob("*.refused.csv"))


def test_refused_rows_are_written_with_line_and_reason_for_their_owner_only(
    zhengda: Any, tmp_path: Path
) -> None:
    zhengda.service.refused_rows["b"] = "email: not an address"
    file = table(tmp_path, "a,甲,a@x.cn", "b,乙,nonsense", "c,丙,c@x.cn")
    assert zhengda("subscribers", "import", file) == 5
    refused = tmp_path / "firms.csv.refused.csv"
    with refused.open(encoding="utf-8-sig", newline="") as stream:
        assert list(csv.DictReader(stream)) == [
            {
                "line": "3",
                "reason": "email: not an address",
                "subscriber_id": "b",
                "name": "乙",
                "email": "nonsense",
            }
        ]
    assert refused.stat().st_mode & 0o777 == 0o600
    assert zhengda.err.startswith("1 rows refused, see ")
    assert zhengda.out == "3 rows read: 2 subscribers in, 1 rows refused\n"


def test_lines_are_those_of_the_file_in_every_chunk(zhengda: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(csvfile, "ROWS_A_CHUNK", 3)
    zhengda.service.refused_rows["r7"] = "no"
    rows = [f"r{n},甲,x@x.cn" for n in range(10)]
    rows.insert(2, "")
    assert zhengda("subscribers", "import", table(tmp_path, *rows), "--json") == 5
    assert json.loads(zhengda.out) == {
        "imported": 9,
        "refused": [{"line": 10, "reason": "no"}],
        "confirmations": 0,
    }
    assert [lines[0] for lines in zhengda.service.imported] == [HEADER.strip()] * 4
    assert [len(lines) - 1 for lines in zhengda.service.imported] == [3, 3, 3, 1]


def test_a_cell_that_breaks_over_lines_keeps_the_lines_below_it_right() -> None:
    text = [HEADER, 'a,"甲\n', '公司",x\n', "b,乙,x\n"]
    rows = read_rows(iter(text))
    (chunk,) = chunks(next(rows), rows)
    assert [(row.line, row.lines) for row in chunk.rows] == [(2, 2), (4, 1)]
    assert [row.cells[0] if (row := chunk.row_at(n)) else None for n in (1, 2, 3, 4, 5)] == [
        None,
        "a",
        "a",
        "b",
        None,
    ]


def test_chunks_stay_below_their_size(monkeypatch: Any) -> None:
    monkeypatch.setattr(csvfile, "BYTES_A_CHUNK", 30)
    rows = read_rows(iter([HEADER, *["a,甲甲甲,x\n"] * 5, f"b,{'x' * 40}\n"]))
    found = list(chunks(next(rows), rows))
    assert [len(chunk.rows) for chunk in found] == [2, 2, 1, 1]


def test_what_a_chinese_spreadsheet_wrote_is_read(zhengda: Any, tmp_path: Path) -> None:
    file = table(tmp_path, "a,政达科技,a@x.cn", encoding="gb18030")
    assert zhengda("subscribers", "import", file) == 0
    assert zhengda.service.imported[0][1] == "a,政达科技,a@x.cn"


def test_a_mark_before_the_header_is_not_part_of_it(zhengda: Any, tmp_path: Path) -> None:
    assert zhengda("subscribers", "import", table(tmp_path, "a,甲,x", encoding="utf-8-sig")) == 0
    assert zhengda.service.imported[0][0] == HEADER.strip()


def test_a_file_without_column_names_is_refused_before_anything_is_sent(
    zhengda: Any, written: Written
) -> None:
    assert zhengda("subscribers", "import", written("a,甲,x", name="firms.csv")) == 1
    assert zhengda.service.seen == []
    assert "unknown column 'a'" in zhengda.err


def test_a_mistake_in_the_header_names_the_nearest_column_before_anything_is_sent(
    zhengda: Any, tmp_path: Path
) -> None:
    path = tmp_path / "firms.csv"
    path.write_text("企业编号,企业名称,电子邮相\na,甲,x\n", encoding="utf-8")
    assert zhengda("subscribers", "import", path) == 1
    assert "did you mean 电子邮箱 (email)?" in zhengda.err
    assert zhengda.service.seen == []


def test_a_file_of_refused_rows_is_corrected_and_imported_again(zhengda: Any, tmp_path: Path) -> None:
    zhengda.service.refused_rows["b"] = zhengda.service.refused_rows["3,"] = "email: not an address"
    out = tmp_path / "wrong.csv"
    assert zhengda("subscribers", "import", table(tmp_path, "a,甲,x", "b,乙,y"), "--refused", out) == 5
    assert zhengda("subscribers", "import", out) == 5
    again = out.with_name("wrong.csv.refused.csv")
    assert again.read_text("utf-8-sig").splitlines() == [
        "line,reason,subscriber_id,name,email",
        "2,email: not an address,b,乙,y",
    ]
    zhengda.service.refused_rows.clear()
    assert zhengda("subscribers", "import", again) == 0


def test_the_refused_rows_are_never_written_over_the_list_itself(zhengda: Any, tmp_path: Path) -> None:
    file = table(tmp_path, "a,甲,x")
    assert zhengda("subscribers", "import", file, "--refused", file) == 2
    assert zhengda.service.seen == []


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
@pytest.mark.parametrize("named", [True, False])
def test_nor_by_another_name_of_the_list(zhengda: Any, tmp_path: Path, link: Any, named: bool) -> None:
    zhengda.service.refused_rows["a"] = "no"
    file = table(tmp_path, "a,甲,x")
    before = file.read_bytes()
    other = tmp_path / ("other.csv" if named else "firms.csv.refused.csv")
    link(other, file)
    option = ("--refused", other) if named else ()
    assert zhengda("subscribers", "import", file, *option) == 2
    assert zhengda.err.startswith(f"{other}: the refused rows would be written over the list that is read")
    assert (file.read_bytes(), zhengda.service.seen) == (before, [])


def test_no_row_is_sent_when_refused_rows_could_not_be_written(zhengda: Any, tmp_path: Path) -> None:
    file, out = table(tmp_path, "a,甲,x"), tmp_path / "none" / "out.csv"
    assert zhengda("subscribers", "import", file, "--refused", out) == 1
    assert zhengda.err == f"{out} cannot be written: No such file or directory\n"
    assert zhengda.service.seen == []


@pytest.mark.parametrize("inside", [True, False])
def test_a_place_that_can_hold_no_file_is_found_before_a_row_is_sent(
    zhengda: Any, tmp_path: Path, inside: bool
) -> None:
    file = table(tmp_path, "a,甲,x")
    beside = tmp_path / "firms.csv.refused.csv"
    option: tuple[Any, ...] = ()
    if inside:
        option = ("--refused", beside := file / "out.csv")
    else:
        beside.mkdir()
    assert zhengda("subscribers", "import", file, *option) == 1
    reason = "Not a directory" if inside else "Is a directory"
    assert zhengda.err == f"{beside} cannot be written: {reason}\n"
    assert zhengda.service.seen == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_told_in_one_line_and_a_device_keeps_its_mode(zhengda: Any, tmp_path: Path) -> None:
    zhengda.service.refused_rows["a"] = "no"
    full = Path("/dev/full")
    mode = full.stat().st_mode
    try:
        assert zhengda("subscribers", "import", table(tmp_path, "a,甲,x"), "--refused", full) == 1
        assert zhengda.err == "/dev/full cannot be written: No space left on device\n"
        assert full.stat().st_mode == mode
    finally:
        if full.stat().st_mode != mode:
            full.chmod(mode & 0o777)


def workbook(tmp_path: Path, *rows: list[Any]) -> Path:
    book = Workbook()
    book.active.append(["企业编号", "企业名称", "手机号"])
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "firms.xlsx")
    return tmp_path / "firms.xlsx"


def test_a_workbook_is_sent_as_text_and_its_rows_have_the_numbers_excel_shows(
    zhengda: Any, tmp_path: Path
) -> None:
    zhengda.service.refused_rows["c"] = "no"
    rows = [["a", "甲,乙", 13900139000], [], ["b", "两行\n名称"], ["c", "=A1"]]
    assert zhengda("subscribers", "import", workbook(tmp_path, *rows), "--json") == 5
    assert zhengda.service.imported == [
        ["企业编号,企业名称,手机号", 'a,"甲,乙",13900139000', 'b,"两行', '名称"', "c,=A1"]
    ]
    assert zhengda.json["refused"] == [{"line": 5, "reason": "no"}]
    refused = tmp_path / "firms.xlsx.refused.csv"
    assert refused.read_text("utf-8-sig").splitlines()[1] == "5,no,c,=A1"


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(zhengda: Any, tmp_path: Path) -> None:
    assert zhengda("subscribers", "import", workbook(tmp_path), "--sheet", "名单") == 1
    assert "there is no sheet '名单'; the sheets are Sheet" in zhengda.err


def test_a_damaged_workbook_is_one_line_of_error(zhengda: Any, tmp_path: Path) -> None:
    path = tmp_path / "firms.xlsx"
    path.write_bytes(b"PK\x03\x04 and nothing more")
    assert zhengda("subscribers", "import", path) == 1
    assert "the workbook cannot be read" in zhengda.err
    assert zhengda.err.count("\n") == 1


def test_one_subscriber_in_several_chunks_is_counted_once(
    zhengda: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(csvfile, "ROWS_A_CHUNK", 1)
    assert zhengda("subscribers", "import", table(tmp_path, "a,甲,x", "a,甲,y", "b,乙,z")) == 0
    assert zhengda.out == "3 rows read: 2 subscribers in, 0 rows refused\n"


def test_the_requests_to_confirm_are_counted_or_left_out(zhengda: Any, tmp_path: Path) -> None:
    queries: list[str] = []

    def take(request: httpx.Request) -> httpx.Response:
        queries.append(request.url.query.decode())
        return httpx.Response(
            200, json={"imported": 1, "refused": [], "confirmations": 1 - len(queries) // 2}
        )

    zhengda.service.routes["POST", "/api/v1/subscribers/import"] = take
    file = table(tmp_path, "a,甲,a@x.cn")
    assert zhengda("subscribers", "import", file) == 0
    assert "1 addresses without consent are asked to confirm" in zhengda.out
    assert zhengda("subscribers", "import", file, "--no-confirmation") == 0
    assert "confirm" not in zhengda.out
    assert queries == ["", "confirmation=false"]


def test_the_summary_follows_the_locale(zhengda: Any, tmp_path: Path) -> None:
    zhengda.environ["LANG"] = "zh_CN.UTF-8"
    assert zhengda("subscribers", "import", table(tmp_path, "a,甲,x")) == 0
    assert zhengda.out == "共读 1 行：导入 1 家，拒绝 0 行\n"


def test_what_was_sent_before_an_unclosed_quote_still_tells_its_refused_rows(
    zhengda: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(csvfile, "ROWS_A_CHUNK", 1)
    zhengda.service.refused_rows["a"] = "no"
    file = table(tmp_path, "a,甲,x", "b,乙,x", 'c,"丙,x', *["d,丁,x" * 10] * 3000)
    assert zhengda("subscribers", "import", file) == 1
    refused = tmp_path / "firms.csv.refused.csv"
    assert refused.read_text("utf-8-sig").splitlines()[1] == "2,no,a,甲,x"


def test_an_unclosed_quote_is_named_by_its_line(zhengda: Any, tmp_path: Path) -> None:
    file = table(tmp_path, "a,甲,x", 'b,"乙,x', *["c,丙,x" * 10] * 3000)
    assert zhengda("subscribers", "import", file) == 1
    assert "line 3" in zhengda.err
    assert zhengda.err.count("\n") == 1
