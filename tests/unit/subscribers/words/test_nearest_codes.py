from typing import Any

import pytest
from pydantic import ValidationError

from config.taxonomies import load_taxonomy
from subscribers.criteria import Criteria
from subscribers.errors import wrong_fields
from subscribers.model import Profile
from subscribers.words.nearest import nearest, unknown_code


@pytest.mark.parametrize(
    ("dimension", "text", "told"),
    [
        ("industry", "I6555", "did you mean I655 (信息处理和存储支持服务)?"),
        ("industry", "i65", "did you mean I65 (软件和信息技术服务业)?"),
        ("industry", "软件业", "did you mean I65 (软件和信息技术服务业)?"),
        ("industry", "农林", "did you mean A (农、林、牧、渔业)?"),
        ("region", "上海", "did you mean 310000 (上海市)?"),
        ("region", "浦东新区", "did you mean 310115 (上海市浦东新区)?"),
        ("region", "浦东", "did you mean 310115 (上海市浦东新区)?"),
        ("region", "朝阳区", "did you mean 110105 (北京市朝阳区) or 220104 (吉林省长春市朝阳区)?"),
        ("region", "310118000000", "did you mean 310118 (上海市青浦区)?"),
        ("qualification", "高企", "did you mean high-tech (高新技术企业)?"),
        ("qualification", "hightech", "did you mean high-tech (高新技术企业)?"),
        ("size", "小微", "did you mean small (小型企业) or micro (微型企业)?"),
        ("size", "smal", "did you mean small (小型企业)?"),
        ("group", "大学生", "did you mean graduate (高校毕业生)?"),
    ],
)
def test_the_nearest_real_code_is_told_with_its_name(dimension: str, text: str, told: str) -> None:
    assert unknown_code(dimension, text) == f"unknown code {dimension}:{text}, {told}"


def test_a_code_of_another_dimension_is_told_as_such() -> None:
    assert unknown_code("theme", "I65").endswith("theme:I65; it is a code of industry: 软件和信息技术服务业")


def test_what_is_like_nothing_is_shown_what_codes_look_like() -> None:
    assert unknown_code("subject", "zzz").startswith(
        "unknown code subject:zzz; codes look like enterprise (企业), "
    )
    assert nearest("region", "") == ()


def test_a_very_long_text_is_cut_before_it_is_compared() -> None:
    assert len(unknown_code("region", "很" * 100_000)) < 300
    assert len(unknown_code("industry", "I" * 100_000)) < 300


def test_blanks_around_a_code_do_not_matter() -> None:
    assert Profile.model_validate({"region": " 310115 "}).region == "310115"


def test_whatever_is_proposed_exists() -> None:
    taxonomy = load_taxonomy()
    for dimension in taxonomy.dimensions:
        for text in ("企业", "高", "x1", "上海", "3", "T99", "补助"):
            assert all(taxonomy.exists(dimension, code) for code in nearest(dimension, text))


@pytest.mark.parametrize(
    ("model", "given", "told"),
    [
        (Criteria, {"any": [{"all": [{"region": ["x1", "x2"]}, {"size": ["y1", "y2"]}]}] * 2}, 1),
        (Criteria, {"keywords": ["软件"], "not": [{"region": ["x1", "x2"]}, {"region": ["x3"]}]}, 1),
        (Profile, {"industries": ["x1", "x2"], "groups": ["x1", "x2"]}, 2),
    ],
)
def test_of_a_list_only_the_first_wrong_code_is_looked_for(model: Any, given: Any, told: int) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(given)
    assert str(refused.value).count("unknown code") == told


def test_half_a_character_is_refused_like_any_other_code() -> None:
    with pytest.raises(ValidationError) as refused:
        Profile.model_validate({"region": "\ud800"})
    assert [words for _, words in wrong_fields(refused.value)] == [unknown_code("region", "?")]
