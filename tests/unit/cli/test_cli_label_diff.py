"""`zhengda label --diff`: which labels documents gain and lose by other rules; and directories that are none."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

import config.taxonomies
from tests.support.label_files import TEXT

SHIPPED = Path(config.taxonomies.__file__).parent


@pytest.fixture
def many(written: Callable[..., Path]) -> Path:
    rows = {"id": "won", "text": TEXT}, {"id": "same", "title": "通告", "text": "道路封闭。"}
    return written(*rows, name="in.jsonl")


def test_json_keeps_one_row_for_each_label_gained(zhengda: Any, notice: Path, rules: Path) -> None:
    assert zhengda("label", notice, "--diff", rules, "--json") == 0
    (change,) = zhengda.json
    assert list(change) == ["id", "change", "name", "rule", "quote"]
    assert (change["id"], change["change"]) == ("notice", "+qualification:srdi")
    assert zhengda("label", notice, "--lexicon", rules, "--json") == 0
    assert "srdi" in {one["code"] for one in zhengda.json["labels"]}


def test_the_first_line_says_whose_rules_and_how_many_documents(
    zhengda: Any, many: Path, rules: Path
) -> None:
    assert zhengda("label", "--jsonl", many, "--diff", rules) == 0
    first, heads, *rows = zhengda.out.splitlines()
    said = f"documents that get other labels by the rules in {rules} ("
    assert first.startswith(said)
    assert first.endswith(": 1 of 2")
    assert heads.split() == ["id", "change", "label", "name", "rule", "quote"]
    (row,) = rows
    assert row.split()[:3] == ["won", "gained", "qualification:srdi"]
    assert "head:软件企业" in row


def test_what_is_lost_is_said_so_in_the_callers_language(zhengda: Any, notice: Path, rules: Path) -> None:
    others = rules.parent / "others"
    others.mkdir()
    (others / "qualification.toml").write_text('version = "1"\n', encoding="utf-8")
    zhengda.environ["LANG"] = "zh_CN.UTF-8"
    assert zhengda("label", notice, "--lexicon", rules, "--diff", others) == 0
    first, heads, row = zhengda.out.splitlines()
    assert (first.endswith("1 份，共 1 份"), heads.split()[1]) == (True, "变化")
    assert row.split()[:3] == ["notice", "减少", "qualification:srdi"]


def test_rules_that_change_nothing_have_no_table(zhengda: Any, notice: Path, rules: Path) -> None:
    assert zhengda("label", notice, "--lexicon", rules, "--diff", rules) == 0
    (line,) = zhengda.out.splitlines()
    assert line.endswith(": 0 of 1")


@pytest.mark.parametrize("part", [".", "lexicon"])
def test_a_copy_of_the_shipped_rules_is_told_what_to_name_instead(
    zhengda: Any, notice: Path, tmp_path: Path, part: str
) -> None:
    copytree(SHIPPED, tmp_path / "copy")
    copy = tmp_path / "copy" / part
    assert zhengda("label", notice, "--diff", copy) == 1
    assert f"({copy} is a copy of the rules that ship: name a directory that holds only what" in zhengda.err
    broken = tmp_path / "rules"
    broken.mkdir()
    (broken / "qualification.toml").write_text('version = "1"\nrules = 1\n', encoding="utf-8")
    assert zhengda("label", notice, "--diff", broken) == 1
    assert "is a copy" not in zhengda.err


def test_rules_in_a_directory_that_does_not_exist_are_told_without_a_line(
    zhengda: Any, notice: Path, tmp_path: Path
) -> None:
    for option in ("--lexicon", "--diff"):
        assert zhengda("label", notice, option, tmp_path / "nowhere") == 1
        assert zhengda.err == f"{tmp_path / 'nowhere'}: there is no such directory\n"


def test_a_directory_without_rules_is_told_what_belongs_there(
    zhengda: Any, notice: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    for option in ("--lexicon", "--diff"):
        assert zhengda("label", notice, option, tmp_path / "empty") == 1
        assert zhengda.err.startswith(f"{tmp_path / 'empty'}: no rules are in this directory; write what")


def test_a_file_for_what_is_only_printed_is_wrong_use(
    zhengda: Any, tmp_path: Path, many: Path, rules: Path
) -> None:
    out = tmp_path / "out.jsonl"
    assert zhengda("label", "--jsonl", many, "--diff", rules, "--out", out) == 2
    assert zhengda.err == "--diff prints what it finds: leave --out away\n"
    assert not out.exists()
