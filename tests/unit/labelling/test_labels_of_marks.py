"""Marks of half and of full width are the same marks to the rules, wherever they stand."""

from datetime import date

import pytest

from config.taxonomies import load_lexicon
from service.demo.policies import demo_policies
from streams.labelling import label_document
from streams.labelling.normalise import fold

_FULL, _HALF = "（），：；％", "(),:;%"
WIDTHS = [str.maketrans(_FULL, _HALF), str.maketrans(_HALF, _FULL)]


@pytest.mark.parametrize("colon", [":", "："])
def test_whom_a_line_names_behind_a_colon_of_either_width_is_asked(colon: str) -> None:
    labels = label_document(title="关于申报的通知", body=f"申报对象{colon}软件企业。", issuer="")
    assert {"industry:I65", "subject:enterprise"} <= set(map(str, labels))


@pytest.mark.parametrize("width", WIDTHS)
def test_labels_stay_whatever_the_width_of_the_marks(width: dict[int, int]) -> None:
    for policy in demo_policies(date(2026, 3, 1)):
        title, body, issuer = policy["title"], policy["body"], policy["issuer"]
        as_sent = label_document(title=title, body=body, issuer=issuer)
        changed = label_document(title=title.translate(width), body=body.translate(width), issuer=issuer)
        spans = [(str(label), label.start, label.end, label.weight) for label in as_sent]
        assert spans == [(str(label), label.start, label.end, label.weight) for label in changed]


def test_no_list_of_the_lexicon_holds_a_word_in_two_spellings() -> None:
    twins = {
        word
        for rule in load_lexicon().rules
        for words in (
            rule.terms,
            *(near.words for near in rule.nearby),
            *(own.words for own in rule.presence),
        )
        for word in words
        if any(other != word and fold(other) == fold(word) for other in words)
    }
    assert twins == set()
