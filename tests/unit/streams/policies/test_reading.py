"""What a text says goes where the publisher left a blank, and nowhere else."""

from datetime import date
from typing import Any

import pytest

from config.calendar import WorkingDays
from streams.labelling import default_labeller
from streams.policies.reading import Reading, corrected, read

TODAY = date(2026, 3, 10)
BODY = """滨江市经济和信息化局关于组织申报软件产业扶持资金的通知
滨经信〔2026〕12号
各有关企业：
申报时间：2026年3月10日至2026年4月30日，逾期不予受理。
本通知自2026年3月1日起施行，有效期至2027年2月28日。
滨江市经济和信息化局
2026年3月1日
"""


def reading(body: str = BODY, **data: Any) -> Reading:
    given = {
        "title": "关于组织申报软件产业扶持资金的通知",
        "issuer": "滨江市经济和信息化局",
        "publish_date": "2026-03-01",
    }
    return read(
        default_labeller(),
        given | data,
        body,
        region=None,
        today=TODAY,
        calendar=WorkingDays(),
    )


def test_blanks_are_filled_by_what_the_text_says() -> None:
    data = reading().data
    assert data["doc_number"] == "滨经信〔2026〕12号"
    assert (data["effective_date"], data["valid_until"]) == ("2026-03-01", "2027-02-28")
    assert data["apply_window"] == {"opens": "2026-03-10", "closes": "2026-04-30"}


def test_what_the_publisher_states_wins() -> None:
    stated = {
        "doc_number": "滨经信发〔2026〕1号",
        "valid_until": "2026-12-31",
        "apply_window": {"closes": "2026-05-31"},
    }
    data = reading(**stated).data
    assert {name: data[name] for name in stated} == stated
    assert data["effective_date"] == "2026-03-01"


def test_what_the_publisher_states_is_kept_as_his_and_what_was_read_instead_is_not() -> None:
    stated = {
        "doc_number": "滨经信发〔2026〕1号",
        "effective_date": "2026-04-01",
        "valid_until": "2026-12-31",
    }
    window = {"closes": "2026-05-31"}
    kept = [
        (fact.name, fact.value, fact.quote, fact.rule, fact.origin)
        for fact in reading(**stated, apply_window=window).facts
        if fact.name in stated or fact.name.startswith("apply_")
    ]
    said = stated | {"apply_until": "2026-05-31"}
    assert kept == [(name, value, "", "publisher", "publisher") for name, value in said.items()]


def test_words_that_say_what_the_publisher_states_still_prove_it() -> None:
    (fact,) = [fact for fact in reading(valid_until="2027-02-28").facts if fact.name == "valid_until"]
    assert (fact.value, fact.origin) == ("2027-02-28", "publisher")
    assert fact.quote
    assert fact.quote == BODY[fact.start : fact.end]


@pytest.mark.parametrize("name", ["doc_number", "effective_date", "valid_until", "apply_until"])
def test_every_fact_is_kept_with_the_words_that_prove_it(name: str) -> None:
    (fact,) = [fact for fact in reading().facts if fact.name == name]
    assert fact.origin == "rule"
    assert fact.quote
    assert fact.quote == BODY[fact.start : fact.end]


def test_an_end_that_has_passed_is_seen_and_not_taken_over() -> None:
    found = reading(BODY.replace("2026年4月30日", "2026年3月9日").replace("2026年3月10日至", ""))
    assert "apply_window" not in found.data
    assert [fact.value for fact in found.facts if fact.name == "apply_until"] == ["2026-03-09"]


def test_a_reviewer_may_correct_set_and_take_away() -> None:
    data = reading().data
    assert corrected(data, {"valid_until": None}) == {k: v for k, v in data.items() if k != "valid_until"}
    moved = corrected(data, {"apply_until": "2026-06-30", "doc_number": "滨经信〔2026〕13号"})
    assert moved["apply_window"] == {"opens": "2026-03-10", "closes": "2026-06-30"}
    assert moved["doc_number"] == "滨经信〔2026〕13号"
    assert "apply_window" not in corrected(data, {"apply_from": None, "apply_until": None})


@pytest.mark.parametrize(
    "facts",
    [
        {"apply_from": "2026-05-01"},
        {"apply_until": "2026-03-01"},
        {"valid_until": "2026-02-01"},
        {"effective_date": "2027-03-01"},
    ],
)
def test_a_correction_that_would_end_a_period_before_it_begins_is_refused(
    facts: dict[str, str | None],
) -> None:
    with pytest.raises(ValueError, match="would be before"):
        corrected(reading().data, facts)


def test_a_validity_that_ends_before_it_begins_is_not_taken_over() -> None:
    assert "valid_until" not in reading(effective_date="2028-01-01").data
