"""Words that a conversion has spread out are put together, and quoted as they stand."""

import pytest

from streams.labelling import label_document
from streams.labelling.normalise import normalise


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("本市 高 新 技 术 企 业 可申报", "本市高新技术企业可申报"),
        ("对高 新 技 术 企 业给予奖励", "对高新技术企业给予奖励"),
        ("（高 新 企）", "（高新企）"),
        ("甲乙 丙 丁戊", "甲乙 丙 丁戊"),  # two words and a short one between them
    ],
)
def test_single_characters_in_a_row_are_one_word(text: str, read: str) -> None:
    assert normalise(text).text == read


def test_a_spread_word_among_others_is_labelled_and_quoted_with_its_blanks() -> None:
    body = "对高 新 技 术 企 业给予奖励50万元。"
    labels = label_document(title="奖励办法", body=body, issuer="")
    (label,) = (label for label in labels if str(label) == "qualification:high-tech")
    assert label.quote == body[label.start : label.end]
    assert "高 新 技 术 企 业" in label.quote
