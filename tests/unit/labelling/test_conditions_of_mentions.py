"""Conditions are judged by bits and by sentence; these compare that with looking at every word."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from config.taxonomies import Nearby, Presence, Rule, load_lexicon, load_taxonomy
from service.demo.policies import demo_policies
from streams.labelling import Labeller, default_labeller
from streams.labelling.conditions import Conditions
from streams.labelling.nearness import Sentences
from streams.labelling.patterns import Patterns

ALPHABET = "甲乙丙丁"
WORDS = ("甲", "乙丙", "丁甲乙", "丙")


def stands_near(text: str, asked: Nearby, start: int, end: int) -> bool:
    """The naive way: every word at every offset of the term's sentence."""
    left = max(text.rfind(stop, 0, start) for stop in "。；") + 1
    right = min(at for stop in "。；" if (at := (text + "。；").find(stop, start)) >= 0)
    spots = [
        (at, at + len(word)) for word in asked.words for at in range(left, right) if text.startswith(word, at)
    ]
    in_front = asked.side != "before" and any(start - asked.within <= b <= start for _, b in spots)
    behind = asked.side != "after" and any(end <= a <= end + asked.within for a, _ in spots)
    return in_front or behind


@pytest.mark.parametrize("stops", ["。；", ""])  # sentences, and one that goes on for ever
@pytest.mark.parametrize("side", ["near", "before", "after"])
@pytest.mark.parametrize("common", [(), ("甲", "乙丙"), WORDS])
def test_a_condition_is_met_as_by_looking_at_every_word(common: Sequence[str], side: str, stops: str) -> None:
    draw = random.Random(7)
    for _ in range(60):
        asked = Nearby(side, draw.random() < 0.5, tuple(draw.sample(WORDS, 2)), draw.choice([0, 1, 3, 30]))  # type: ignore[arg-type]
        rule = Rule("r", "theme", ("a",), ("丁",), nearby=(asked,))
        patterns = Patterns([rule], common)
        assert set(common).isdisjoint(patterns.words)
        conditions = Conditions(patterns)
        condition = conditions.of(rule)
        assert condition is not None
        text = "".join(draw.choice(ALPHABET + stops) for _ in range(120))
        sentences = Sentences(text, patterns.hits(text), conditions.bits, 0)
        for match in re.finditer("丁", text):
            sentence = sentences.at(match.start())
            met = not sentence.unmet(condition, *match.span())
            assert met == (stands_near(text, asked, *match.span()) == asked.wanted)
            assert met <= (condition.need & ~sentence.said == 0)


def test_a_common_word_that_begins_with_a_stop_belongs_to_the_sentence_behind_it() -> None:
    asked = Nearby("before", True, ("；乙",), 5)
    rule = Rule("r", "theme", ("a",), ("丁",), nearby=(asked,))
    text = "丁；乙"
    for common in ((), asked.words):
        patterns = Patterns([rule], common)
        conditions = Conditions(patterns)
        condition = conditions.of(rule)
        assert condition is not None
        sentences = Sentences(text, patterns.hits(text), conditions.bits, 0)
        assert sentences.at(0).unmet(condition, 0, 1) == "before"


def test_common_words_change_no_label() -> None:
    lexicon = load_lexicon()
    assert lexicon.common
    found, expected = (
        [
            labeller.explain(title=policy["title"], body=policy["body"], issuer="")
            for policy in demo_policies(date(2026, 3, 1))
        ]
        for labeller in (default_labeller(), Labeller(load_taxonomy(), replace(lexicon, common=frozenset())))
    )
    assert found == expected


def test_rules_for_titles_alone_find_their_terms() -> None:
    patterns = Patterns([Rule("r", "theme", ("a",), ("甲",))], in_body=lambda rule: False)
    assert (patterns.words, patterns.anywhere) == (("甲",), 0)
    assert patterns.hits("乙甲", title=True) == [(2, 3, 0)]
    assert patterns.hits("乙甲") == []


def test_a_common_word_at_an_end_of_the_title_is_still_told_from_one_in_its_middle() -> None:
    asked = Nearby("near", True, ("乙$",), 9)
    rule = Rule("r", "theme", ("a",), ("甲",), nearby=(asked,))
    for common in ((), ("乙$",)):
        patterns = Patterns([rule], common)
        conditions = Conditions(patterns)
        condition = conditions.of(rule)
        assert condition is not None
        met = []
        for title in ("甲丙乙", "甲乙丙"):
            hits = patterns.hits(title, title=True)
            sentence = Sentences(f" {title} ", hits, conditions.bits, 0).at(1)
            met.append(sentence.unmet(condition, 1, 2) == "")
        assert met == [True, False]


def test_a_word_of_a_test_is_told_apart_by_title_and_text() -> None:
    rule = Rule(
        "r",
        "theme",
        ("a",),
        ("丁",),
        presence=(Presence(True, True, ("甲",)), Presence(False, False, ("丙",))),
    )
    patterns = Patterns([rule])
    conditions = Conditions(patterns)
    condition = conditions.of(rule)
    assert condition is not None
    title, text = patterns.of(["甲"]), patterns.of(["丙"])
    assert conditions.passed(title, title) == condition.need
    assert conditions.passed(title, frozenset()) != condition.need
    assert conditions.passed(title | text, title) != condition.need


def test_a_cap_of_thousands_counts_thousands(tmp_path: Path) -> None:
    (tmp_path / "group.toml").write_text(
        'version = "1"\nthreshold = 2000\nceiling = 0\ndensity = 0\n'
        '[[rule]]\ncodes = ["women"]\nterms = ["甲乙丙"]\ncap = 3000\n',
        "utf-8",
    )
    taxonomy = load_taxonomy()
    labeller = Labeller(taxonomy, load_lexicon(taxonomy=taxonomy, office=tmp_path))
    few, many = (labeller.label(title="", body="甲乙丙，" * count, issuer="") for count in (300, 3000))
    assert "group:women" not in map(str, few)
    assert "group:women" in map(str, many)
