import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.taxonomies.taxonomy import load_taxonomy
from subscribers.criteria import Clause, Criteria, Exclusion, canonical_json, subscription_id
from subscribers.errors import explain

EXAMPLE = {
    "any": [
        {
            "all": [
                {"theme": "T07"},
                {"industry": ["I65", "C39"]},
                {"region": "310118", "or_unrestricted": True},
            ]
        }
    ],
    "keywords": ["首版次"],
    "not": [{"industry": "K"}],
}


def read(given: Any) -> Criteria:
    return Criteria.model_validate(given)


def why(given: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        read(given)
    return explain(caught.value)


def one(clause: Any) -> dict[str, Any]:
    return {"any": [{"all": [clause]}]}


def test_the_canonical_form_is_sorted_and_lists_every_code() -> None:
    assert json.loads(canonical_json(read(EXAMPLE))) == {
        "any": [
            {
                "all": [
                    {"industry": ["C39", "I65"]},
                    {"region": ["310118"], "or_unrestricted": True},
                    {"theme": ["T07"]},
                ]
            }
        ],
        "keywords": ["首版次"],
        "not": [{"industry": ["K"]}],
    }


def test_a_clause_exists_for_every_dimension_of_the_taxonomy() -> None:
    assert set(Exclusion.model_fields) == set(load_taxonomy().dimensions)


def test_saying_the_same_in_another_order_is_the_same_subscription() -> None:
    said = {"keywords": ["乙乙", "甲甲", "乙乙"], "any": [{"all": [{"size": "small"}, {"theme": "T07"}]}] * 2}
    again = {
        "any": [{"all": [{"theme": ["T07"]}, {"size": ["small", "small"]}]}],
        "keywords": ["甲甲", "乙乙"],
    }
    assert subscription_id("s1", None, read(said)) == subscription_id("s1", None, read(again))
    assert subscription_id("s1", None, read(said)) != subscription_id("s2", None, read(said))
    assert subscription_id("s1", "mine", read(said)) == subscription_id("s1", "mine", read(EXAMPLE))


def test_exclusions_cannot_take_policies_without_a_label() -> None:
    assert "or_unrestricted" in Clause.model_fields
    told = why({"keywords": ["首版次"], "not": [{"industry": "K", "or_unrestricted": True}]})
    assert "unknown dimension 'or_unrestricted'" in told


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (one({"industy": "I65"}), "any.0.all.0: unknown dimension 'industy', did you mean industry?"),
        (one({"weather": "sun"}), "use one of region, theme"),
        (one({"industry": "I99"}), "any.0.all.0.industry.0: unknown code industry:I99, did you mean I"),
        (one({"industry": "I6555"}), "industry:I6555, did you mean I655 (信息处理和存储支持服务)?"),
        (one({"industry": "软件和信息技术服务业"}), "did you mean I65 (软件和信息技术服务业)?"),
        (
            one({"region": "上海"}),
            "any.0.all.0.region.0: unknown code region:上海, did you mean 310000 (上海市)?",
        ),
        (one({"staff": {"max": 300}}), 'staff is a number: write "profile": {"staff": {…}} beside any'),
        (
            one({"industry": ["I65"] * 65}),
            "industry: 65 codes in one clause, at most 64: name the code above them",
        ),
        (one({"industry": "I65", "theme": "T07"}), "names exactly one dimension"),
        (one({"industry": None}), "names exactly one dimension"),
        (one({}), "names exactly one dimension"),
        (one({"industry": []}), "at least 1 item"),
        (one(3), "any.0.all.0"),
        ({"any": [{"all": []}]}, "at least 1 item"),
        ({"not": [{"industry": "K"}]}, 'a keyword; "not" alone would only narrow it'),
        ({}, "say what you want to hear about: one condition in any, or a keyword"),
        ({"keywords": ["甲"]}, "keywords.0"),
        ({"keywords": ["甲" * 31]}, "keywords.0"),
        ({"keywords": ["甲乙"], "all": []}, "all: unknown field"),
        ({"keywords": [f"词{n}" for n in range(17)]}, "keywords: 17 keywords, at most 16: put the"),
        (
            {"any": [{"all": [{"theme": "T07"}] * 17}]},
            "any.0.all: 17 clauses in all, at most 16: each one narrows",
        ),
        (
            {"any": [{"all": [{"theme": "T07"}]}] * 33},
            "any: 33 alternatives in any, at most 32: put the others into",
        ),
        (
            {"keywords": ["甲乙"], "not": [{"theme": "T07"}] * 17},
            "not: 17 clauses in not, at most 16: one clause takes",
        ),
        ({"profile": {"staff": {"max": 300}}}, 'a keyword; "profile" alone would only narrow it'),
        ({"keywords": ["甲乙"], "profile": {}}, "profile: profile needs a range"),
        (
            {"keywords": ["甲乙"], "profile": {"employees": {"max": 3}}},
            "profile: unknown field 'employees', did you",
        ),
    ],
)
def test_wrong_criteria_are_told_what_is_wrong(given: Any, message: str) -> None:
    assert message in why(given)


