"""The shipped taxonomy holds the codes that labels.md promises, and knows its hierarchies."""

from pathlib import Path

import pytest

from config.taxonomies import Taxonomy, TaxonomyDataError, UnknownLabelError, load_taxonomy, parse_label


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load_taxonomy()


def test_every_dimension_is_there_in_the_order_of_display(taxonomy: Taxonomy) -> None:
    assert taxonomy.dimensions == (
        "region", "theme", "kind", "instrument", "industry", "subject", "size", "qualification", "group", "action",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("dimension", "count"),
    [("theme", 22), ("kind", 8), ("instrument", 17), ("industry", 1971), ("subject", 5), ("size", 4),
     ("qualification", 15), ("group", 12), ("action", 4)],
)  # fmt: skip
def test_a_dimension_has_all_its_codes(taxonomy: Taxonomy, dimension: str, count: int) -> None:
    assert len(taxonomy.codes[dimension]) == count


@pytest.mark.parametrize(
    ("dimension", "code", "name"),
    [
        ("region", "100000", "全国"),
        ("region", "310104", "徐汇区"),
        ("theme", "T22", "其他"),
        ("industry", "I65", "软件和信息技术服务业"),
        ("size", "micro", "微型企业"),
        ("action", "auto", "免申即享"),
    ],
)
def test_codes_have_chinese_names(taxonomy: Taxonomy, dimension: str, code: str, name: str) -> None:
    assert taxonomy.name(dimension, code) == name
    assert taxonomy.exists(dimension, code)


def test_an_unknown_code_or_dimension_has_no_name(taxonomy: Taxonomy) -> None:
    assert taxonomy.name("industry", "I99") is None
    assert taxonomy.name("colour", "red") is None
    assert not taxonomy.exists("colour", "red")


@pytest.mark.parametrize(
    ("dimension", "code", "above"),
    [
        ("region", "440106", ("440100", "440000", "100000")),
        ("region", "310104", ("310000", "100000")),  # a municipality has no city between
        ("region", "429004", ("420000", "100000")),  # a city directly below its province
        ("region", "100000", ()),
        ("industry", "C3964", ("C396", "C39", "C")),
        ("industry", "I", ()),
        ("theme", "T10", ()),
        ("industry", "nothing", ()),
    ],
)
def test_ancestors_come_nearest_first(
    taxonomy: Taxonomy, dimension: str, code: str, above: tuple[str, ...]
) -> None:
    assert taxonomy.ancestors(dimension, code) == above


def test_every_code_of_a_tree_leads_to_a_root(taxonomy: Taxonomy) -> None:
    for code in taxonomy.codes["region"]:
        assert (code, *taxonomy.ancestors("region", code))[-1] == "100000"
    for code in taxonomy.codes["industry"]:
        assert (code, *taxonomy.ancestors("industry", code))[-1] == code[0]


def test_the_nearest_code_shares_the_longest_beginning(taxonomy: Taxonomy) -> None:
    near = taxonomy.nearest("industry", "I99")
    assert near is not None
    assert (near[0], len(near)) == ("I", 3)
    assert taxonomy.nearest("subject", "enterprize") == "enterprise"
    assert taxonomy.nearest("industry", "软件和信息技术服务业") == "I65"
    assert taxonomy.nearest("subject", "zzz") is None
    assert taxonomy.nearest("colour", "red") is None
    assert taxonomy.nearest("subject", "") is None


def test_a_label_is_read_into_its_parts() -> None:
    ref = parse_label(" industry:I65 ")
    assert (ref.dimension, ref.code, str(ref)) == ("industry", "I65", "industry:I65")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("industry:I99", "unknown code industry:I99, did you mean I6"),
        ("subject:zzz", "unknown code subject:zzz"),
        ("colour:red", "unknown dimension 'colour'"),
        ("industry", "not a label"),
        (":I65", "not a label"),
        ("industry:", "not a label"),
        ("", "not a label"),
    ],
)
def test_a_wrong_label_is_refused_with_what_is_wrong(text: str, complaint: str) -> None:
    with pytest.raises(UnknownLabelError, match=complaint):
        parse_label(text)


def _write(directory: Path, codes: str, name: str = "tree.csv") -> Path:
    manifest = f'version = "1"\n\n[[dimension]]\nid = "tree"\ntitle = "树"\nfile = "{name}"\n'
    (directory / "taxonomy.toml").write_text(manifest, encoding="utf-8")
    (directory / name).write_text(codes, encoding="utf-8")
    return directory / name


@pytest.mark.parametrize(
    ("name", "text", "line", "reason"),
    [
        ("tree.csv", "code,name,parent\nA,甲,\nA,乙,\n", 3, "already on line 2"),
        ("tree.csv", "code,name,parent\nA,甲,\nB,乙,Z\n", 3, "below Z, which is unknown"),
        ("tree.csv", "code,name,parent\nA,甲,B\nB,乙,A\n", 2, "below itself"),
        ("tree.csv", "code,name,parent\nA,甲\n", 2, "2 fields where the header has 3"),
        ("tree.csv", "code,name,parent\nA,,\n", 2, "must not be empty"),
        ("tree.csv", "code,parent\nA,\n", 1, "lacks name"),
        ("flat.toml", 'version = "1"\n[codes]\na = "甲"\nb = 7\n', 4, "must be a text"),
        ("flat.toml", 'version = "1"\n[codes]\na = "甲\n', 3, "line 3"),
        ("flat.toml", '[codes]\na = "甲"\n', 1, "version"),
        ("flat.toml", 'version = "1"\n', 1, r"\[codes\]"),
        ("flat.toml", 'version = "1"\n[code]\na = "甲"\n', 2, r"unknown key code, did you mean codes\?"),
        ("flat.toml", 'version = "1"\ncodes = 3\n', 2, "codes must be a table"),
    ],
)
def test_a_wrong_file_is_refused_with_file_and_line(
    tmp_path: Path, name: str, text: str, line: int, reason: str
) -> None:
    file = _write(tmp_path, text, name)
    with pytest.raises(TaxonomyDataError, match=reason) as caught:
        load_taxonomy(tmp_path)
    assert (caught.value.file, caught.value.line) == (file, line)
    assert f"{file}:{line}: " in str(caught.value)


@pytest.mark.parametrize(
    ("key", "line", "reason"),
    [
        ('[[dimensions]]\nid = "x"\n', 7, r"unknown key dimensions, did you mean dimension\?"),
        ('formar = "former.csv"\n', 7, r"unknown key formar in a dimension, did you mean former\?"),
    ],
)
def test_a_misspelt_key_of_the_list_of_dimensions_is_told(
    tmp_path: Path, key: str, line: int, reason: str
) -> None:
    _write(tmp_path, "code,name,parent\nA,甲,\n")
    manifest = tmp_path / "taxonomy.toml"
    manifest.write_text(manifest.read_text("utf-8") + key, encoding="utf-8")
    with pytest.raises(TaxonomyDataError, match=rf"taxonomy\.toml:{line}: {reason}"):
        load_taxonomy(tmp_path)


def test_a_missing_or_garbled_file_is_named(tmp_path: Path) -> None:
    file = _write(tmp_path, "code,name,parent\n")
    file.write_bytes("code,name,parent\nA,甲,\n".encode("gb18030"))
    with pytest.raises(TaxonomyDataError, match="not UTF-8") as caught:
        load_taxonomy(tmp_path)
    assert caught.value.line == 2
    file.unlink()
    with pytest.raises(TaxonomyDataError, match=r"tree\.csv:1: the file is missing"):
        load_taxonomy(tmp_path)
