"""Numbers that a text names but asks of nobody, and those that shut applicants out."""

import pytest

from streams.labelling.facts import read_facts


@pytest.mark.parametrize(
    "body",
    [
        "年营业收入无需达到2000万元。",
        "年营业收入不必达到500万元。",
        "企业不要求成立满1年。",
        "不再要求企业成立满2年。",
        "不要求年营业收入超过500万元。",
        "审查企业是否成立满1年。",
        "企业成立未满3年的不予受理。",
        "企业成立不满1年的不得申报。",
        "资产负债率超过70%的除外。",
        "资产负债率高于70%的企业不得申报。",
        "年营业收入未达到500万元的，不予补助。",
        "年营业收入超过4亿元的企业不适用本办法。",
    ],
)
def test_a_limit_that_is_taken_back_or_shuts_out_is_no_condition(body: str) -> None:
    assert read_facts(title="", body=body).conditions == ()


@pytest.mark.parametrize(
    "body",
    [
        "无需担保，企业成立满3年。",
        "企业成立满3年，不得有违法记录。",
        "企业成立满3年且不得有失信行为。",
        "企业成立满3年，不予重复奖励。",
        "不要求抵押，且企业成立满3年的不得重复享受。",
    ],
)
def test_what_is_refused_or_needless_beside_it_leaves_a_condition_as_it_is(body: str) -> None:
    (fact,) = read_facts(title="", body=body).conditions
    assert (fact.value.field, fact.value.op, fact.value.value) == ("established", ">=", 3)
