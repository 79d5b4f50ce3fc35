"""Which numbers of a text bind every applicant: few, because a wrong silence is worse than a message too many."""

import time
from datetime import date

import pytest

from streams.labelling.facts import read_facts
from streams.policies.applicants import Place, asked_of_all


def asked(body: str) -> list[str]:
    """The words of the numbers that count."""
    facts = read_facts(title="通知", body=body, publish_date=date(2026, 3, 1)).conditions
    places = [Place(one.value.field, one.start, one.end) for one in facts]
    return [
        body[place.start : place.end] for place in asked_of_all(body, places) if place.field != "rd_ratio"
    ]


CALL = """关于组织申报的通知
各有关单位：
一、申报条件
（一）在本市依法登记注册满1年，具有独立法人资格；
（二）上年度营业收入不低于2000万元；
（三）从业人员不超过300人。
二、申报材料
1.申报表。
"""


def test_the_numbers_of_a_call_s_conditions_count() -> None:
    assert asked(CALL) == ["登记注册满1年", "营业收入不低于2000万元", "从业人员不超过300人"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("第五条 申请认定的企业应当同时具备下列条件：\n（一）成立满两年；\n第六条 其他。", ["成立满两年"]),
        ("一、申报条件：\n1. 企业申请认定时须注册成立一年以上。\n二、其他", ["注册成立一年以上"]),
        ("三、参赛条件参赛单位须为注册满一年、无不良记录的科技型企业或农民专业合作社。", ["注册满一年"]),
        ("三、申报条件\n申报企业应同时满足以下条件：\n1.注册成立满一年。", ["注册成立满一年"]),
        ("申报条件：\n①在职职工不少于10人，其中研发人员不少于3人；", ["在职职工不少于10人"]),
    ],
)
def test_other_ways_to_write_such_lists_are_known(body: str, expected: list[str]) -> None:
    assert [one for one in asked(body) if "研发" not in one] == expected


@pytest.mark.parametrize(
    "body",
    [
        "对营业收入不低于2000万元的企业给予奖励。",  # one measure of many
        "申报条件：\n1.从业人员20人以上或者上年度营业收入1000万元以上；",
        "申报条件：\n符合以下条件之一：\n1.营业收入不低于2000万元；\n2.从业人员20人以上；",
        "申报条件：\n应当具备下列条件之一：\n1.营业收入不低于2000万元；",
        "申报条件：\n1.成立满3年的企业，营业收入不低于500万元；",
        "申报条件：\n1.新增从业人员不少于20人；",
        "申报条件：\n1.近两年累计营业收入不低于500万元；",
        "申报条件：\n1.营业收入不低于500万元的优先；",
        "申报条件：\n1.服务企业从业人员不少于500人；",
        "申报条件：\n1.示范基地注册满2年；",
        "申报条件：\n1.法定代表人登记时不超过55周岁；",
        "申报条件：\n至少符合下列标准中的一项：\n1.营业收入不低于2000万元；\n2.从业人员20人以上；",
        "方向一\n申报条件：\n1.登记。\n方向二\n申报条件：\n1.营业收入不低于2000万元。",
        "方向一\n申报条件：\n1.营业收入不低于2000万元。\n方向二\n申报条件：\n1.依法登记的企业。",
        "一、申报条件\n1.依法登记。\n二、奖励标准\n1.营业收入不低于2000万元，奖励10万元。",
        "请符合申报条件的企业，营业收入不低于2000万元，于3月1日前报送。",
    ],
)
def test_numbers_that_bind_only_some_or_something_else_do_not_count(body: str) -> None:
    assert asked(body) == []


def test_a_field_counts_where_every_list_names_it() -> None:
    first = "方向一\n申报条件：\n1.营业收入不低于2000万元。\n2.注册满一年。\n"
    body = f"{first}方向二\n申报条件：\n1.营业收入不低于500万元。"
    assert asked(body) == ["营业收入不低于2000万元", "营业收入不低于500万元"]


def test_a_text_of_nothing_but_lists_is_read_in_time_proportional_to_its_length() -> None:
    body = "申报条件：\n1.营业收入不低于2000万元；\n一、" * 12_000
    places = [Place("revenue", at, at + 12) for at in range(8, 25 * 300, 25)]
    began = time.process_time()
    assert asked_of_all(body, places) == []  # the other lists are silent
    assert time.process_time() - began < 60
