"""Alerts in words: what happened, to which policy by its title, in Chinese and in English."""

from typing import Any, get_args

import pytest

from streams.alert_words import KINDS, SENTENCES, about, sentence
from streams.alerts.record import Kind

PUSHED = {
    "agency_id": "sheet",
    "policy_id": "P-1",
    "revision": 1,
    "occurrence": "policy",
    "title": "扶持办法",
}
LATE = {"channel": "email", "step": "sent", "late": 3, "of": 10, "within_s": 3600.0}
REFUSED = {"channel": "sms", "reason": "returned: 554 spam"}
DOWN = {"reason": "the gateway takes no connection (ConnectError)"}


def alert(kind: str, subject: str, **details: Any) -> dict[str, Any]:
    return {"kind": kind, "subject": subject, "detail": "as it was kept", "details": details}


@pytest.mark.parametrize(
    ("shown", "chinese", "english"),
    [
        (
            alert("late", "c-1|email|sent", **PUSHED, **LATE),
            "《扶持办法》（sheet/P-1，政策）：电子邮件共 10 条，其中 3 条未在 1 小时内发出",
            "《扶持办法》 (sheet/P-1, policy): 3 of 10 messages by email were not sent within 1 h",
        ),
        (
            alert("late", "c-1|sms|delivered", **PUSHED | LATE | {"step": "delivered", "within_s": 5400}),
            "《扶持办法》（sheet/P-1，政策）：电子邮件共 10 条，其中 3 条未在 90 分钟内送达",
            "《扶持办法》 (sheet/P-1, policy): 3 of 10 messages by email were not delivered within 90 min",
        ),
        (
            alert("halted", "c-1", **PUSHED | {"occurrence": "reminder:3:2026-03-01"}, **REFUSED),
            "《扶持办法》（sheet/P-1，申报提醒）：内容被拒（短信），推送已停止：退信：554 spam",
            "《扶持办法》 (sheet/P-1, reminder:3:2026-03-01): the text is refused by sms: returned: 554 spam",
        ),
        (
            alert("digest", "sms", **REFUSED),
            "汇总消息内容被拒（短信）：退信：554 spam",
            "a digest is refused by sms: returned: 554 spam",
        ),
        (
            alert("far_side", "sms:kannel", **DOWN),
            "短信（sms:kannel）不可用：无法连接网关（ConnectError）",
            "sms:kannel is down: the gateway takes no connection (ConnectError)",
        ),
        (
            alert("account", "sms:aliyun", reason="isv.OUT_OF_SERVICE"),
            "短信（sms:aliyun）拒绝本系统的账户：isv.OUT_OF_SERVICE",
            "sms:aliyun refuses our account: isv.OUT_OF_SERVICE",
        ),
        (
            alert("dead_letters", "policy.events", topic="policy.events", letters=3),
            "policy.events 中有 3 条死信",
            "3 messages of policy.events are dead letters",
        ),
    ],
)
def test_an_alert_is_told_in_both_languages(shown: dict[str, Any], chinese: str, english: str) -> None:
    assert sentence(shown, chinese=True) == chinese
    assert sentence(shown, chinese=False) == english


def test_one_that_was_kept_without_a_title_names_its_policy_by_the_id() -> None:
    old = alert("late", "c-1|email|sent", **PUSHED | {"title": None}, **LATE)
    assert sentence(old, chinese=True).startswith("sheet/P-1（政策）：电子邮件共 10 条")
    assert about(old) == "P-1"
    del old["details"]["title"]
    assert sentence(old, chinese=False).startswith("sheet/P-1 (policy): 3 of 10")
    assert about(old) == "P-1"


@pytest.mark.parametrize(
    "old",
    [
        alert("far_side", "email"),
        alert("late", "c-1|email|sent", policy_id="P-1"),
        alert("halted", "c-1", **REFUSED),
        alert("a kind of a later release", "x", **REFUSED),
        {"kind": "account", "subject": "email", "detail": "as it was kept"},
    ],
)
def test_one_whose_values_are_not_all_kept_is_shown_as_it_was_kept(old: dict[str, Any]) -> None:
    assert sentence(old, chinese=True) == sentence(old, chinese=False) == "as it was kept"


def test_what_an_alert_is_about_is_a_title_a_far_side_or_a_topic() -> None:
    assert about(alert("halted", "c-1", **PUSHED, **REFUSED)) == "《扶持办法》"
    assert about(alert("far_side", "sms:kannel", **DOWN)) == "短信（sms:kannel）"
    assert about(alert("digest", "email", **REFUSED)) == "电子邮件（email）"
    assert about(alert("dead_letters", "policy.events", letters=3)) == "policy.events"


def test_a_title_or_a_reason_with_braces_is_no_pattern() -> None:
    odd = alert("halted", "c-1", **PUSHED | {"title": "{reason}"}, channel="sms", reason="{policy} {0}")
    assert (
        sentence(odd, chinese=True)
        == "《{reason}》（sheet/P-1，政策）：内容被拒（短信），推送已停止：{policy} {0}"
    )


def test_every_kind_of_alert_has_a_name_and_a_sentence() -> None:
    assert set(KINDS) == set(get_args(Kind)) == {name.partition("|")[0] for name in SENTENCES}
