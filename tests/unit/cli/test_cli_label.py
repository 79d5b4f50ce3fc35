"""``zhengda label``: a text, many documents, and what other rules would change; no service is asked."""

import json
from pathlib import Path
from typing import Any

import pytest

TEXT = """滨江市促进软件产业发展若干措施
滨经信〔2026〕12号
一、对软件企业给予一次性奖励50万元。
二、高新技术企业可于2026年4月30日前申报。
本措施自2026年3月1日起施行，有效期三年。
"""
RULE = 'version = "1"\n[[rule]]\ncodes = ["srdi"]\nterms = ["软件企业"]\nweight = 5\n'


@pytest.fixture
def text(tmp_path: Path) -> Path:
    file = tmp_path / "policy.txt"
    file.write_text(TEXT, encoding="utf-8")
    return file


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "qualification.toml").write_text(RULE, encoding="utf-8")
    return tmp_path / "rules"


def lines(tmp_path: Path, *rows: Any) -> Path:
    file = tmp_path / "in.jsonl"
    written = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    file.write_text("\n".join(written) + "\n", encoding="utf-8")
    return file


def test_a_text_is_shown_with_labels_facts_and_their_words(zhengda: Any, text: Path) -> None:
    assert zhengda("label", text, "--issuer", "杭州市经济和信息化局") == 0
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


def test_json_quotes_are_what_stands_at_their_offsets(zhengda: Any, text: Path) -> None:
    assert zhengda("label", text, "--json", "--explain") == 0
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


def test_many_documents_become_a_line_each_and_all_but_the_id_may_be_missing(
    zhengda: Any, tmp_path: Path
) -> None:
    bare = {"id": "b", "title": None, "text": None, "issuer": None, "publish_date": None, "region": None}
    file = lines(tmp_path, {"id": "a", "title": "软件产业措施", "text": TEXT, "region": "浙江省杭州市"}, bare)
    assert zhengda("label", "--jsonl", file, "--out", tmp_path / "out.jsonl") == 0
    first, second = map(json.loads, (tmp_path / "out.jsonl").read_text("utf-8").splitlines())
    assert (first["id"], first["region"], first["kind"]) == ("a", ["330100"], "measure")
    assert first["valid_until"] == "2029-02-28"
    assert first["evidence"]["industry:I65"] in TEXT
    assert (second["id"], second["industry"], second["doc_number"]) == ("b", [], None)


def test_lines_that_cannot_be_read_are_named_and_the_others_are_labelled(
    zhengda: Any, tmp_path: Path
) -> None:
    wrong = ("{", "[1]", {"text": "x"}, {"id": "d", "publish_date": "spring"}, {"id": "e", "text": 5})
    file = lines(tmp_path, *wrong, {"id": "ok", "text": TEXT})
    assert zhengda("label", "--jsonl", file, "--out", tmp_path / "out.jsonl") == 5
    assert [f"line {n}" in zhengda.err for n in range(1, 7)] == [True] * 5 + [False]
    assert len((tmp_path / "out.jsonl").read_text("utf-8").splitlines()) == 1


@pytest.mark.parametrize("how", ["same", "path", "symlink", "hardlink"])
@pytest.mark.parametrize("many", [True, False])
def test_labels_are_never_written_over_what_is_read(
    zhengda: Any, tmp_path: Path, how: str, many: bool
) -> None:
    file = lines(tmp_path, {"id": "a", "text": TEXT})
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


def test_labels_may_be_written_over_another_file(zhengda: Any, tmp_path: Path) -> None:
    file, out = lines(tmp_path, {"id": "a", "text": TEXT}), tmp_path / "out.jsonl"
    out.write_text("of yesterday", encoding="utf-8")
    assert zhengda("label", "--jsonl", file, "--out", out) == 0
    assert json.loads(out.read_text("utf-8"))["id"] == "a"


def test_half_a_character_comes_out_as_it_came_in(zhengda: Any, tmp_path: Path) -> None:
    file = lines(tmp_path, '{"id": "\\ud800", "text": "对软件企业给予奖励\\ud800，对软件企业发放补贴。"}')
    assert zhengda("label", "--jsonl", file, "--out", tmp_path / "out.jsonl") == 0
    assert json.loads((tmp_path / "out.jsonl").read_text("utf-8"))["id"] == "\ud800"


