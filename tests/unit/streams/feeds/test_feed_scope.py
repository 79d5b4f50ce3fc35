"""Which labels a feed of a label has: those that hold a clause on it (docs/adr/0003)."""

import pytest

from config.taxonomies import load_taxonomy
from streams.feeds import scope_of

TAXONOMY = load_taxonomy()


@pytest.mark.parametrize(
    ("dimension", "code"),
    [
        ("region", "310000"),
        ("region", "310117"),
        ("industry", "I"),
        ("industry", "I65"),
        ("industry", "C3911"),
    ],
)
def test_a_feed_has_what_a_clause_on_its_code_would_hold(dimension: str, code: str) -> None:
    expected = {
        one
        for one in TAXONOMY.codes[dimension]
        if one == code
        or code in TAXONOMY.ancestors(dimension, one)
        or one in TAXONOMY.ancestors(dimension, code)
    }
    codes = scope_of(TAXONOMY, dimension, code, "名").codes
    assert set(codes) == expected
    assert len(codes) == len(expected)


def test_the_whole_country_is_every_region() -> None:
    assert scope_of(TAXONOMY, "region", "100000", "全国").codes == ()


def test_a_flat_dimension_has_the_code_alone() -> None:
    assert scope_of(TAXONOMY, "theme", "T07", "工业、交通").codes == ("T07",)


def test_the_subtitle_says_what_else_is_in_it_and_what_is_not() -> None:
    told = scope_of(TAXONOMY, "region", "310000", "上海市").subtitle
    assert told.startswith("适用地区为“上海市”，或者它的下级，或者涵盖它的上级（全国）的公开政策，")
    assert "没有限定适用地区的政策不在其中" in told
    flat = scope_of(TAXONOMY, "theme", "T07", "工业、交通").subtitle
    assert "下级" not in flat
