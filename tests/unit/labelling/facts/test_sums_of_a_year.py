"""A sum of a part of a year, of several, or for each of many is not what a firm takes, makes or pays in a year."""

import pytest

from streams.labelling.facts import Condition, read_facts


def conditions(body: str) -> list[Condition]:
    return [fact.value for fact in read_facts(title="", body=body).conditions]


@pytest.mark.parametrize("what", ["营业收入", "工业产值", "纳税额", "利润总额", "研发投入"])
@pytest.mark.parametrize(
    "when",
    [
        "上半年",
        "下半年",
        "2024年上半年",
        "半年度",
        "上半年，",
        "前三季度",
        "一季度",
        "单季度",
        "1-6月",
        "2024年1—9月",
        "今年1至6月，",
        "一至六月",
        "2024年1月1日至6月30日",
        "截至2024年6月底",
        "近6个月",
        "月均",
        "月",
        "近三年累计",
        "三年合计",
    ],
)
def test_the_sum_of_another_time_than_a_year_is_none_of_a_year(when: str, what: str) -> None:
    assert conditions(f"{when}{what}不低于1000万元的企业。") == []


@pytest.mark.parametrize(
    "when",
    [
        "1-12月",
        "2024年1月1日至2024年12月31日",
        "2023年7月至2024年6月",
        "截至2024年12月",
        "连续12个月",
        "近两年年均",
        "按季度申报的企业，上年度",
        "按季度申报企业上年度",
        "注册成立满6个月，",
        "上年度实现",
    ],
)
def test_the_sum_of_a_year_stays(when: str) -> None:
    assert Condition("revenue", ">=", 10_000_000, "yuan") in conditions(f"{when}营业收入不低于1000万元。")


@pytest.mark.parametrize(
    "body",
    [
        "营业收入（上半年）不低于1000万元",
        "营业收入不低于1000万元/季",
        "近两年研发投入合计不低于1000万元",
        "上半年收入不低于1000万元",
    ],
)
def test_a_time_may_stand_behind_the_words(body: str) -> None:
    assert conditions(f"{body}。") == []


@pytest.mark.parametrize(
    "body",
    [
        "亩均税收不低于20万元",
        "亩均产值达到300万元以上",
        "地均产值不低于10亿元",
        "人均营业收入不低于50万元",
        "人均产值不低于100万元",
        "人均利润10万元以上",
        "户均纳税10万元以上",
        "每亩投资不低于300万元",
        "税收不低于20万元/亩",
        "产值不低于500万元/亩",
        "人均住房建筑面积低于15平方米",
    ],
)
def test_so_much_for_each_is_no_sum_of_the_firm(body: str) -> None:
    assert conditions(f"{body}。") == []


@pytest.mark.parametrize(
    "body",
    [
        "营业收入较上年增加500万元以上",
        "新增营业收入500万元以上",
        "从业人员较上年增加10人以上",
        "漏缴税款不满25万元",
        "欠缴税款不超过1万元",
        "减免税收不超过100万元",
        "税收减免额不超过100万元",
    ],
)
def test_what_was_added_or_not_paid_is_not_the_whole(body: str) -> None:
    assert conditions(f"{body}。") == []


@pytest.mark.parametrize(
    "body",
    [
        "小规模纳税人年应税销售额不超过500万元",
        "年应税销售额500万元及以下的小规模纳税人",
        "年应税销售额超过500万元的纳税人应当登记为一般纳税人",
        "微型企业标准为增值税销售额（年）100万元以下",
        "年开票销售额不超过2000万元",
    ],
)
def test_what_vat_counts_is_only_a_part_of_the_revenue_and_bounds_it_from_below_alone(body: str) -> None:
    assert conditions(f"{body}。") == []


def test_a_firm_that_was_taxed_for_so_much_has_taken_as_much() -> None:
    assert conditions("年应税销售收入达到2000万元以上的企业。") == [
        Condition("revenue", ">=", 20_000_000, "yuan")
    ]
