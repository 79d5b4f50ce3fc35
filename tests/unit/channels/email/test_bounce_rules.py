"""The table of bounces: data, checked with file and line, and an office's own before it."""

from pathlib import Path

import pytest

from channels.email.bounces import load_rules, read_bounce
from config.taxonomies import TaxonomyDataError
from tests.support.returned import dsn, notice

RULE = '[[rule]]\nid = "own"\nword = "ambiguous"\n'


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_rule_of_the_offices_own_counts_before_the_shipped_ones(tmp_path: Path) -> None:
    own = load_rules(written(tmp_path, f'version = "7"\n{RULE}status = ["5.1.1"]\nreply = ["moved"]\n'))
    assert read_bounce(dsn("5.1.1", "550 5.1.1 Moved  away"), own).rule == "own"
    assert read_bounce(dsn("5.1.1", "550 5.1.1 no"), own).rule == "status.gone"
    assert own.version == f"{load_rules().version}+7"


def test_a_rule_may_be_for_one_provider(tmp_path: Path) -> None:
    own = load_rules(written(tmp_path, f'version = "7"\n{RULE}said = ["停用"]\nfrom = ["zj.example.cn"]\n'))
    assert read_bounce(notice("退信", "停用", sender="postmaster@mail.zj.example.cn"), own).rule == "own"
    assert read_bounce(notice("退信", "停用", sender="postmaster@notzj.example.cn"), own).rule == "notice"


def test_an_office_may_name_more_signs_of_a_bounce(tmp_path: Path) -> None:
    raw = notice("来信未收", "用户不存在", sender="service@mail.example.cn")
    assert read_bounce(raw, load_rules()).word == "other"
    own = load_rules(written(tmp_path, 'version = "7"\n[signs]\nbounce_subjects = ["来信未收"]\n'))
    assert read_bounce(raw, own).word == "gone"


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ('version = "1"\n[[rule]\n', 2, "line 2"),
        ('[[rule]]\nid = "x"\n', 1, "version"),
        (f'version = "1"\n{RULE}reply = ["a"]\nsays = ["b"]\n', 6, "unknown key says"),
        (f'version = "1"\n{RULE}reply = []\n', 5, "reply must be a list"),
        (f'version = "1"\n{RULE}reply = [" "]\n', 5, "reply must be a list"),
        (f'version = "1"\n{RULE}status = ["511"]\n', 5, "511 is no status"),
        (f'version = "1"\n{RULE}', 2, "needs a status, reply or said"),
        ('version = "1"\n[[rule]]\nid = "x"\nword = "gne"\nsaid = ["a"]\n', 4, "word must be one of gone"),
        ('version = "1"\n[[rule]]\nword = "gone"\nsaid = ["a"]\n', 2, "needs an id"),
        (f'version = "1"\n{RULE}reply = ["a"]\n{RULE}reply = ["b"]\n', 7, "two rules own"),
        ('version = "1"\n[signs]\nsubjects = ["a"]\n', 3, "unknown key subjects"),
        ('version = "1"\n[signs]\nends = "a"\n', 3, "ends must be a list"),
        ('version = "1"\nrules = 3\n', 2, "unknown key rules"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, why: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(TaxonomyDataError, match=why) as caught:
        load_rules(file)
    assert (caught.value.file, caught.value.line) == (file, line)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaxonomyDataError, match=r"none\.toml"):
        load_rules(tmp_path / "none.toml")


def test_every_shipped_rule_can_be_reached_by_a_reply_of_its_own() -> None:
    rules = load_rules()
    for rule in rules.rules:
        reply = rule.reply[0] if rule.reply else rule.said[0] if rule.said else ""
        status = rule.status[0].pattern.replace(r"\d{1,3}", "9").replace("\\", "") if rule.status else "5.0.0"
        status = status if status[0] in "45" else f"5{status[1:]}"
        found = rules.of_reply(status, reply, rule.providers[:1])
        assert found is not None
        assert found.word == rule.word, (rule.id, found.id)
