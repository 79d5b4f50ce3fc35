"""On which day an applicant has to be founded, and what else is founded or registered on a day."""

from datetime import date

import pytest

from streams.labelling.facts import Condition, read_facts
from streams.labelling.facts.model import Operator


def founded(body: str, published: date | None = date(2026, 3, 1)) -> list[tuple[Condition, str]]:
    facts = read_facts(title="", body=body, publish_date=published).conditions
    assert all(fact.quote == body[fact.start : fact.end] for fact in facts)
    return [(fact.value, fact.quote) for fact in facts]


@pytest.mark.parametrize(
    ("words", "op", "day"),
    [
        ("2020年1月1日以后成立", ">=", 20200101),
        ("2020年1月1日（不含）以后成立", ">", 20200101),
        ("自2020年1月1日起在本市登记注册", ">=", 20200101),
        ("成立于2020年1月1日之后", ">=", 20200101),
        ("注册成立时间应在2020年1月之后", ">=", 20200101),
        ("成立日期不早于2020年1月1日", ">=", 20200101),
        ("2023年12月31日前注册", "<=", 20231231),
        ("2023年12月31日（含）前依法注册登记", "<=", 20231231),
        ("于2023年12月31日之前在广州市内登记注册", "<=", 20231231),
        ("注册时间不晚于2023年12月31日", "<=", 20231231),
        ("2023年底前成立", "<=", 20231231),
    ],
)
def test_a_day_of_founding_is_a_condition(words: str, op: Operator, day: int) -> None:
    assert founded(f"申报条件：{words}。") == [(Condition("established", op, day, "day"), words)]


def test_what_stands_behind_may_be_the_enterprise() -> None:
    expected = Condition("established", ">=", 20200101, "day")
    assert founded("对2020年1月1日以后注册成立的科技型企业给予奖励。") == [
        (expected, "2020年1月1日以后注册成立")
    ]


def test_two_days_are_two_conditions_with_one_quote() -> None:
    words = "2020年1月1日至2022年12月31日期间成立"
    assert founded(f"申报条件：{words}的企业。") == [
        (Condition("established", ">=", 20200101, "day"), words),
        (Condition("established", "<=", 20221231, "day"), words),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "报废的旧车首次注册登记时间须在2017年1月1日之前。",
        "2023年12月31日前成立工作专班。",
        "2023年12月31日前设立企业服务专区。",
        "2023年12月31日前注册的汽车给予补贴。",
        "各单位应于2026年12月31日前成立。",  # a day to come is a task
        "2023年12月31日前完成申报，注册满一年优先。",
        "3月1日前注册。",  # of which year is a guess
        "成立于2020年1月1日。",
        "本条例自2022年3月1日起施行，企业注册按新规定办理。",
    ],
)
def test_other_days_are_not_days_of_founding(body: str) -> None:
    assert [one for one, _ in founded(body) if one.unit == "day"] == []
