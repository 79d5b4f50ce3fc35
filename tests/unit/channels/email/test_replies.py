from pathlib import Path

import pytest

from channels.email.bounces import load_rules
from channels.email.replies import Phase, classify
from channels.errors import (
    ContentError,
    DoubtfulError,
    PermanentError,
    TemporaryError,
    ThrottledError,
    UnreachableError,
)


@pytest.mark.parametrize(
    "text",
    [
        "5.1.1 <anna@example.cn>: Recipient address rejected: User unknown",
        "5.1.2 Bad destination system",
        "5.1.3 Bad address syntax",
        "5.1.10 Recipient has a null MX",
        "User not found: anna@example.cn",
        "收件人邮件地址不存在，用户不存在",
    ],
)
def test_an_address_that_is_gone_is_dead(text: str) -> None:
    outcome = classify(Phase.RECIPIENT, 550, text)
    assert isinstance(outcome, PermanentError)
    assert outcome.dead


@pytest.mark.parametrize(
    "text", ["5.2.2 mailbox full", "5.2.1 disabled, user does not exist any more", "no", "5.4.4 x"]
)
def test_a_full_or_unclear_mailbox_is_not_dead(text: str) -> None:
    outcome = classify(Phase.RECIPIENT, 550, text)
    assert isinstance(outcome, PermanentError)
    assert not outcome.dead


@pytest.mark.parametrize("phase", [Phase.RECIPIENT, Phase.DATA])
@pytest.mark.parametrize(
    ("code", "text"),
    [(421, "4.3.2 closing"), (450, "4.2.1 greylisted"), (451, "later"), (452, "4.2.2 over quota")],
)
def test_four_hundreds_are_tried_again(phase: Phase, code: int, text: str) -> None:
    outcome = classify(phase, code, text)
    assert isinstance(outcome, TemporaryError)
    assert not isinstance(outcome, ThrottledError)


@pytest.mark.parametrize(("code", "text"), [(450, "MI:DMC 163 smtp1"), (421, "HL:ICC"), (421, "HL:IFC 126")])
def test_a_provider_that_is_busy_with_us_costs_no_attempt(code: int, text: str) -> None:
    outcome = classify(Phase.DATA, code, text)
    assert isinstance(outcome, ThrottledError)
    assert outcome.retry_after_s >= 60


@pytest.mark.parametrize(
    ("code", "text"),
    [(554, "DT:SPM 163 smtp5"), (451, "DT:SPM try"), (550, "5.7.1 policy"), (554, "5.7.26 unauthenticated")],
)
def test_refused_content_stops_the_campaign_and_suppresses_nobody(code: int, text: str) -> None:
    assert isinstance(classify(Phase.DATA, code, text), ContentError)


def test_a_refused_sender_is_never_the_recipients_fault() -> None:
    assert isinstance(classify(Phase.SENDER, 550, "5.1.1 user unknown"), ContentError)


@pytest.mark.parametrize("text", ["5.7.8 authentication failed", "5.7.1 blocked", "no SMTP service here"])
def test_a_closed_door_is_temporary_for_every_message(text: str) -> None:
    assert type(classify(Phase.CONNECT, 554, text)) is UnreachableError


def test_the_reason_names_no_address_and_stays_short() -> None:
    outcome = classify(Phase.RECIPIENT, 550, "5.1.1 <anna@example.cn> " + "x" * 900)
    assert "anna" not in outcome.reason
    assert "a***@e***.cn" in outcome.reason
    assert len(outcome.reason) <= 300


def test_a_number_that_only_looks_like_a_status_is_not_one() -> None:
    outcome = classify(Phase.RECIPIENT, 550, "rejected by 10.5.7.1")
    assert isinstance(outcome, PermanentError)


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("MI:NOU 163 smtp user unknown", True),
        ("mailbox not found http://service.mail.qq.com/cgi-bin/help?subtype=1", True),
        ("User not found: anna@example.cn", True),
        ("Mailbox unavailable or access denied", False),
        ("5.4.1 no answer from host", False),
    ],
)
def test_providers_words_for_an_address_that_is_gone(text: str, dead: bool) -> None:
    outcome = classify(Phase.RECIPIENT, 550, text, domain="163.com")
    assert isinstance(outcome, PermanentError)
    assert outcome.dead is dead


@pytest.mark.parametrize(
    "text",
    [
        "5.2.2 mailbox full",
        "5.2.1 account disabled",
        "552 Requested mail action aborted: over quota",
        "账号被停用",
    ],
)
def test_a_full_or_closed_mailbox_is_doubtful(text: str) -> None:
    assert isinstance(classify(Phase.RECIPIENT, 550, text), DoubtfulError)


@pytest.mark.parametrize(
    "text",
    [
        "Mail content denied. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022",
        "5.7.1 Message rejected by Aliyun: spam",
        "DT:SUM 126 mx1",
        "该邮件被识别为垃圾邮件",
    ],
)
def test_a_text_that_a_provider_refuses_stops_the_campaign(text: str) -> None:
    assert isinstance(classify(Phase.DATA, 550, text), ContentError)


@pytest.mark.parametrize(
    "text",
    [
        "5.1.1 <spam@example.cn>: user unknown",
        "user unknown, see https://antispam.example.com/spam?why=1",
        "user unknown (mx.spamfilter.example.com)",
    ],
)
def test_the_name_of_a_host_or_an_address_is_no_reason(text: str) -> None:
    outcome = classify(Phase.RECIPIENT, 550, text)
    assert isinstance(outcome, PermanentError)
    assert outcome.dead


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (450, "MI:CEL 163 smtp"),
        (421, "RP:DRC 192.0.2.7"),
        (550, "Connection frequency limited http://service.mail.qq.com"),
        (550, "Ip frequency limited"),
        (554, "5.7.1 too many messages, sending too fast"),
        (421, "4.7.28 Our system has detected an unusual rate"),
        (451, "发信频率超过限制"),
    ],
)
def test_who_asks_us_to_slow_down_is_heard_and_no_attempt_is_counted(code: int, text: str) -> None:
    outcome = classify(Phase.RECIPIENT, code, text)
    assert isinstance(outcome, ThrottledError)
    assert outcome.retry_after_s >= 60


def test_a_greylisting_server_is_tried_again_by_the_table() -> None:
    for code in (450, 550):
        assert type(classify(Phase.RECIPIENT, code, "4.2.1 Greylisted, try again later")) is TemporaryError


def test_an_offices_own_rule_comes_first(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        'version = "1"\n[[rule]]\nid = "left"\nword = "gone"\nreply = ["已离职"]\n', encoding="utf-8"
    )
    outcome = classify(Phase.RECIPIENT, 550, "该员工已离职", rules=load_rules(own))
    assert isinstance(outcome, PermanentError)
    assert outcome.dead
    assert not isinstance(classify(Phase.RECIPIENT, 550, "该员工已离职"), ContentError)
