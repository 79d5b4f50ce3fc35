"""A lexicon is data that an office edits: mistakes are answered with file and line."""

from pathlib import Path

import pytest

from config.taxonomies import TaxonomyDataError, load_lexicon, load_taxonomy


def _write(directory: Path, subject: str) -> Path:
    (directory / "lexicon.toml").write_text('version = "7"\ndimensions = ["subject"]\n', encoding="utf-8")
    (directory / "subject.toml").write_text(subject, encoding="utf-8")
    return directory / "subject.toml"


def test_the_shipped_lexicon_has_terms_for_every_dimension() -> None:
    lexicon = load_lexicon()
    assert set(lexicon.policies) == set(load_taxonomy().dimensions)
    assert {rule.dimension for rule in lexicon.rules} == set(load_taxonomy().dimensions)


@pytest.mark.parametrize(
    "dimension", ["theme", "kind", "instrument", "size", "qualification", "group", "subject"]
)
def test_every_code_of_a_flat_dimension_has_a_term(dimension: str) -> None:
    pointed_at = {c for rule in load_lexicon().rules if rule.dimension == dimension for c in rule.codes}
    assert set(load_taxonomy().codes[dimension]) - pointed_at <= {"T01", "T22"}


def test_a_rule_gives_its_terms_to_its_codes(tmp_path: Path) -> None:
    _write(
        tmp_path, 'version = "1"\nthreshold = 2\n[[rule]]\ncodes = ["person"]\nterms = ["工匠"]\nweight = 3\n'
    )
    lexicon = load_lexicon(tmp_path, load_taxonomy())
    (rule,) = lexicon.rules
    assert (rule.name, rule.terms, rule.codes) == ("subject#1", ("工匠",), ("person",))
    assert (rule.weight, rule.cap) == (3.0, 5)
    assert (lexicon.version, lexicon.policies["subject"].threshold) == ("7", 2.0)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (
            'version = "1"\n\n[[rule]]\ncodes = ["persom"]\nterms = ["x"]\n',
            4,
            "subject:persom, did you mean person",
        ),
        ('version = "1"\n[[rule]]\ncodes = ["person"]\n', 2, "a list of terms"),
        ('version = "1"\n[[rule]]\ncodes = ["person"]\nterms = ["a",\n"a"]\n', 4, "already points"),
        ('version = "1"\n[[rule]]\ncodes = ["person"]\nterms = [""]\n', 2, "must be a text"),
        (
            'version = "1"\n[[rule]]\ncodes = ["person"]\nterms = ["a"]\nwieght = 2\n',
            5,
            "unknown key wieght in a rule, did you mean weight",
        ),
        (
            'version = "1"\n[[rule]]\ncodes = ["person"]\nterms = ["a"]\ncode = 2\n',
            5,
            "unknown key code in a rule, did you mean codes",
        ),
        ('version = "1"\n[[rule]]\ncodes = ["person"]\nterms = ["a"]\nweight = "2"\n', 5, "must be a number"),
        ('version = "1"\n[[rule]]\ncodes = ["person"]\nterms = ["a"]\nwhere = ["foot"]\n', 5, "segment foot"),
        ('version = "1"\n[segments]\nfoot = 1\n', 3, "segment foot"),
        ('version = "1"\n[sections]\nend = 1\n', 3, "section end"),
        ('version = "1"\n[[rule]]\nterms = ["a"]\nnear = ["@gifts"]\n', 4, "unknown list @gifts"),
        ('version = "1"\n[[rule]]\nterms = ["a"]\nnear = "b"\n', 4, "near must be a list"),
        ('version = "1"\n[[rule]]\nterms = ["a"]\nwithin = 999\n', 4, "at most 200"),
        ('version = "1"\n[[rule]]\nterms = ["a"]\nwithin = nan\n', 4, "must be a number"),
        ('version = "1"\n[[rule]]\ncodes = ["person"]\nterms = ["a"]\nweight = nan\n', 5, "must be a number"),
        ('version = "1"\ndefault = "nobody"\n', 2, "subject:nobody"),
        ('version = "1"\n[[implied]]\nlabel = "size:tiny"\ncode = "person"\n', 3, "size:tiny"),
        ('version = "1"\n[[rule]\n', 2, "line 2"),
        ('version = "1"\nthreshhold = 2\n', 2, r"unknown key threshhold, did you mean threshold\?"),
        ('version = "1"\ncolour = 2\n', 2, "unknown key colour, use one of threshold, density"),
        ('version = "1"\n[[rules]]\nterms = ["a"]\n', 2, r"unknown key rules, did you mean rule\?"),
        ('version = "1"\n[segments]\nhed = 1\n', 3, r"unknown segment hed, did you mean head\?"),
        (
            'version = "1"\n[[implied]]\nlabel = "size:micro"\ncode = "person"\nwieght = 2\n',
            5,
            r"unknown key wieght in an implied, did you mean weight\?",
        ),
        ('version = "1"\nrule = 5\n', 2, "rule must be a list of tables"),
        ('version = "1"\nsegments = 3\n', 2, "segments must be a table"),
        ('version = "1"\nshare = 2.0\n', 2, "share must be a number from 0 to 1"),
        ('version = "1"\nnarrow = 1.1\n', 2, "narrow must be a number from 0 to 1"),
        ('version = "1"\nmost = 1.5\n', 2, "most must be a whole number of 0 or more"),
        ('version = "1"\n[[rule]]\nterms = ["a"]\ncap = 0.5\n', 4, "cap must be a whole number of 0 or more"),
        ('version = "1"\n[[rule]]\nterms = ["a"]\nwithin = 2.5\n', 4, "within must be a whole number"),
        (
            'version = "1"\n[[rule]]\nterms = ["a"]\nnear = []\n',
            4,
            "near must be a list of words, at least one",
        ),
        (
            'version = "1"\n[[rule]]\nterms = ["a"]\nwhere = []\n',
            4,
            "where must be a list of at least one of title",
        ),
        ('version = "1"\n[[rule]]\nterms = ["a"]\nif_title = []\n', 4, "at least one"),
        ('version = "1"\nthreshold = nan\n', 2, "threshold must be a number of 0 or more"),
        ('version = "1"\ndefault = 4\n', 2, "default must be a text"),
        ('version = "1"\nremove = "a"\n', 2, "remove must be a list of words"),
        ('version = "1"\n[[rule]]\ncodes = [310118]\nterms = ["a"]\n', 3, 'codes are texts: write "310118"'),
        ('version = "1"\n[segments]\nbody = nan\n', 3, "body must be a number of 0 or more"),
        (
            'version = "1"\n[[implied]]\nlabel = "subject:*"\ncode = "person"\nweight = inf\n',
            5,
            "weight must be a number",
        ),
        ('version = "1"\n[[rule]]\nterms = ["a"]\nwhere = "title"\n', 4, "where must be a list"),
    ],
)
def test_a_mistake_is_answered_with_file_and_line(tmp_path: Path, text: str, line: int, reason: str) -> None:
    file = _write(tmp_path, text)
    with pytest.raises(TaxonomyDataError, match=reason) as caught:
        load_lexicon(tmp_path, load_taxonomy())
    assert (caught.value.file, caught.value.line) == (file, line)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('negations = "无"', "negations must be a list of words"),
        ("negations = [1]", "negations must be a list of words"),
        ('common = "和"', "common must be a list of words"),
        ("words = 3", "words must be a table"),
        ('word = "x"', r"unknown key word, did you mean words\?"),
        ("[negation]\n[words]\nnegation = ['x']", r"unknown key negation, did you mean negations\?"),
        ("headings = { give = ['x'] }", r"unknown section give, did you mean gives\?"),
    ],
)
def test_a_mistake_in_the_manifest_is_answered_with_its_line(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "lexicon.toml").write_text(f'version = "1"\n{text}\n', encoding="utf-8")
    with pytest.raises(TaxonomyDataError, match=rf"lexicon\.toml:2: {reason}"):
        load_lexicon(tmp_path, load_taxonomy())


