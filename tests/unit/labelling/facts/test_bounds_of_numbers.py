"""Which way a limit goes, whether the number itself is within it, and the ways to write both ends."""

import pytest

from streams.labelling.facts import Condition, read_facts
from streams.labelling.facts.model import Operator

TWENTY_MILLION = 20_000_000


def conditions(body: str) -> list[Condition]:
    facts = read_facts(title="", body=body).conditions
    assert all(fact.quote == body[fact.start : fact.end] for fact in facts)
    return [fact.value for fact in facts]


@pytest.mark.parametrize(
    ("words", "op"),
    [
        ("不得低于2000万元", ">="),
        ("不应低于2000万元", ">="),
        ("不能少于2000万元", ">="),
        ("不得小于2000万元", ">="),
        ("不得超过2000万元", "<="),
        ("不能超过2000万元", "<="),
        ("不得高于2000万元", "<="),
        ("不应大于2000万元", "<="),
        ("不得多于2000万元", "<="),
        ("未低于2000万元", ">="),
        ("没有超过2000万元", "<="),
        ("不到2000万元", "<"),
        ("达不到2000万元", "<"),
        ("未达2000万元", "<"),
        ("超2000万元", ">"),
        ("超过2000万元以上", ">="),
        ("2000万元及以上", ">="),
        ("2000万元及以下", "<="),
        ("2000万以上", ">="),
        ("在2000万元人民币以上", ">="),
    ],
)
def test_a_word_of_refusal_turns_the_limit_round(words: str, op: Operator) -> None:
    assert conditions(f"营业收入{words}。") == [Condition("revenue", op, TWENTY_MILLION, "yuan")]


@pytest.mark.parametrize(
    ("words", "op"),
    [
        ("100万元以下（不含100万元）", "<"),
        ("100万元以下（不含本数）", "<"),
        ("100万元以下（含100万元）", "<="),
        ("超过100万元（含）", ">="),
        ("超过100万元（不含）", ">"),
        ("低于100万元（含）", "<="),
        ("100万元（不含）以上", ">"),
    ],
)
def test_a_bracket_says_whether_the_number_itself_is_within(words: str, op: Operator) -> None:
    (fact,) = read_facts(title="", body=f"营业收入{words}的企业。").conditions
    assert fact.value == Condition("revenue", op, 1_000_000, "yuan")
    assert fact.quote == f"营业收入{words}"


def test_a_bracket_about_something_else_says_nothing_of_the_number() -> None:
    assert conditions("缴纳社保满6个月（不含补缴）。") == [Condition("insured", ">=", 6, "month")]


@pytest.mark.parametrize(
    ("words", "field", "unit", "least", "most"),
    [
        ("从业人员50-300人", "employees", "person", 50, 300),
        ("从业人员50至300人", "employees", "person", 50, 300),
        ("年龄18—60周岁", "age", "year", 18, 60),
        ("纳税3000万至5000万元", "tax_paid", "yuan", 30_000_000, 50_000_000),
        ("营业收入500-2000万元", "revenue", "yuan", 5_000_000, TWENTY_MILLION),
        ("营业收入500万元以上至2000万元以下", "revenue", "yuan", 5_000_000, TWENTY_MILLION),
        ("建筑面积90平方米以上（含90平方米）至144平方米以下", "area", "sqm", 90, 144),
    ],
)
def test_both_ends_are_read_where_the_unit_stands_once(
    words: str, field: str, unit: str, least: float, most: float
) -> None:
    assert conditions(f"{words}的。") == [
        Condition(field, ">=", least, unit),
        Condition(field, "<=", most, unit),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "房源有建筑面积144平方米及以下、144平方米以上两类。",
        "企业注册2020-2022年。",
        "经营9-12月。",
        "每年投入资金达数十亿元。",
        "注册登记届满前3个月。",
    ],
)
def test_what_limits_nobody_is_not_read(body: str) -> None:
    assert conditions(body) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("小规模纳税人营业收入不超过500万元。", Condition("revenue", "<=", 5_000_000, "yuan")),
        ("投资项目年销售收入达到5000万元。", Condition("revenue", ">=", 50_000_000, "yuan")),
        ("从业人员中研发人员不少于10人。", Condition("rd_staff", ">=", 10, "person")),
        ("经营者年龄不超过55周岁。", Condition("age", "<=", 55, "year")),
        ("研发费用占主营业务收入的比例不低于3%。", Condition("rd_ratio", ">=", 3, "percent")),
    ],
)
def test_of_two_words_the_one_that_the_number_counts_names_the_field(body: str, expected: Condition) -> None:
    assert conditions(body) == [expected]


@pytest.mark.parametrize(
    ("body", "quote"),
    [
        ("从业人员（社保人数）不少于10人。", "从业人员（社保人数）不少于10人"),
        ("研发费用占销售收入的比例：最近一年销售收入小于5000万元的企业。", "销售收入小于5000万元"),
        ("注册登记并实际运营满一年的企业。", "注册登记并实际运营满一年"),
    ],
)
def test_the_quote_begins_with_the_words_that_name_the_number(body: str, quote: str) -> None:
    assert [fact.quote for fact in read_facts(title="", body=body).conditions] == [quote]
