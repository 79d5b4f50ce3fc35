"""What people read: changes, reasons and the shared content of a campaign."""

from dataclasses import replace
from datetime import date

import pytest

from channels.message import Evidence, Occasion
from config.taxonomies import load_taxonomy
from streams.campaigns.contents import (
    FORMER_WORDS,
    NAMED_WORDS,
    SUMMARY_CHARS,
    changes,
    content_of,
    reasons_in_words,
    summary,
)
from streams.campaigns.record import Campaign
from streams.labelling import Label
from streams.policies import PolicyView
from tests.support.flow import NOW

VIEW = PolicyView(
    agency_id="sheet",
    policy_id="P-1",
    revision=2,
    state="released",
    title="若干措施",
    issuer="示范市工信局",
    disclosure="open",
    targeted=False,
    data={
        "title": "若干措施",
        "doc_number": "示工信〔2026〕1号",
        "valid_until": "2027-12-31",
        "apply_window": {"opens": "2026-03-01", "closes": "2026-03-31"},
        "contact": "020-00000000",
    },
    body="正文",
    publisher="p",
    source="/s",
    event_id="e",
    received_at=NOW,
    labelled_at=NOW,
    decided_at=NOW,
    decided_by="r",
    reason="政策到期",
)


def changed(**data: object) -> PolicyView:
    return replace(VIEW, data=VIEW.data | data)


def campaign(occurrence: str = "policy") -> Campaign:
    return Campaign("c-1", "sheet", "P-1", 2, occurrence, "running", ())


def test_changes_say_what_was_and_what_is() -> None:
    after = changed(apply_window={"opens": "2026-03-01", "closes": "2026-04-30"}, title="若干新措施")
    assert changes(VIEW, after) == (
        "标题：若干措施 → 若干新措施；申报期：2026-03-01至2026-03-31 → 2026-03-01至2026-04-30"
    )


def test_what_was_added_or_taken_away_reads_as_none_before_or_after() -> None:
    assert (
        changes(VIEW, changed(apply_url="https://apply.example.cn/"))
        == "申报网址：无 → https://apply.example.cn/"
    )
    assert changes(VIEW, changed(contact=None)) == "联系方式：020-00000000 → 无"


def test_a_window_open_at_one_side_shows_an_ellipsis() -> None:
    assert (
        changes(changed(apply_window=None), changed(apply_window={"closes": "2026-04-30"}))
        == "申报期：无 → …至2026-04-30"
    )


def test_text_and_attachments_are_named_without_being_repeated() -> None:
    after = replace(changed(attachments=[{"title": "表", "url": "https://x.cn/"}]), body="新正文")
    assert changes(VIEW, after) == "附件有变动；正文有修改"


def test_a_revision_that_changes_nothing_says_so() -> None:
    assert changes(VIEW, VIEW) == "内容未变，重新发布"
    assert changes(VIEW, changed(audience_scope={"subscribers": ["S-1"]})) == "内容未变，重新发布"


def test_what_has_no_name_of_its_own_is_changed_all_the_same() -> None:
    assert changes(VIEW, changed(matter_codes=["SW-2"])) == "其他信息有修改"


def test_what_a_targeted_revision_said_is_not_repeated() -> None:
    after = changed(contact="020-11111111", attachments=[{"title": "表", "url": "https://x.cn/"}])
    assert changes(replace(VIEW, targeted=True), after) == "联系方式有变动；附件有变动"


def test_a_first_push_is_a_policy_a_second_an_amendment_and_an_end_a_repeal() -> None:
    first = content_of(campaign(), VIEW, None, "http://h")
    assert (first.occasion, first.change_note) == (Occasion.POLICY, None)
    second = content_of(campaign(), changed(title="新"), VIEW, "http://h")
    assert (second.occasion, second.change_note) == (Occasion.AMENDMENT, "标题：若干措施 → 新")
    end = content_of(campaign("repeal"), VIEW, VIEW, "http://h")
    assert (end.occasion, end.change_note) == (Occasion.REPEAL, None)


def test_content_carries_the_policy_s_facts() -> None:
    content = content_of(campaign(), VIEW, None, "http://h")
    assert (content.content_id, content.url) == ("c-1", "http://h/policies/sheet/P-1")
    assert (content.apply_opens, content.apply_closes) == (date(2026, 3, 1), date(2026, 3, 31))
    assert (content.valid_until, content.effective_date) == (date(2027, 12, 31), None)
    assert (content.document_number, content.contact, content.summary) == (
        "示工信〔2026〕1号",
        "020-00000000",
        "正文",
    )


@pytest.mark.parametrize("length", [1, SUMMARY_CHARS, SUMMARY_CHARS + 1, 10_000])
def test_a_summary_is_one_line_of_bounded_length(length: int) -> None:
    line = summary("字" * length)
    assert len(line) == min(length, SUMMARY_CHARS)
    assert line.endswith("…") == (length > SUMMARY_CHARS)
    assert summary(" 甲\n\n 乙\t丙 ") == "甲 乙 丙"


def test_reasons_are_named_and_proven() -> None:
    label = Label("industry", "I65", 3, 7, "软件企业", "body:软件企业", 1.0, "rule")
    said = reasons_in_words(
        [
            {"subscription": "s-1", "labels": ["industry:I65", "keyword:首版次:甲"]},
            {"subscription": None, "labels": ["size:small"]},
            {"subscription": "gone", "labels": []},
            {"subscription": "named", "labels": []},
            {"subscription": "former", "labels": []},
        ],
        {str(label): label},
        {"s-1": "软件扶持"},
        load_taxonomy(),
    )
    own, profile, ended, named, former = said
    assert own.subscription == "软件扶持"
    assert own.evidence == (
        Evidence("industry", "I65", "软件和信息技术服务业", "软件企业"),
        Evidence("keyword", "首版次:甲", "首版次:甲", "首版次:甲"),
    )
    assert (profile.subscription_id, profile.subscription, profile.evidence[0].quote) == (None, "", "")
    assert (ended.subscription, ended.stated) == ("订阅", False)
    assert (named.subscription, named.stated) == (NAMED_WORDS, True)
    assert (former.subscription, former.stated) == (FORMER_WORDS, True)