def test_a_file_saved_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = _write(tmp_path, "")
    file.write_text('version = "1"\n[[rule]]\nterms = ["a"]\n', encoding="utf-8-sig")
    assert [rule.terms for rule in load_lexicon(tmp_path, load_taxonomy()).rules] == [("a",)]


def test_a_key_is_looked_for_where_it_is_set_not_where_it_is_part_of_another(tmp_path: Path) -> None:
    text = 'version = "1"\n[words]\nown = ["a"]\n[word]\nown = ["a"]\n'
    (tmp_path / "lexicon.toml").write_text(text, encoding="utf-8")
    with pytest.raises(TaxonomyDataError, match=r"lexicon\.toml:4: unknown key word, did you mean words\?"):
        load_lexicon(tmp_path, load_taxonomy())


@pytest.mark.parametrize("name", ["", "notes.txt", "rules/qualification.toml"])
def test_an_offices_directory_without_rules_is_told_what_belongs_there(tmp_path: Path, name: str) -> None:
    if name:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('version = "1"\n', encoding="utf-8")
    with pytest.raises(TaxonomyDataError) as caught:
        load_lexicon(office=tmp_path)
    what = "no rules are in this directory; write what the office adds into one of action.toml, "
    assert str(caught.value).startswith(f"{tmp_path}: {what}")
    assert "lexicon.toml" in str(caught.value)


def test_a_file_of_another_name_is_told_which_is_meant(tmp_path: Path) -> None:
    (tmp_path / "qualifications.toml").write_text('version = "1"\n', encoding="utf-8")
    with pytest.raises(TaxonomyDataError, match=r"no such file is read, did you mean qualification\.toml\?"):
        load_lexicon(office=tmp_path)


def test_an_unknown_dimension_in_the_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lexicon.toml").write_text('version = "1"\ndimensions = ["colour"]\n', encoding="utf-8")
    with pytest.raises(TaxonomyDataError, match=r"lexicon\.toml:2: unknown dimension colour"):
        load_lexicon(tmp_path, load_taxonomy())


def test_a_file_that_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    _write(tmp_path, 'version = "1"\n').unlink()
    (tmp_path / "subject.toml").mkdir()
    with pytest.raises(TaxonomyDataError, match=r"subject\.toml:1: cannot be read"):
        load_lexicon(tmp_path, load_taxonomy())


def test_a_term_that_no_shipped_rule_has_cannot_be_removed(tmp_path: Path) -> None:
    (tmp_path / "qualification.toml").write_text(
        'version = "1"\nremove = ["高新技木企业"]\n', encoding="utf-8"
    )
    with pytest.raises(TaxonomyDataError, match=r"qualification\.toml:2: no shipped rule .* 高新技木企业"):
        load_lexicon(office=tmp_path)


def test_a_list_of_words_names_no_other_list(tmp_path: Path) -> None:
    (tmp_path / "lexicon.toml").write_text('version = "1"\n[words]\na = ["@b"]\n', encoding="utf-8")
    with pytest.raises(TaxonomyDataError, match=r"lexicon\.toml:3: a names the list @b"):
        load_lexicon(office=tmp_path)
