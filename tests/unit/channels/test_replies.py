import pytest

from channels.email.replies import Phase, classify
from channels.errors import ContentError, PermanentError, TemporaryError, ThrottledError, UnreachableError


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
