"""From facts to requirements: fields, units, bounds, the days between which an age counts, and what a reviewer said."""

from datetime import date
from math import inf
from typing import Any

import pytest

from streams.labelling.facts import read_facts
from streams.matching.conditions import Requirement, day_number
from streams.policies.reading import KnownFact, _known
from streams.policies.requirements import asked, from_plain, plain

DATA = {"publish_date": "2026-03-01"}


def read(*items: str, data: dict[str, Any] | None = None) -> dict[str, tuple[float, float]]:
    body = "一、申报条件\n" + "".join(
        f"（{n}）{item}；\n" for n, item in zip("一二三四五", items, strict=False)
    )
    facts = _known(read_facts(title="通知", body=body, publish_date=date(2026, 3, 1)))
    return {one.field: (one.low, one.high) for one in asked(facts, data or DATA, body)}


def given(field: str, op: str, value: float, unit: str, origin: Any = "reviewer") -> KnownFact:
    return KnownFact(
        "conditions", 0, {"field": field, "op": op, "value": value, "unit": unit}, 0, 0, "", "r", origin
    )


def founded(day: str) -> int:
    return day_number(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("从业人员20人以上", {"staff": (20, inf)}),
        ("职工总数不超过300人", {"staff": (-inf, 300)}),
        ("上年度营业收入超过2000万元", {"revenue": (2e7, inf)}),
        ("年营业收入2亿元以下", {"revenue": (-inf, 2e8)}),
        ("主营业务收入不高于2亿元", {}),  # the whole may be more
        ("主营业务收入不低于2亿元", {"revenue": (2e8, inf)}),
        ("成立满1年", {"founded": (-inf, founded("2025-03-01"))}),
        ("成立满18个月", {"founded": (-inf, founded("2024-09-01"))}),
        ("成立不超过5年", {"founded": (founded("2021-03-01"), inf)}),
        ("2020年1月1日以后成立", {"founded": (founded("2020-01-01"), inf)}),
        ("成立于2020年1月1日之后", {"founded": (founded("2020-01-01"), inf)}),
        ("2023年12月31日前在本市注册登记", {"founded": (-inf, founded("2023-12-31"))}),
        ("企业注册时间不晚于2023年12月31日", {"founded": (-inf, founded("2023-12-31"))}),
        (
            "2020年1月1日至2023年12月31日期间成立",
            {"founded": (founded("2020-01-01"), founded("2023-12-31"))},
        ),
        ("营业收入2000万元以上、4亿元以下", {"revenue": (2e7, 4e8)}),
        ("营业收入不低于2000万元、不超过4亿元", {"revenue": (2e7, 4e8)}),
        ("主营业务收入2000万元以上、4亿元以下", {"revenue": (2e7, inf)}),
        ("成立1年以上、5年以下", {"founded": (founded("2021-03-01"), founded("2025-03-01"))}),
    ],
)
def test_a_condition_becomes_a_range(item: str, expected: dict[str, tuple[float, float]]) -> None:
    assert read(item) == expected


def test_several_conditions_of_one_field_leave_the_widest_range() -> None:
    assert read("从业人员20人以上", "职工总数不少于50人") == {"staff": (20, inf)}
    assert read("从业人员20人以上", "职工总数不超过300人") == {}


def test_an_age_counts_on_any_day_on_which_the_policy_can_be_used() -> None:
    window = DATA | {"apply_window": {"opens": "2026-02-01", "closes": "2026-08-31"}}
    assert read("成立满1年", data=window) == {"founded": (-inf, founded("2025-08-31"))}
    assert read("成立不超过5年", data=window) == {"founded": (founded("2021-02-01"), inf)}
    valid = DATA | {"valid_until": "2028-02-29"}
    assert read("成立满1年", data=valid) == {"founded": (-inf, founded("2027-02-28"))}


def test_what_a_reviewer_gives_is_taken_as_it_is_and_what_he_takes_away_is_gone() -> None:
    body = "对职工不少于10人的企业给予奖励。"
    assert asked([given("employees", ">=", 10, "person")], DATA, body) == (Requirement("staff", 10, inf),)
    gone = KnownFact("conditions", 0, None, 0, 0, "", "reviewer", "reviewer")
    assert asked([gone], DATA, body) == ()


@pytest.mark.parametrize(
    "fact",
    [
        given("established", ">=", 1e9, "year"),
        given("rd_ratio", ">=", 5, "percent"),
        given("established", ">=", 20201331, "day"),
        given("established", ">=", 1e99, "day"),
        given("established", "<=", -1, "day"),
    ],
)
def test_what_means_nothing_for_an_enterprise_asks_nothing(fact: KnownFact) -> None:
    assert asked([fact], DATA, "") == ()


def test_an_age_beyond_the_calendar_is_the_first_day_there_is() -> None:
    early = asked([given("established", ">=", 190, "year")], {"publish_date": "0100-01-01"}, "")
    assert early == (Requirement("founded", -inf, day_number(date.min)),)


def test_a_day_of_founding_that_a_reviewer_gives_is_a_day_however_long_the_policy_is_valid() -> None:
    data = DATA | {"valid_until": "2030-12-31"}
    some = asked([given("established", ">=", 20200101, "day")], data, "")
    assert some == (Requirement("founded", founded("2020-01-01"), inf),)


def test_requirements_survive_json() -> None:
    some = (Requirement("staff", -inf, 300), Requirement("revenue", 2e7, inf), Requirement("founded", 1, 2))
    assert plain(some) == [["staff", None, 300], ["revenue", 2e7, None], ["founded", 1, 2]]
    assert from_plain(plain(some)) == some
