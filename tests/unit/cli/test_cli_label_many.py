"""``zhengda label --jsonl``: many documents, a line each; what is wrong or doubtful in a line is told by its number."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.label_files import TEXT

Written = Callable[..., Path]
MANY = "in.jsonl"


def test_many_documents_become_a_line_each_and_all_but_the_id_may_be_missing(
    zhengda: Any, written: Written, tmp_path: Path
) -> None:
    bare = {"id": "b", "title": None, "text": None, "issuer": None, "publish_date": None, "region": None}
    file = written(
        {"id": "a", "title": "软件产业措施", "text": TEXT, "region": "浙江省杭州市"}, bare, name=MANY
    )
    assert zhengda("label", "--jsonl", file, "--out", tmp_path / "out.jsonl") == 0
    first, second = map(json.loads, (tmp_path / "out.jsonl").read_text("utf-8").splitlines())
    assert (first["id"], first["region"], first["kind"]) == ("a", ["330100"], "measure")
    assert first["valid_until"] == "2029-02-28"
    assert first["evidence"]["industry:I65"] in TEXT
    assert (second["id"], second["industry"], second["doc_number"]) == ("b", [], None)


def test_lines_that_cannot_be_read_are_named_and_the_others_are_labelled(
    zhengda: Any, written: Written, tmp_path: Path
) -> None:
    wrong = ("{", "[1]", {"text": "x"}, {"id": "d", "publish_date": "spring"}, {"id": "e", "text": 5})
    file = written(*wrong, {"id": "ok", "text": TEXT}, name=MANY)
    assert zhengda("label", "--jsonl", file, "--out", tmp_path / "out.jsonl") == 5
    assert [f"line {n}" in zhengda.err for n in range(1, 7)] == [True] * 5 + [False]
    assert len((tmp_path / "out.jsonl").read_text("utf-8").splitlines()) == 1


@pytest.mark.parametrize("how", ["same", "path", "symlink", "hardlink"])
@pytest.mark.parametrize("many", [True, False])
def test_labels_are_never_written_over_what_is_read(
    zhengda: Any, written: Written, tmp_path: Path, how: str, many: bool
) -> None:
    file = written({"id": "a", "text": TEXT}, name=MANY)
    before = file.read_bytes()
    (tmp_path / "below").mkdir()
    out = {"same": file, "path": tmp_path / "below" / ".." / file.name}.get(how, tmp_path / "out.jsonl")
    if how == "symlink":
        out.symlink_to(file)
    elif how == "hardlink":
        out.hardlink_to(file)
    assert zhengda("label", *(["--jsonl"] if many else []), file, "--out", out) == 2
    assert zhengda.err == f"--out {out} is the input: name another file\n"
    assert file.read_bytes() == before


def test_labels_may_be_written_over_another_file(zhengda: Any, written: Written, tmp_path: Path) -> None:
    file, out = written({"id": "a", "text": TEXT}, name=MANY), tmp_path / "out.jsonl"
    out.write_text("of yesterday", encoding="utf-8")
    assert zhengda("label", "--jsonl", file, "--out", out) == 0
    assert json.loads(out.read_text("utf-8"))["id"] == "a"


def test_half_a_character_comes_out_as_it_came_in(zhengda: Any, written: Written, tmp_path: Path) -> None:
    file = written('{"id": "\\ud800", "text": "对软件企业给予奖励\\ud800，对软件企业发放补贴。"}', name=MANY)
    assert zhengda("label", "--jsonl", file, "--out", tmp_path / "out.jsonl") == 0
    assert json.loads((tmp_path / "out.jsonl").read_text("utf-8"))["id"] == "\ud800"


def test_a_publishers_label_that_does_not_exist_is_told(
    zhengda: Any, written: Written, tmp_path: Path
) -> None:
    wrong = {"id": "a", "text": TEXT, "labels": ["industry:I6"]}
    file = written(
        wrong, wrong | {"labels": ["colour:red"]}, wrong | {"labels": "x"}, {"id": "ok"}, name=MANY
    )
    assert zhengda("label", "--jsonl", file, "--out", tmp_path / "out.jsonl") == 5
    for says in ("industry:I6, did you mean", "unknown dimension 'colour'", "expected a list"):
        assert says in zhengda.err
    assert len((tmp_path / "out.jsonl").read_text("utf-8").splitlines()) == 1


def test_days_of_work_are_counted_and_a_list_states_no_facts(
    zhengda: Any, written: Written, tmp_path: Path
) -> None:
    body = "关于申报软件企业奖励的通知\n请于本通知发布之日起10个工作日内申报。\n"
    row = {"id": "a", "text": body, "publish_date": "2026-03-02", "doc_number": "滨政发〔2026〕3号"}
    file = written(row, name=MANY)
    assert zhengda("label", "--jsonl", file, "--out", tmp_path / "out.jsonl") == 0
    found = json.loads((tmp_path / "out.jsonl").read_text("utf-8"))
    assert found["apply_until"] == "2026-03-16"
    assert found["doc_number"] is None, "of a list only what the text says counts"


def test_a_line_of_jsonl_ends_at_its_line_feed_only(zhengda: Any, written: Written, tmp_path: Path) -> None:
    file = written({"id": "a", "text": "对企业给予补贴。\u2028对老年人给予补贴。\x85"}, name=MANY)
    assert zhengda("label", "--jsonl", file, "--out", tmp_path / "out.jsonl") == 0
    assert len((tmp_path / "out.jsonl").read_text("utf-8").split("\n")) == 2


def test_a_region_that_names_no_place_and_an_id_that_comes_twice_are_told_and_labelled(
    zhengda: Any, written: Written, tmp_path: Path
) -> None:
    rows = [{"id": "a", "region": "火星"}, {"id": "a", "region": "杭州市"}, {"id": 5}, {"id": "5", "text": 5}]
    file = written(*(({"text": TEXT} | row) for row in rows), "", {"id": "5"}, name=MANY)
    assert zhengda("label", "--jsonl", file, "--out", tmp_path / "out.jsonl") == 5
    region, twice, wrong, again, *_ = zhengda.err.splitlines()
    assert region.startswith("line 1: region: 火星 names no place and was left out; write a code")
    assert twice.startswith("line 2: id: a was there before, in line 1;")
    assert wrong == "line 4: text: expected a text"
    assert again.startswith("line 6: id: 5 was there before, in line 3;")
    found = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in found] == ["a", "a", "5", "5"]


def test_what_is_only_doubtful_is_no_failure_and_is_told_by_a_comparison_as_well(
    zhengda: Any, written: Written, tmp_path: Path, rules: Path
) -> None:
    file = written({"id": "a", "region": "火星"}, {"id": "b", "region": "杭州市"}, name=MANY)
    zhengda.environ["LANG"] = "zh_CN.UTF-8"
    for rest in (["--out", tmp_path / "out.jsonl"], ["--diff", rules]):
        assert zhengda("label", "--jsonl", file, *rest) == 0
        (line,) = [line for line in zhengda.err.splitlines() if line.startswith("第 ")]
        assert line.startswith("第 1 行：region：没有名为 火星 的地区")


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (
            ["--out", "-", "--title", "t", "--region", "杭州市"],
            "--title, --region: each line of --jsonl says",
        ),
        (["--out", "-", "--published", "2026-03-01"], "--published: each line of --jsonl says"),
        (["--out", "-", "--explain"], "--explain: --out writes labels and facts"),
        (["--diff", "rules", "--explain"], "--explain: --diff tells only which labels change"),
    ],
)
def test_options_that_would_be_passed_over_are_wrong_use(
    zhengda: Any, written: Written, argv: list[str], says: str
) -> None:
    assert zhengda("label", "--jsonl", written({"id": "a"}, name=MANY), *argv) == 2
    assert zhengda.err.startswith(says)
    assert zhengda.out == ""


def test_labels_go_to_standard_output_for_a_dash_with_nothing_else(
    zhengda: Any, written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = written({"id": "a", "text": TEXT}, "{", '{"id": "\\ud800"}', name=MANY)
    assert zhengda("label", "--jsonl", file, "--out", "-") == 5
    assert [json.loads(line)["id"] for line in zhengda.out.splitlines()] == ["a", "\ud800"]
    refused, summary = zhengda.err.splitlines()
    assert (refused[:7], summary) == ("line 2:", "1 of 3 refused")
    assert not Path("-").exists()


def test_standard_input_is_read_for_a_dash(
    zhengda: Any, written: Written, notice: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with notice.open(encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert zhengda("label", "-", "--json") == 0
    assert "I65" in {one["code"] for one in zhengda.json["labels"]}
    with written({"id": "a", "text": TEXT}, name=MANY).open(encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert zhengda("label", "--jsonl", "-", "--out", tmp_path / "out.jsonl") == 0
    assert json.loads((tmp_path / "out.jsonl").read_text("utf-8"))["id"] == "a"
