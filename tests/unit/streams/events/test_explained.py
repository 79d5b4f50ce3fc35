"""Interpretations and FAQs as events carry them."""

from hashlib import sha256
from typing import Any

import pytest

from streams.events import EventError, parse_event
from streams.events.explanation_data import Item, in_words, item_named, item_of, occurrence_of
from tests.support.flow import cloud_event

QUESTIONS = [{"question": "谁可申报？", "answer": "软件企业。"}]


def interpretation(**changes: Any) -> Item:
    given = {"title": "一图读懂", "body": "正文"} | changes
    event = parse_event(
        cloud_event("interpretation.published", {"policy_id": "P-1", "interpretation": given})
    )
    return item_of(event.data)  # type: ignore[arg-type]


def faq(**changes: Any) -> Item:
    given = {"title": "常见问题", "items": QUESTIONS} | changes
    event = parse_event(cloud_event("faq.published", {"policy_id": "P-1", "faq": given}))
    return item_of(event.data)  # type: ignore[arg-type]


def wrong(kind: str, **data: Any) -> str:
    with pytest.raises(EventError) as caught:
        parse_event(cloud_event(kind, {"policy_id": "P-1"} | data))
    return str(caught.value)


def test_an_item_keeps_the_id_it_was_given() -> None:
    assert interpretation(interpretation_id="I:1").item_id == "I:1"
    assert faq(faq_id="F-1").data["faq_id"] == "F-1"


def test_without_an_id_the_same_content_is_the_same_item_and_other_content_another() -> None:
    assert interpretation().item_id == interpretation().item_id
    assert interpretation().item_id != interpretation(form="chart").item_id
    assert interpretation().data["interpretation_id"] == interpretation().item_id


@pytest.mark.parametrize("item_id", ["a", "a" * 80, "a:b:1"])
def test_an_occurrence_names_an_item_and_fits_its_column(item_id: str) -> None:
    name = occurrence_of("interpretation", item_id, 1_000_000)
    assert len(name) <= 128
    assert item_named(name) == ("interpretation", item_id, 1_000_000)


def test_an_id_of_more_than_80_characters_is_refused() -> None:
    said = wrong("interpretation.published", interpretation={"title": "t", "interpretation_id": "a" * 81})
    assert "interpretation_id has at most 80 characters" in said
    assert wrong("faq.published", faq={"title": "t", "faq_id": "a" * 81, "items": QUESTIONS}).startswith(
        "faq.faq_id: "
    )


@pytest.mark.parametrize(
    "items", [[], QUESTIONS * 51, [{"question": " ", "answer": "a"}], [{"question": "q"}]]
)
def test_a_faq_has_1_to_50_questions_each_with_its_answer(items: list[dict[str, str]]) -> None:
    assert wrong("faq.published", faq={"title": "t", "items": items}).startswith("faq.items")
    assert len(faq(items=QUESTIONS * 50).data["items"]) == 50


def test_a_decision_names_the_item_and_its_revision() -> None:
    assert wrong("faq.released", id="F-1") == "revision: missing"
    assert wrong("interpretation.refused", revision=1) == "id: missing"


def test_a_release_may_name_what_was_reviewed_with_it() -> None:
    named = {"policy_id": "P-1", "revision": 1, "explanations": ["faq:F-1:2"]}
    event = parse_event(cloud_event("policy.released", named))
    assert event.data.explanations == ["faq:F-1:2"]  # type: ignore[union-attr]
    assert "explanations.0" in wrong("policy.released", revision=1, explanations=["poem:F-1:2"])


def test_a_release_taken_before_it_could_name_anything_is_still_the_same_event() -> None:
    event = parse_event(cloud_event("policy.released", {"policy_id": "P-1", "revision": 1}))
    said = b'policy.released\n{"policy_id":"P-1","revision":1,"reason":null}'
    assert event.digest == sha256(said).hexdigest()
    named = {"policy_id": "P-1", "revision": 1, "explanations": []}
    assert parse_event(cloud_event("policy.released", named)).digest != event.digest


def test_questions_are_told_as_plain_lines() -> None:
    assert in_words(faq().data) == "常见问题\n\n问：谁可申报？\n答：软件企业。"


def test_an_interpretation_is_told_with_where_there_is_more_of_it() -> None:
    told = in_words(interpretation(form="video", source_url="https://example.gov.cn/v").data)
    assert told == "一图读懂\n\n正文\n\n视频解读：https://example.gov.cn/v"
