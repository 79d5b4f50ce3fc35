"""Criteria in short say what they say in full."""

import pytest
from hypothesis import given

from config.database.jsontext import from_text, to_text
from streams.matching.matter import DIMENSIONS
from streams.matching.people.wishes import query_from
from streams.matching.queries.shorthand import in_full, is_short, shortened
from streams.matching.query import explicit_query
from tests.support.matching_at_random import ANCESTORS, criteria


@given(text=criteria)
def test_what_is_shortened_comes_back_in_full(text: str) -> None:
    short = shortened(text)
    assert is_short(short)
    assert len(short) < len(text.encode())
    assert in_full(short) == from_text(text)
    assert query_from(short, ANCESTORS) == explicit_query(from_text(text), ANCESTORS)


@pytest.mark.parametrize(
    "criteria",
    [
        {"keywords": ["首\x1e版"]},
        {"keywords": ["首版", ""]},
        {"any": [{"all": [{"theme": ["T07,T08"]}]}]},
        {"any": [{"all": [{"theme": ["T07?"]}]}]},
        {"any": [{"all": [{"theme": ["T07"], "or_unrestricted": False}]}]},
        {"any": [{"all": [{"theme": ["T07"], "region": ["310118"]}]}]},
        {"any": [{"all": [{"theme": []}]}], "keywords": ["首版"]},
        {"any": [{"all": []}], "keywords": ["首版"]},
        {"any": [{"all": [{"theme": ["T07"]}], "more": 1}]},
        {"any": [{"all": [{"theme": ["T07"]}]}], "more": [1]},
        {"any": [{"all": [{"or_unrestricted": True}]}]},
    ],
)
def test_what_has_no_short_form_stays_as_it_is_written(criteria: dict[str, object]) -> None:
    text = to_text(criteria)
    assert shortened(text) == text
    assert not is_short(text)


def test_every_dimension_has_a_letter_of_its_own() -> None:
    shorts = [shortened(to_text({"any": [{"all": [{one: ["x"]}]}]})) for one in DIMENSIONS]
    assert len({short[0] for short in shorts}) == len(DIMENSIONS) < 26