def test_half_a_character_in_policy_data_is_shown_as_another(zhengda: Any, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('{"body": "\\ud800对软件企业给予奖励"}', encoding="utf-8")
    assert zhengda("label", tmp_path / "p.json") == 0
    assert "\ufffd对软件企业给予奖励" in zhengda.out


def test_a_publishers_label_that_does_not_exist_is_told(zhengda: Any, tmp_path: Path) -> None:
    wrong = {"id": "a", "text": TEXT, "labels": ["industry:I6"]}
    file = lines(tmp_path, wrong, wrong | {"labels": ["colour:red"]}, wrong | {"labels": "x"}, {"id": "ok"})
    assert zhengda("label", "--jsonl", file, "--out", tmp_path / "out.jsonl") == 5
    for says in ("industry:I6, did you mean", "unknown dimension 'colour'", "expected a list"):
        assert says in zhengda.err
    assert len((tmp_path / "out.jsonl").read_text("utf-8").splitlines()) == 1


def test_what_policy_data_state_wins_over_the_text(zhengda: Any, tmp_path: Path) -> None:
    data = {"body": TEXT, "theme": "T05", "kind": "call", "doc_number": "滨政发〔2026〕3号"}
    (tmp_path / "p.json").write_text(json.dumps(data), encoding="utf-8")
    assert zhengda("label", tmp_path / "p.json", "--json") == 0
    stated = {one["code"] for one in zhengda.json["labels"] if one["origin"] == "publisher"}
    assert stated == {"T05", "call"}
    assert zhengda.json["facts"]["doc_number"]["value"] == "滨政发〔2026〕3号"


def test_days_of_work_are_counted_and_a_list_states_no_facts(zhengda: Any, tmp_path: Path) -> None:
    body = "关于申报软件企业奖励的通知\n请于本通知发布之日起10个工作日内申报。\n"
    row = {"id": "a", "text": body, "publish_date": "2026-03-02", "doc_number": "滨政发〔2026〕3号"}
    file = lines(tmp_path, row)
    assert zhengda("label", "--jsonl", file, "--out", tmp_path / "out.jsonl") == 0
    found = json.loads((tmp_path / "out.jsonl").read_text("utf-8"))
    assert found["apply_until"] == "2026-03-16"
    assert found["doc_number"] is None, "of a list only what the text says counts"


def test_the_offices_rules_are_used_where_the_setting_names_them(
    zhengda: Any, text: Path, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHENGDA_LEXICON", str(rules))
    assert zhengda("label", text, "--json") == 0
    assert "srdi" in {one["code"] for one in zhengda.json["labels"]}


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        ([], 2, "name a FILE"),
        (["nothing.txt"], 2, "no file nothing.txt"),
        (["--jsonl", "x.jsonl"], 2, "--out"),
    ],
)
def test_wrong_use_is_told(zhengda: Any, argv: list[str], code: int, says: str) -> None:
    assert zhengda("label", *argv) == code
    assert says in zhengda.err


def test_a_mistake_in_the_offices_rules_is_told_with_file_and_line(
    zhengda: Any, text: Path, rules: Path
) -> None:
    (rules / "qualification.toml").write_text(RULE.replace("srdi", "srbi"), encoding="utf-8")
    assert zhengda("label", text, "--lexicon", rules) == 1
    assert "qualification.toml:3: unknown code qualification:srbi, did you mean srdi" in zhengda.err
    (rules / "qualifications.toml").write_text(RULE, encoding="utf-8")
    assert zhengda("label", text, "--lexicon", rules) == 1
    assert "qualifications.toml:1: no such file is read" in zhengda.err


def test_what_would_move_the_terminals_cursor_is_shown_as_blanks_and_marks_stay_in_place(
    zhengda: Any, tmp_path: Path
) -> None:
    file = tmp_path / "p.txt"
    file.write_bytes(("关于发放补贴的通知\r\n对老年人\x1b[31m给予补贴\x07。\r\n").encode())
    assert zhengda("label", file) == 0
    assert not {"\x1b", "\x07", "\r"} & set(zhengda.out)
    assert "group" in zhengda.out


def test_a_line_of_jsonl_ends_at_its_line_feed_only(zhengda: Any, tmp_path: Path) -> None:
    file = lines(tmp_path, {"id": "a", "text": "对企业给予补贴。\u2028对老年人给予补贴。\x85"})
    assert zhengda("label", "--jsonl", file, "--out", tmp_path / "out.jsonl") == 0
    assert len((tmp_path / "out.jsonl").read_text("utf-8").split("\n")) == 2


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
    ("p.txt", '{"specversion": "1.0", "data": null}', 1, "p.txt: expected one JSON object"),
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


@pytest.mark.parametrize(("name", "content"), [("p.txt", ""), ("p.txt", " \n"), ("p.json", '{"body": null}')])
def test_a_document_without_a_text_is_labelled_by_its_title_and_says_so(
    zhengda: Any, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert zhengda("label", tmp_path / name, "--title", "软件产业奖励办法", "--json") == 0
    assert "there is no text" in zhengda.err
    assert zhengda.json["labels"]


@pytest.mark.parametrize("raw", [b"%PDF-1.7\n1 0 obj", b"PK\x03\x04word", b"a\0b", b"{\\rtf1 x}"])
def test_a_file_that_is_no_text_says_what_to_save_it_as(zhengda: Any, tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "p.doc").write_bytes(raw)
    assert zhengda("label", tmp_path / "p.doc") == 1
    assert "save a PDF or Word document as plain text" in zhengda.err


def test_a_region_that_names_no_place_is_wrong_use(zhengda: Any, text: Path) -> None:
    assert zhengda("label", text, "--region", "火星") == 2
    assert "火星 names no place" in zhengda.err
    for known in ("浙江省杭州市", "330100", "朝阳区"):
        assert zhengda("label", text, "--region", known) == 0


def test_heads_of_columns_are_in_the_callers_language(zhengda: Any, text: Path) -> None:
    heads = {
        "en_US": ("dimension", "weight", "quote", "fact", "value", "points", "needs"),
        "zh_CN": ("维度", "把握", "依据", "事实", "内容", "得分", "须得"),
    }
    for locale, words in heads.items():
        zhengda.environ["LANG"] = f"{locale}.UTF-8"
        assert zhengda("label", text, "--explain") == 0
        assert [word for word in words if word not in zhengda.out] == []
