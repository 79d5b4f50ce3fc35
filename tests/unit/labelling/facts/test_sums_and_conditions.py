"""What a document grants and what it asks, as typed values."""

import pytest

from streams.labelling.facts import Amount, Condition, read_facts
from streams.labelling.facts.model import Operator


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
        ("按200元/㎡给予购房补贴。", "平方米"),
        ("按200元/m2给予购房补贴。", "平方米"),
        ("按200元/平方米给予购房补贴。", "平方米"),
        ("每㎡奖励300元。", "平方米"),
        ("租金补贴标准为1.5元/㎡/天。", "平方米/天"),
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
    "body",
    [
        "每平方米补贴30元。",
        "每平方米补助标准为30元。",
        "给予装修补贴，按每平方米30元计。",
        "装修补贴按每平方米30元计算。",
        "给予装修补贴。按每平方米30元计。",
        "依照实际面积，按每平方米30元计，每年给予补贴。",
        "每平方米给予30元补贴。",
    ],
)
def test_a_sum_for_each_square_metre_is_granted(body: str) -> None:
    assert [(one.value, one.per) for one in amounts(body)] == [(30, "平方米")]


@pytest.mark.parametrize(
    "body",
    [
        "房屋均价每平方米8000元，给予契税补贴。",
        "装修单价标准为每平方米1800元。",
        "由业主缴纳，按每平方米30元计。",
    ],
)
def test_the_price_of_a_square_metre_is_not_granted(body: str) -> None:
    assert amounts(body) == []


@pytest.mark.parametrize(
    "words",
    ["租金补贴标准为1.5元/㎡/天", "补贴标准为500元/平方米", "最高贷款额度为70万元/户", "补贴1000元/人·月"],
)
def test_the_quote_of_a_sum_goes_on_to_what_it_is_given_for(words: str) -> None:
    assert [fact.quote for fact in read_facts(title="", body=f"{words}，按年发放。").amounts] == [words]


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


@pytest.mark.parametrize(
    ("limit", "least", "most"),
    [
        ("不低于2000万元、不超过4亿元", ">=", "<="),
        ("不低于2000万元，且低于4亿元", ">=", "<"),
        ("2000万元以上、4亿元以下", ">=", "<="),
        ("2000万元（含）以上4亿元（不含）以下", ">=", "<"),
        ("2000万元（含）至4亿元（不含）", ">=", "<"),
        ("在2000万元至4亿元之间", ">=", "<="),
        ("2000万元-4亿元", ">=", "<="),
    ],
)
def test_a_limit_with_two_sides_is_two_conditions_that_begin_at_one_place(
    limit: str, least: Operator, most: Operator
) -> None:
    facts = read_facts(title="", body=f"申报条件：营业收入{limit}。").conditions
    assert [fact.value for fact in facts] == [
        Condition("revenue", least, 20_000_000, "yuan"),
        Condition("revenue", most, 400_000_000, "yuan"),
    ]
    assert {fact.start for fact in facts} == {5}


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ("营业收入2000万元以上、300人以下", ["revenue"]),
        ("营业收入4亿元以上、2000万元以下的部分", ["revenue"]),
        ("注册成立2020年至2022年", []),
        ("营业收入2000万元至今", []),
    ],
)
def test_what_is_no_second_side_is_not_read_as_one(body: str, read: list[str]) -> None:
    assert [one.field for one in conditions(f"{body}。")] == read


@pytest.mark.parametrize(
    "body",
    [
        "给予租金补贴，面积不超过1000㎡。",
        "对入驻企业按每平方米30元给予补贴，补贴面积不超过1000平方米。",
        "面积不超过1000㎡的部分，按每平方米30元给予补贴。",
    ],
)
def test_an_area_that_limits_the_grant_asks_nothing_of_the_applicant(body: str) -> None:
    assert conditions(body) == []


@pytest.mark.parametrize(
    "body",
    [
        "面积不超过1000㎡的，给予租金补贴。",
        "申请补贴的企业，经营面积不超过1000㎡。",
        "给予租金补贴。经营面积不超过1000㎡。",
    ],
)
def test_an_area_that_is_asked_of_the_applicant_stays(body: str) -> None:
    assert conditions(body) == [Condition("area", "<=", 1000, "sqm")]


@pytest.mark.parametrize(
    "body",
    [
        "月销售额10万元以下",
        "季度销售额不超过30万元",
        "月均销售额不超过10万元",
        "日均营业收入不低于1万元",
        "营业收入月均不低于10万元",
        "营业收入不低于10万元/月",
        "月增值税销售额10万元以下",
        "冬春两季销售额达2000万元",
    ],
)
def test_the_sum_of_a_month_a_quarter_or_a_day_is_no_revenue_of_a_year(body: str) -> None:
    assert conditions(f"{body}的纳税人。") == []


@pytest.mark.parametrize(
    "body", ["家庭年收入低于78000元", "个人年收入不超过6万元", "人均可支配收入低于3万元", "月收入低于5000元"]
)
def test_the_income_of_persons_is_no_revenue(body: str) -> None:
    assert conditions(f"{body}。") == []


@pytest.mark.parametrize(
    "body",
    [
        "企业年收入不低于500万元",
        "家庭农场年收入不低于500万元",
        "截至2024年12月营业收入不低于500万元",
        "连续12个月销售额不低于500万元",
        "航天营业收入不低于500万元",
    ],
)
def test_the_revenue_of_a_firm_in_a_year_stays(body: str) -> None:
    assert conditions(f"{body}。") == [Condition("revenue", ">=", 5_000_000, "yuan")]


@pytest.mark.parametrize("body", ["年应纳税所得额不超过300万元", "税收优惠年应纳税所得额不超过300万元"])
def test_a_taxable_income_is_no_tax_that_was_paid(body: str) -> None:
    assert conditions(f"{body}。") == []


def test_a_tax_that_was_paid_stays() -> None:
    assert conditions("年纳税额不低于100万元。") == [Condition("tax_paid", ">=", 1_000_000, "yuan")]


@pytest.mark.parametrize(
    "who", ["从业人数", "从业人员数", "从业人员", "职工人数", "在职职工", "在职职工人数"]
)
def test_every_word_for_the_number_of_employees_is_read(who: str) -> None:
    assert conditions(f"{who}不超过300人。") == [Condition("employees", "<=", 300, "person")]


@pytest.mark.parametrize(
    ("body", "op"),
    [
        ("年营业收入未超过2000万元的企业可以申请。", "<="),
        ("年营业收入未达到2000万元的企业可以申请。", "<"),
        ("年营业收入超过2000万元的企业可以申请。", ">"),
    ],
)
def test_a_sum_that_was_not_reached_is_an_upper_bound(body: str, op: str) -> None:
    (condition,) = read_facts(title="", body=body).conditions
    assert (condition.value.field, condition.value.op, condition.value.value) == ("revenue", op, 20_000_000)
