"""A context is said once for a file, and counts the mentions of all its rules again where it holds."""

from pathlib import Path

import pytest

from config.taxonomies import Lexicon, TaxonomyDataError, load_lexicon, load_taxonomy
from streams.labelling import Labeller

CONTEXT = """version = "1"
threshold = 3
[[context]]
name = "given"
times = 2
before = ["补贴"]
within = 10
"""
RULE = '[[rule]]\ncodes = ["H61"]\nterms = ["酒店"]\n'


def _lexicon(directory: Path, text: str) -> Lexicon:
    (directory / "lexicon.toml").write_text('version = "1"\ndimensions = ["industry"]\n', encoding="utf-8")
    (directory / "industry.toml").write_text(text, encoding="utf-8")
    return load_lexicon(directory, load_taxonomy())


def _industries(lexicon: Lexicon, body: str) -> list[str]:
    return [label.code for label in Labeller(load_taxonomy(), lexicon).label(title="", body=body, issuer="")]


def test_a_mention_counts_further_in_the_context_and_only_there(tmp_path: Path) -> None:
    lexicon = _lexicon(tmp_path, CONTEXT + RULE)
    assert _industries(lexicon, "对酒店给予补贴。") == ["H61"]
    assert _industries(lexicon, "酒店应当登记。补贴另行规定。") == []
    assert _industries(lexicon, "补贴用于支付酒店费用。") == []


def test_a_rule_may_leave_the_contexts_out(tmp_path: Path) -> None:
    assert _industries(_lexicon(tmp_path, CONTEXT + RULE + "contexts = []\n"), "对酒店给予补贴。") == []


def test_a_context_adds_its_conditions_to_those_of_the_rule(tmp_path: Path) -> None:
    lexicon = _lexicon(tmp_path, CONTEXT + RULE + 'after = ["星级"]\nwithin = 3\n')
    assert _industries(lexicon, "对星级酒店给予补贴。") == ["H61"]
    assert _industries(lexicon, "对酒店给予补贴。") == []


def test_a_rule_only_for_titles_has_no_context_in_the_body(tmp_path: Path) -> None:
    text = CONTEXT.replace("times = 2", 'times = 2\nwhere = ["body"]') + RULE + 'where = ["title"]\n'
    assert len(_lexicon(tmp_path, text).rules) == 1


def test_each_condition_may_have_its_own_distance(tmp_path: Path) -> None:
    within = 'not_after = ["入住"]\nwithin = { before = 10, not_after = 2 }'
    lexicon = _lexicon(tmp_path, CONTEXT.replace("within = 10", within) + RULE)
    assert _industries(lexicon, "入住以后对酒店给予补贴。") == ["H61"]
    assert _industries(lexicon, "入住酒店给予补贴。") == []


def test_a_narrow_code_leaves_the_label_to_one_above_it_that_has_far_more(tmp_path: Path) -> None:
    rules = '[[rule]]\ncodes = ["G"]\nterms = ["物流"]\n[[rule]]\ncodes = ["G593"]\nterms = ["冷库"]\n'
    lexicon = _lexicon(tmp_path, 'version = "1"\nthreshold = 1\nnarrow = 0.3\n' + rules)
    assert _industries(lexicon, "物流。物流。物流。冷库。") == ["G"]
    assert _industries(lexicon, "物流。冷库。") == ["G593"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            CONTEXT.replace("within = 10", "within = { befor = 9 }") + RULE,
            "within has no 'befor', did you mean before",
        ),
        (CONTEXT.replace("within = 10", "within = { before = 900 }") + RULE, "at most 200"),
        (CONTEXT.replace("times", "tmies") + RULE, "unknown key tmies in a context, did you mean times"),
        (CONTEXT + RULE + 'contexts = ["givn"]\n', r"unknown context givn, did you mean \w+\?"),
        ('version = "1"\n' + RULE + 'contexts = ["given"]\n', "unknown context given, this file and the"),
        (CONTEXT + RULE + 'contexts = "given"\n', "contexts must be a list"),
        (CONTEXT.replace("within = 10", "within = 900") + RULE, "at most 200"),
    ],
)
def test_a_mistake_in_a_context_is_answered(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(TaxonomyDataError, match=reason):
        _lexicon(tmp_path, text)
