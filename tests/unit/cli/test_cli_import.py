"""`zhengda subscribers import`: chunks, lines, the file of refused rows."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from service.cli import csvfile
from service.cli.csvfile import chunks, encoding_of, read_rows

HEADER = "subscriber_id,name,email\n"
Written = Callable[..., Path]


def table(tmp_path: Path, *rows: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "firms.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding=encoding)
    return path


def test_a_good_file_exits_0_and_says_how_many(zhengda: Any, tmp_path: Path) -> None:
    assert zhengda("subscribers", "import", table(tmp_path, "a,甲,a@x.cn", "b,乙,b@x.cn"), "--json") == 0
    assert zhengda.json == {"imported": 2, "refused": []}
    assert not list(tmp_path.glob("*.refused.csv"))


def test_refused_rows_are_written_with_line_and_reason_for_their_owner_only(
    zhengda: Any, tmp_path: Path
) -> None:
    zhengda.service.refused_rows["b"] = "email: not an address"
    file = table(tmp_path, "a,甲,a@x.cn", "b,乙,nonsense", "c,丙,c@x.cn")
    assert zhengda("subscribers", "import", file) == 1
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
    assert zhengda.out == "2 imported\n"


def test_lines_are_those_of_the_file_in_every_chunk(zhengda: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(csvfile, "ROWS_A_CHUNK", 3)
    zhengda.service.refused_rows["r7"] = "no"
    rows = [f"r{n},甲,x@x.cn" for n in range(10)]
    rows.insert(2, "")
    assert zhengda("subscribers", "import", table(tmp_path, *rows), "--json") == 1
    assert json.loads(zhengda.out) == {"imported": 9, "refused": [{"line": 10, "reason": "no"}]}
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
    assert encoding_of(file) == "gb18030"
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


def test_an_unclosed_quote_is_named_by_its_line(zhengda: Any, tmp_path: Path) -> None:
    file = table(tmp_path, "a,甲,x", 'b,"乙,x', *["c,丙,x" * 10] * 3000)
    assert zhengda("subscribers", "import", file) == 1
    assert "line 3" in zhengda.err
    assert zhengda.err.count("\n") == 1
