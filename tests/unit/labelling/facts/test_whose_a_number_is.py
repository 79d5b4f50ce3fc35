"""Whether a number is one that an applicant has to meet, or another's, an aim, a norm, or one that was given up."""

import pytest

from streams.labelling.facts import Condition, read_facts


def conditions(body: str) -> list[Condition]:
    return [fact.value for fact in read_facts(title="", body=body).conditions]


@pytest.mark.parametrize(
    ("body", "op", "number", "unit"),
    [
        ("在天河区依法登记注册并实际运营满一年的企业", ">=", 1, "year"),
        ("企业注册时间需满两个完整会计年度", ">=", 2, "year"),
        ("自成立之日起满2年", ">=", 2, "year"),
        ("取得登记证书满2年", ">=", 2, "year"),
        ("项目单位注册成立满1年", ">=", 1, "year"),
        ("成立时间不超过42个月", "<=", 42, "month"),
        ("注册成立未满3年的小微企业", "<", 3, "year"),
        ("成立5年内的科技型企业", "<=", 5, "year"),
        ("登记注册3年内（含3年）的小微企业", "<=", 3, "year"),
        ("创业主体注册登记时间在3年内", "<=", 3, "year"),
        ("所创办的创业主体注册登记时间在3年内", "<=", 3, "year"),
    ],
)
def test_how_old_a_firm_is_asked_to_be(body: str, op: str, number: float, unit: str) -> None:
    assert [(one.field, one.op, one.value, one.unit) for one in conditions(f"{body}。")] == [
        ("established", op, number, unit)
    ]


@pytest.mark.parametrize(
    "body",
    [
        "登记失业1年以上的人员",
        "个人经营贷款期限不超过3年",
        "经营场所租赁期限不少于1年",
        "土地经营权流转期限5年以上",
        "自办理不动产登记之日起未满两年上市交易的",
        "申请提取的时间应当与其结婚登记的时间间隔满十二个月",
        "参加配租意向登记未获配租且轮候时间超过5年的",
        "个体户经营者（女性不超过55周岁）",
        "实际经营期限不少于10年",
        "承诺正常经营不少于5年",
        "自注册之日起3年内给予租金补贴",
        "自注册之日起3年以内，每年给予奖励",
        "承诺注册后10年内不迁出",
        "注册时间达到2020年",
    ],
)
def test_other_years_are_not_the_age_of_a_firm(body: str) -> None:
    assert [one for one in conditions(f"{body}。") if one.field == "established"] == []


@pytest.mark.parametrize(
    "body",
    [
        "距离法定退休年龄不足1年的失业人员",
        "达到法定退休年龄时累计缴费满15年",
        "未成年子女是指年龄不满18周岁子女",
    ],
)
def test_other_years_are_not_the_age_of_a_person(body: str) -> None:
    assert conditions(f"{body}。") == []


@pytest.mark.parametrize(
    "body",
    [
        "取消注册满一年的限制",
        "不受成立满1年限制",
        "取消“正常缴存社会保险一年以上”的限制",
        "无连续3年资产负债率超过95%情形",
    ],
)
def test_a_limit_that_is_given_up_or_denied_is_none(body: str) -> None:
    assert conditions(f"{body}。") == []


@pytest.mark.parametrize(
    "body",
    [
        "每处建筑面积原则上不少于1000平方米",
        "单套建筑面积一般控制在60平方米以下",
        "季度销售面积在5000平方米以上的，给予奖励",
        "建筑面积超过144平方米的，按144平方米计算",
    ],
)
def test_a_norm_and_what_a_grant_is_counted_by_are_no_area_of_the_applicant(body: str) -> None:
    assert conditions(f"{body}。") == []


@pytest.mark.parametrize(
    "body",
    [
        "职工申领失业保险金、同一单位当年累计50人以上",
        "员工中具有大专以上学历的人数不少于30人",
        "进出口侵犯知识产权货物数量二百件以下",
        "到2027年，实现产值1000亿元以上",
    ],
)
def test_a_part_of_the_staff_goods_and_aims_ask_nothing(body: str) -> None:
    assert conditions(f"{body}。") == []


@pytest.mark.parametrize(
    "body",
    [
        "裁员率不高于失业率控制目标（控制目标为5.5%），对参保职工30人（含）以下的企业放宽",
        "全市发展良好。职工30人以下的企业",
    ],
)
def test_an_aim_elsewhere_takes_no_condition_away(body: str) -> None:
    assert conditions(f"{body}。") == [Condition("employees", "<=", 30, "person")]


@pytest.mark.parametrize("who", ["社保缴纳人数", "社保人数", "在职人员", "在册人员", "用工人数", "参保职工"])
def test_more_words_for_the_number_of_employees(who: str) -> None:
    assert conditions(f"{who}不少于10人。") == [Condition("employees", ">=", 10, "person")]
