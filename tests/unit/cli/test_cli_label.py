"""``zhengda label``: a text or policy data, with labels, facts and their words; no service is asked."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.label_files import RULE, TEXT


def test_a_text_is_shown_with_labels_facts_and_their_words(zhengda: Any, notice: Path) -> None:
    assert zhengda("label", notice, "--issuer", "杭州市经济和信息化局") == 0
    assert "软件和信息技术服务业" in zhengda.out
    assert "滨经信〔2026〕12号" in zhengda.out
    assert "2029-02-28" in zhengda.out
    assert "500,000 元" in zhengda.out


def test_conditions_stand_in_a_table_of_their_own_and_what_is_missing_is_named(
    zhengda: Any, tmp_path: Path
) -> None:
    file = tmp_path / "p.txt"
    file.write_text("关于申报的通知\n一、申报条件\n（一）职工20人以上；\n", encoding="utf-8")
    assert zhengda("label", file) == 0
    assert "\nFacts: nothing\n" in zhengda.out
    assert "employees >= 20 person" in zhengda.out.split("\nConditions\n")[1]
    file.write_text("你好\n", encoding="utf-8")
    assert zhengda("label", file) == 0
    assert all(f"\n{name}: nothing\n" in zhengda.out for name in ("Facts", "Conditions"))


def test_explain_tells_what_was_not_enough_and_what_counted_for_nothing(zhengda: Any, tmp_path: Path) -> None:
    file = tmp_path / "p.txt"
    file.write_text("关于发放补贴的通知\n补贴对象不包括残疾人。对老年人给予补贴。", encoding="utf-8")
    assert zhengda("label", file, "--explain") == 0
    assert "excluded by the text" in zhengda.out
    assert "group:elderly" in zhengda.out


def test_json_quotes_are_what_stands_at_their_offsets(zhengda: Any, notice: Path) -> None:
    assert zhengda("label", notice, "--json", "--explain") == 0
    found = zhengda.json
    assert found["title"] == "滨江市促进软件产业发展若干措施"
    assert all(one["quote"] == TEXT[one["start"] : one["end"]] for one in found["labels"])
    assert found["facts"]["valid_until"]["value"] == "2029-02-28"
    assert found["weighed"]["industry"]["I65"]


def test_a_gb18030_file_and_policy_data_are_read_as_well(zhengda: Any, tmp_path: Path) -> None:
    (tmp_path / "gb.txt").write_bytes(TEXT.encode("gb18030"))
    assert zhengda("label", tmp_path / "gb.txt", "--json") == 0
    codes = {f"{one['dimension']}:{one['code']}" for one in zhengda.json["labels"]}
    data = {"title": "关于软件的措施", "issuer": "上海市", "body": TEXT, "labels": ["industry:C39"]}
    (tmp_path / "p.json").write_text(json.dumps({"specversion": "1.0", "data": data}), encoding="utf-8")
    assert zhengda("label", tmp_path / "p.json", "--json") == 0
    assert "industry:I65" in codes
    assert [one["code"] for one in zhengda.json["labels"] if one["dimension"] == "industry"] == ["C39"]


def test_half_a_character_in_policy_data_is_shown_as_another(zhengda: Any, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('{"body": "\\ud800对软件企业给予奖励"}', encoding="utf-8")
    assert zhengda("label", tmp_path / "p.json") == 0
    assert "\ufffd对软件企业给予奖励" in zhengda.out


def test_what_policy_data_state_wins_over_the_text(zhengda: Any, tmp_path: Path) -> None:
    data = {"body": TEXT, "theme": "T05", "kind": "call", "doc_number": "滨政发〔2026〕3号"}
    (tmp_path / "p.json").write_text(json.dumps(data), encoding="utf-8")
    assert zhengda("label", tmp_path / "p.json", "--json") == 0
    stated = {one["code"] for one in zhengda.json["labels"] if one["origin"] == "publisher"}
    assert stated == {"T05", "call"}
    assert zhengda.json["facts"]["doc_number"]["value"] == "滨政发〔2026〕3号"


def test_the_offices_rules_are_used_where_the_setting_names_them(
    zhengda: Any, notice: Path, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHENGDA_LEXICON", str(rules))
    assert zhengda("label", notice, "--json") == 0
    assert "srdi" in {one["code"] for one in zhengda.json["labels"]}


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        ([], 2, "name a FILE"),
        (["nothing.txt"], 2, "no file nothing.txt"),
        (["--jsonl", "x.jsonl"], 2, "--out"),
        (["x.txt", "--published", "2026-3-1"], 2, "--published: 2026-3-1 is no day such as 2026-03-01"),
    ],
)
def test_wrong_use_is_told(zhengda: Any, argv: list[str], code: int, says: str) -> None:
    assert zhengda("label", *argv) == code
    assert says in zhengda.err


def test_a_mistake_in_the_offices_rules_is_told_with_file_and_line(
    zhengda: Any, notice: Path, rules: Path
) -> None:
    (rules / "qualification.toml").write_text(RULE.replace("srdi", "srbi"), encoding="utf-8")
    assert zhengda("label", notice, "--lexicon", rules) == 1
    assert "qualification.toml:3: unknown code qualification:srbi, did you mean srdi" in zhengda.err
    (rules / "qualifications.toml").write_text(RULE, encoding="utf-8")
    assert zhengda("label", notice, "--lexicon", rules) == 1
    assert "qualifications.toml:1: no such file is read" in zhengda.err


def test_what_would_move_the_terminals_cursor_is_shown_as_blanks_and_marks_stay_in_place(
    zhengda: Any, tmp_path: Path
) -> None:
    file = tmp_path / "p.txt"
    file.write_bytes(("关于发放补贴的通知\r\n对老年人\x1b[31m给予补贴\x07。\r\n").encode())
    assert zhengda("label", file) == 0
    assert not {"\x1b", "\x07", "\r"} & set(zhengda.out)
    assert "group" in zhengda.out


BROKEN = [
    (
        "p.json",
        '{"title": "关于软件的措施", "body": "对软件企业',
        1,
        "p.json: not valid JSON: Unterminated string",
    ),
    (
        "p.txt",
        '{"title": "关于软件的措施", "body": "对软件企业',
        1,
        "p.txt: not valid JSON: Unterminated string",
    ),
    ("p.txt", "{title: 软件}", 1, "p.txt: not valid JSON"),
    ("p.json", '[{"body": "对软件企业给予奖励"}]', 1, "p.json: expected one JSON object"),
    ("p.txt", '[{"body": "对软件企业给予奖励"}]', 1, "p.txt: expected one JSON object"),
    ("p.json", '"对软件企业给予奖励"', 1, "p.json: expected one JSON object"),
    ("p.json", '{"title": "关于软件的措施"}', 1, "p.json: body: missing"),
    ("p.txt", '{"specversion": "1.0", "data": {"title": "x"}}', 1, "p.txt: body: missing"),
    ("p.txt", '{"specversion": "1.0", "data": null}', 1, "p.txt: body: missing"),
    ("p.txt", '{"body": "一"}\n{"body": "二"}\n', 1, "--jsonl"),
    ("p.json", "对软件企业给予奖励", 1, "p.json: not valid JSON"),
]


@pytest.mark.parametrize(("name", "content", "code", "says"), BROKEN)
def test_what_is_meant_as_json_and_is_no_policy_is_refused_with_what_is_wrong(
    zhengda: Any, tmp_path: Path, name: str, content: str, code: int, says: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert zhengda("label", tmp_path / name) == code
    assert says in zhengda.err
    assert zhengda.out == ""


@pytest.mark.parametrize("opening", ["[附件]", "{附件1} ", "[2026]3号 "])
def test_a_text_that_opens_with_a_bracket_is_a_text(zhengda: Any, tmp_path: Path, opening: str) -> None:
    (tmp_path / "p.txt").write_text(
        f"{opening}对软件企业给予奖励，对软件企业发放补贴。[完]", encoding="utf-8"
    )
    assert zhengda("label", tmp_path / "p.txt", "--json") == 0
    assert "I65" in {one["code"] for one in zhengda.json["labels"]}


@pytest.mark.parametrize(
    ("name", "content"),
    [("p.txt", ""), ("p.txt", " \n"), ("p.json", '{"body": null}'), ("p.json", '{"body": "", "data": null}')],
)
def test_a_document_without_a_text_is_labelled_by_its_title_and_says_so(
    zhengda: Any, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert zhengda("label", tmp_path / name, "--title", "软件产业奖励办法", "--json") == 0
    assert "there is no text" in zhengda.err
    assert zhengda.json["labels"]


@pytest.mark.parametrize(
    "opening",
    [
        "<!DOCTYPE html>",
        "\ufeff\n<HTML lang='zh'>",
        "<?xml version='1.0'?>\n<html>",
        "<!-- a --><div>",
        "<p>",
    ],
)
def test_a_web_page_says_how_to_get_at_its_text(zhengda: Any, tmp_path: Path, opening: str) -> None:
    page = f"{opening}<script>var a = '高新技术企业'</script><p>对<b>软件</b>企业给予奖励"
    (tmp_path / "p.html").write_text(page, encoding="utf-8")
    assert zhengda("label", tmp_path / "p.html") == 1
    assert "copy the text of the policy into a file" in zhengda.err


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "utf-8-sig"])
def test_a_text_is_read_however_it_was_saved(zhengda: Any, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "p.txt").write_text("对软件企业给予奖励，软件企业可申报。", encoding=encoding)
    assert zhengda("label", tmp_path / "p.txt", "--json") == 0
    assert "I65" in {one["code"] for one in zhengda.json["labels"]}


def test_a_directory_is_told_as_one(zhengda: Any, tmp_path: Path) -> None:
    assert zhengda("label", tmp_path) == 2
    assert "is a directory; name a file in it" in zhengda.err


@pytest.mark.parametrize("raw", [b"%PDF-1.7\n1 0 obj", b"PK\x03\x04word", b"a\0b", b"{\\rtf1 x}"])
def test_a_file_that_is_no_text_says_what_to_save_it_as(zhengda: Any, tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "p.doc").write_bytes(raw)
    assert zhengda("label", tmp_path / "p.doc") == 1
    assert "save a PDF or Word document as plain text" in zhengda.err


def test_a_region_that_names_no_place_is_wrong_use(zhengda: Any, notice: Path) -> None:
    assert zhengda("label", notice, "--region", "火星") == 2
    assert "火星 names no place" in zhengda.err
    for known in ("浙江省杭州市", "330100", "朝阳区"):
        assert zhengda("label", notice, "--region", known) == 0


def test_heads_of_columns_are_in_the_callers_language(zhengda: Any, notice: Path) -> None:
    heads = {
        "en_US": ("dimension", "weight", "quote", "fact", "value", "points", "needs"),
        "zh_CN": ("维度", "把握", "依据", "事实", "内容", "得分", "须得"),
    }
    for locale, words in heads.items():
        zhengda.environ["LANG"] = f"{locale}.UTF-8"
        assert zhengda("label", notice, "--explain") == 0
        assert [word for word in words if word not in zhengda.out] == []
