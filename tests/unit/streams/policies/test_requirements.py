"""From facts to requirements: fields, units, bounds, the days between which an age counts, and what a reviewer said."""

from dataclasses import replace
from datetime import date
from math import inf
from typing import Any

import pytest

from config.calendar import WorkingDays
from streams.events.condition_values import ConditionGiven
from streams.labelling import default_labeller
from streams.labelling.facts import read_facts
from streams.matching.conditions import Requirement, day_number
from streams.policies.given_conditions import ConditionsRefused, given_conditions
from streams.policies.reading import KnownFact, _known
from streams.policies.reading import read as read_policy
from streams.policies.requirements import asked, crossed, from_plain, plain

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


@pytest.mark.parametrize(
    "window", [{"closes": "2026-12-31"}, {"opens": "2026-03-01", "closes": "2026-12-31"}]
)
def test_an_age_counts_to_the_end_of_the_window_however_long_the_document_is_valid(
    window: dict[str, str],
) -> None:
    data = DATA | {"valid_until": "2030-12-31", "apply_window": window}
    assert read("成立满1年", data=data) == {"founded": (-inf, founded("2025-12-31"))}
    unending = DATA | {"valid_until": "2030-12-31", "apply_window": {"opens": "2026-03-01"}}
    assert read("成立满1年", data=unending) == {"founded": (-inf, founded("2029-12-31"))}


def test_a_window_that_only_the_text_states_ends_an_age_before_the_validity_does() -> None:
    data = DATA | {"title": "关于申报奖励资金的通知", "issuer": "示范市经信局", "valid_until": "2030-12-31"}
    body = "一、申报条件\n（一）成立满1年。\n二、申报时间\n申报截止时间为2026年12月31日。"
    reading = read_policy(
        default_labeller(), data, body, region=None, today=date(2026, 3, 2), calendar=WorkingDays()
    )
    assert reading.data["apply_window"] == {"closes": "2026-12-31"}
    assert asked(reading.facts, reading.data, body) == (Requirement("founded", -inf, founded("2025-12-31")),)


def test_what_a_reviewer_gives_is_taken_as_it_is_and_what_he_takes_away_is_gone() -> None:
    body = "对职工不少于10人的企业给予奖励。"
    assert asked([given("employees", ">=", 10, "person")], DATA, body) == (Requirement("staff", 10, inf),)
    gone = KnownFact("conditions", 0, None, 0, 0, "", "reviewer", "reviewer")
    assert asked([gone], DATA, body) == ()


def revised(facts: list[KnownFact], number: int, **value: Any) -> list[KnownFact]:
    """Facts with one condition's number corrected, as the gate corrects it."""
    old = next(fact for fact in facts if fact.name == "conditions" and fact.number == number)
    made = ConditionGiven.model_validate({"number": number, "value": old.value | value})
    (new,) = given_conditions(facts, [made], DATA, "")
    return [new if fact is old else fact for fact in facts]


def test_the_two_sides_of_a_limit_stay_one_limit_when_one_of_them_is_corrected() -> None:
    body = "一、申报条件\n（一）营业收入2000万元以上、4亿元以下；\n"
    facts = _known(read_facts(title="通知", body=body, publish_date=date(2026, 3, 1)))
    assert asked(revised(facts, 0, value=1e7), DATA, body) == (Requirement("revenue", 1e7, 4e8),)


def test_a_corrected_number_leaves_other_lists_of_the_text_as_they_were_read() -> None:
    body = "一、申报条件\n（一）从业人员20人以上；\n二、申报条件\n（一）从业人员50人以上；\n"
    facts = _known(read_facts(title="通知", body=body, publish_date=date(2026, 3, 1)))
    assert asked(facts, DATA, body) == (Requirement("staff", 20, inf),)
    assert asked(revised(facts, 1, value=60), DATA, body) == (Requirement("staff", 20, inf),)
    assert asked(revised(facts, 1, value=10), DATA, body) == (Requirement("staff", 10, inf),)


def test_what_a_reviewer_adds_stands_for_its_side_whatever_was_read_there() -> None:
    body = "一、申报条件\n（一）职工总数不超过300人；\n"
    facts = _known(read_facts(title="通知", body=body, publish_date=date(2026, 3, 1)))
    most, least = given("employees", "<=", 500, "person"), given("employees", ">=", 10, "person")
    assert asked([*facts, most], DATA, body) == (Requirement("staff", -inf, 500),)
    assert asked([*facts, least], DATA, body) == (Requirement("staff", 10, 300),)
    assert asked([*facts, most, least], DATA, body) == (Requirement("staff", 10, 500),)


def test_a_text_that_contradicts_itself_does_not_stand_in_the_way_of_another_correction() -> None:
    most, least = given("employees", "<=", 9, "person"), given("employees", ">=", 10, "person")
    known = [most, replace(least, number=1)]
    age = {"field": "established", "op": ">=", "value": 1, "unit": "year"}
    (made,) = given_conditions(known, [ConditionGiven.model_validate({"value": age})], DATA, "")
    assert (made.number, made.origin) == (2, "reviewer")
    with pytest.raises(ConditionsRefused, match="no enterprise has a staff"):
        given_conditions(
            known, [ConditionGiven.model_validate({"number": 1, "value": least.value})], DATA, ""
        )


def test_numbers_that_no_enterprise_has_ask_nothing_and_are_told() -> None:
    most, least = given("employees", "<=", 9, "person"), given("employees", ">=", 10, "person")
    assert asked([most, least], DATA, "") == ()
    assert crossed([most, least], DATA, "") == ["staff"]
    assert crossed([least], DATA, "") == []


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