def test_criteria_that_would_fill_the_index_are_told_how_to_split_them() -> None:
    industries = list(load_taxonomy().codes["industry"])
    parts = [{"all": [{"industry": industries[n * 60 : n * 60 + 60]}]} for n in range(18)]
    assert read({"any": parts[:17]})
    told = why({"any": parts})
    assert told.startswith(
        "1080 codes in all clauses together, at most 1024: make several subscriptions of it, each"
    )
    assert why({"any": parts[:17], "not": [{"industry": industries[:5]}]}).startswith("1025 codes")


def test_subscriptions_without_ranges_have_the_ids_that_they_always_had() -> None:
    assert subscription_id("s1", None, read(EXAMPLE)) == "c94b62f1-715a-5be3-a4df-feda37755734"
    assert subscription_id("s1", None, read({"keywords": ["软件"]})) == "2f8e9fab-ca2e-535e-81a3-66e65db99115"


def test_ranges_are_part_of_the_canonical_form_and_of_the_id() -> None:
    said = EXAMPLE | {
        "profile": {"founded": {"to": "2024-01-01", "from": None}, "staff": {"min": 0, "max": 300}}
    }
    plain = read(said).plain()
    assert plain["profile"] == {"staff": {"min": 0, "max": 300}, "founded": {"to": "2024-01-01"}}
    assert read(plain).plain() == plain
    assert subscription_id("s1", None, read(said)) != subscription_id("s1", None, read(EXAMPLE))


def test_one_mistake_is_told_once() -> None:
    assert ";" not in why(one({"industry": "I99"}))


clauses = st.one_of(
    st.fixed_dictionaries({"theme": st.sampled_from(["T04", "T07", "T11"])}),
    st.fixed_dictionaries(
        {"industry": st.lists(st.sampled_from(["I65", "C39", "K"]), min_size=1, max_size=4)}
    ),
    st.fixed_dictionaries({"region": st.just("310115")}, optional={"or_unrestricted": st.booleans()}),
)
criteria = st.fixed_dictionaries(
    {
        "any": st.lists(
            st.fixed_dictionaries({"all": st.lists(clauses, min_size=1, max_size=4)}), min_size=1, max_size=4
        )
    },
    optional={
        "keywords": st.lists(st.sampled_from(["首版次", "专利", "出口"]), max_size=4),
        "profile": st.sampled_from(
            [{"staff": {"max": 300}}, {"revenue": {"min": 5}, "founded": {"to": "2024-01-01"}}]
        ),
    },
)


@given(criteria)
def test_the_canonical_form_reads_back_as_itself(said: dict[str, Any]) -> None:
    once = canonical_json(read(said))
    assert canonical_json(Criteria.model_validate_json(once)) == once
