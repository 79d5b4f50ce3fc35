"""What somebody would have got, evaluated policy by policy; the table of pairs never loses a word."""

from datetime import UTC, date, datetime
from math import inf
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from config.taxonomies import load_taxonomy
from streams.latecomers.pairs import may_hold_any, pairs_of, places_of
from streams.latecomers.would_have import Pushed, wanted, would_have
from streams.matching.conditions import Requirement, Requirements
from streams.matching.matter import matter_of
from subscribers.criteria import Criteria
from subscribers.model import Profile

ANCESTORS = load_taxonomy().ancestors


def pushed(name: str, *labels: str, text: str = "", asks: Requirements = ()) -> Pushed:
    matter = matter_of(labels, text, ANCESTORS, asks)
    return Pushed("a", name, 1, name, "局", datetime(2026, 3, 1, tzinfo=UTC), matter, pairs_of(text), False)


def had(some: list[Pushed], criteria: Any = None, profile: Any = None, shown: int = 10) -> dict[str, Any]:
    """By policy why it came; ``count`` of all."""
    wants = wanted(
        Criteria.model_validate(criteria) if criteria else None,
        "enterprise",
        Profile.model_validate(profile) if profile is not None else None,
        ANCESTORS,
    )
    count, first = would_have(some, wants, shown)
    return {"count": count} | {one.policy.policy_id: (one.labels, one.by_profile) for one in first}


SOME = [
    pushed("software", "industry:I65", "region:310000", text="支持首版次软件"),
    pushed("farms", "industry:A01", "region:310000", text="农业补贴"),
    pushed("all", text="办公时间"),
]


def test_criteria_find_what_they_ask_for_with_the_labels_and_words_that_made_it_fit() -> None:
    criteria = {"any": [{"all": [{"industry": "I651"}]}], "keywords": ["首版次"]}
    assert had(SOME, criteria) == {"count": 1, "software": (("industry:I65", "keyword:首版次"), False)}
    assert had(SOME, {"keywords": ["没有"]}) == {"count": 0}


def test_a_profile_finds_where_it_fits_and_both_count_once() -> None:
    profile = {"region": "310115", "industries": ["I65"]}
    by_profile = had(SOME, None, profile)
    assert by_profile == {
        "count": 2,
        "software": (("region:310000", "industry:I65"), True),
        "all": ((), True),
    }
    both = had(SOME, {"keywords": ["首版次", "农业"]}, profile)
    assert both["count"] == 3
    assert both["software"] == (("keyword:首版次", "region:310000", "industry:I65"), False)


def test_only_the_first_are_given_reasons_and_all_are_counted() -> None:
    assert had(SOME * 5, {"keywords": ["办公", "农业"]}, shown=1) == {
        "count": 10,
        "farms": (("keyword:农业",), False),
    }


def test_the_numbers_of_a_profile_and_of_criteria_are_compared_with_what_policies_ask() -> None:
    asks = (Requirement("staff", 20, inf), Requirement("founded", -inf, 20_000))
    some = [pushed("asks", text="软件", asks=asks)]
    assert had(some, None, {"staff": 20, "founded": date(2020, 1, 1)})["count"] == 1
    assert had(some, None, {"staff": 19})["count"] == 0
    assert had(some, None, {"founded": date(2025, 1, 1)})["count"] == 0
    assert had(some, {"keywords": ["软件"], "profile": {"staff": {"max": 19}}})["count"] == 0
    assert had(some, {"keywords": ["软件"], "profile": {"staff": {"max": 20}}})["count"] == 1


@given(st.text(max_size=30), st.integers(0, 28), st.integers(2, 8), st.text(min_size=2, max_size=3))
def test_a_word_that_stands_in_a_text_is_never_ruled_out(
    text: str, start: int, length: int, other: str
) -> None:
    word, table = text[start : start + length], pairs_of(text)
    if len(word) >= 2:
        assert may_hold_any(table, places_of([other, word]))
    if other in text:
        assert may_hold_any(table, places_of([other]))


def test_most_words_that_do_not_stand_there_are_ruled_out() -> None:
    table = pairs_of("".join(chr(0x4E00 + n * 7 % 3000) for n in range(10_000)))
    words = [chr(0x4E00 + n) + chr(0x4E00 + n * 5 % 9000 + 11) + "次" for n in range(1000)]
    assert sum(may_hold_any(table, places_of([word])) for word in words) < 50
