"""What a document grants and what it asks, as typed values."""

import pytest

from streams.labelling.facts import Amount, Condition, read_facts


def amounts(body: str) -> list[Amount]:
    return [fact.value for fact in read_facts(title="", body=body).amounts]


def conditions(body: str) -> list[Condition]:
    return [fact.value for fact in read_facts(title="", body=body).conditions]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("给予一次性奖励30万元。", [Amount(300_000, "yuan", "exact", "奖励")]),
        ("给予补贴，最高不超过50万元。", [Amount(500_000, "yuan", "maximum", "补贴")]),
        ("按实际支出的30%给予补贴。", [Amount(30, "percent", "exact", "补贴")]),
        ("给予不低于1.5亿元的资金支持。", [Amount(150_000_000, "yuan", "minimum", "资金")]),
        ("给予购房人两千元补助。", [Amount(2000, "yuan", "exact", "补助")]),
        ("最高贷款额度由40万元提高至50万元。", [Amount(500_000, "yuan", "maximum", "贷款额度")]),
        ("注册资本不低于1000万元。", []),
        ("对价格环比下降且累计幅度超过10%的企业给予支持。", []),
        (
            "分别给予5万元、3万元奖励。",
            [Amount(50_000, "yuan", "exact", "奖励"), Amount(30_000, "yuan", "exact", "奖励")],
        ),
        ("去年全市生产总值增长5%。", []),
    ],
)
def test_what_is_granted(body: str, expected: list[Amount]) -> None:
    assert amounts(body) == expected


@pytest.mark.parametrize(
    ("body", "each"),
    [
        ("按200元/㎡给予购房补贴。", "㎡"),
        ("按每平方米200元给予购房补贴。", "平方米"),
        ("给予每人1000元补贴。", "人"),
        ("每户给予最高不超过2000元补助。", "户"),
        ("按1000元/人·月的标准给予生活补贴。", "人/月"),
        ("给予1500元/月的租房补贴。", "月"),
        ("给予一次性奖励30万元。", ""),
        ("每年评选一次,给予奖励30万元。", ""),
    ],
)
def test_for_each_of_what_a_sum_is_granted(body: str, each: str) -> None:
    assert [one.per for one in amounts(body)] == [each]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("上年度营业收入不低于2000万元", Condition("revenue", ">=", 20_000_000, "yuan")),
        ("营业收入≥2000万元", Condition("revenue", ">=", 20_000_000, "yuan")),
        ("职工总数不超过300人", Condition("employees", "<=", 300, "person")),
        ("职工≤300人", Condition("employees", "<=", 300, "person")),
        ("企业成立满1年", Condition("established", ">=", 1, "year")),
        ("注册成立三年以上", Condition("established", ">=", 3, "year")),
        ("注册资本1000万元以上", Condition("registered_capital", ">=", 10_000_000, "yuan")),
        ("研发费用占营业收入的比例不低于5%", Condition("rd_ratio", ">=", 5, "percent")),
        ("研发费用占比≥5%", Condition("rd_ratio", ">=", 5, "percent")),
        ("资产负债率不高于70%", Condition("debt_ratio", "<=", 70, "percent")),
        ("年龄在45周岁以下", Condition("age", "<=", 45, "year")),
    ],
)
def test_what_is_asked_of_an_applicant(body: str, expected: Condition) -> None:
    assert conditions(f"申报条件：{body}。") == [expected]
