"""Every message says what it is about, why it came and how to leave: all occasions, all channels, any content."""

import html
import json
import re
import string
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.message import NOTICES, Content, Entry, Evidence, Message, Occasion, Reason
from channels.webhook.payload import TYPES, payload
from channels.writing import samples
from channels.writing.office import shipped_names
from channels.writing.render import mail_pieces, mail_slots, sms_text, space_text
from channels.writing.rules import lacks

MEDIA = ("email.txt", "email.html", "sms", "space")
CASES = [
    (medium, occasion)
    for medium in MEDIA
    for occasion in Occasion
    if f"{medium.partition('.')[0]}/{occasion}.{medium.partition('.')[2] or 'txt'}.jinja" in shipped_names()
]
ORDINARY = (
    string.ascii_letters + string.digits + "《》“”〔〕·，、—（） 关于支持企业发展的若干措施政策<>&'\"{}%#【】"
)
WORDS = st.text(ORDINARY, min_size=1, max_size=80).filter(lambda text: len(text.strip()) > 0)
MAYBE = st.none() | WORDS
DAYS = st.none() | st.dates()
CONTENTS = st.builds(
    Content,
    content_id=st.uuids().map(str),
    occasion=st.just(Occasion.POLICY),
    agency_id=st.just("a"),
    policy_id=st.just("p"),
    revision=st.integers(1, 9),
    issuer=WORDS,
    title=WORDS,
    document_number=MAYBE,
    summary=st.just("") | WORDS,
    url=st.sampled_from(["https://policy.example.cn/policies/a/p", "", "javascript:alert(1)"]),
    apply_opens=DAYS,
    apply_closes=DAYS,
    apply_url=st.none() | st.just("https://apply.example.cn/?a=1&b=2"),
    effective_date=DAYS,
    valid_until=DAYS,
    contact=MAYBE,
    change_note=MAYBE,
    text=st.just("") | WORDS,
    note=st.just("") | WORDS,
    relayed_by=st.just("") | WORDS,
    days_left=st.none() | st.integers(1, 30),
)
EVIDENCE = st.builds(
    Evidence, dimension=st.just("theme"), code=st.just("T07"), name=WORDS, quote=st.just("") | WORDS
)
REASONS = st.one_of(
    st.builds(Reason, st.just("s-1"), WORDS, st.lists(EVIDENCE, max_size=3).map(tuple)),
    st.builds(Reason, st.none(), st.just(""), st.lists(EVIDENCE, max_size=3).map(tuple)),
    st.builds(Reason, st.sampled_from(["named", "former", "relayed"]), WORDS, st.just(()), st.just(True)),
)


def rendered(medium: str, message: Message) -> str:
    match medium:
        case "sms":
            return sms_text(message, "云山政策")
        case "space":
            return space_text(message)
    form = medium.partition(".")[2]
    text = mail_pieces(message.content, form).fill(mail_slots(message, form))
    return html.unescape(re.sub(r"<(?!a )[^>]*>", "", text)) if form == "html" else text


def as_shown(message: Message) -> Message:
    """The message as it is shown on one line: with each run of blanks as one."""

    def one(text: str) -> str:
        return re.sub(r"\s+", " ", text).strip()

    content = message.content
    entries = tuple(
        replace(e, content=replace(e.content, title=one(e.content.title))) for e in content.entries
    )
    reasons = tuple(
        replace(
            reason,
            subscription=one(reason.subscription),
            evidence=tuple(replace(e, quote=one(e.quote)) for e in reason.evidence),
        )
        for reason in message.reasons
    )
    return replace(
        message, content=replace(content, title=one(content.title), entries=entries), reasons=reasons
    )


def whole(occasion: Occasion, content: Content, reasons: tuple[Reason, ...], medium: str) -> Message:
    notice = occasion in NOTICES
    entries = (Entry(content, reasons), Entry(content, reasons)) if occasion is Occasion.DIGEST else ()
    if entries:
        reasons = tuple(replace(one, evidence=()) for one in reasons)
    return Message(
        delivery_id="d-1",
        subscriber_id="s-1",
        recipient="云山科技有限公司",
        address="a@example.cn",
        content=replace(content, occasion=occasion, entries=entries),
        reasons=() if notice else reasons,
        unsubscribe_url="" if notice else "https://policy.example.cn/unsubscribe/token",
        occurrence=str(occasion),
        at=samples.AT,
        secret=("123456" if medium == "sms" else "https://policy.example.cn/join/token") if notice else "",
    )


@pytest.mark.parametrize(("medium", "occasion"), CASES)
@settings(max_examples=20)
@given(content=CONTENTS, reasons=st.lists(REASONS, min_size=1, max_size=3).map(tuple))
def test_whatever_a_message_is_about_it_says_so_and_why_it_came_and_how_to_leave(
    medium: str, occasion: Occasion, content: Content, reasons: tuple[Reason, ...]
) -> None:
    message = whole(occasion, content, tuple(sorted(reasons, key=weight)), medium)
    text = rendered(medium, message)
    assert list(lacks(medium.partition(".")[0], as_shown(message), text)) == []


def weight(reason: Reason) -> int:
    """A text message has room for one reason: what one asked for, else what is stated, else the profile."""
    return 2 if reason.subscription_id is None else 1 if reason.stated else 0


def test_there_is_a_template_for_every_occasion_that_a_channel_can_have() -> None:
    assert {occasion for medium, occasion in CASES if medium == "sms"} == set(Occasion)
    assert {occasion for medium, occasion in CASES if medium == "email.html"} == set(Occasion)
    assert {occasion for medium, occasion in CASES if medium == "space"} == set(Occasion) - NOTICES - {
        Occasion.DIGEST
    }


def test_a_text_message_that_was_relayed_says_by_whom() -> None:
    stated = Reason("relayed", "由您所在的云山软件行业协会接力推送", (), stated=True)
    message = whole(Occasion.RELAY, samples.contents(Occasion.RELAY)[0], (stated,), "sms")
    assert "（由您所在的云山软件行业协会接力推送）" in rendered("sms", message)
    assert "登记信息" not in rendered("sms", message)


@pytest.mark.parametrize("occasion", sorted(Occasion))
def test_samples_are_sound_messages_of_their_occasion(occasion: Occasion) -> None:
    made = list(samples.messages(occasion))
    assert len({one.content.content_id for one in made}) == 2
    assert all(one.content.occasion is occasion for one in made)
    assert all(bool(one.reasons) is (occasion not in NOTICES) for one in made)


@pytest.mark.parametrize("occasion", sorted(TYPES))
@settings(max_examples=20)
@given(content=CONTENTS, reasons=st.lists(REASONS, min_size=1, max_size=3).map(tuple))
def test_a_webhook_says_so_in_fields_of_their_own(
    occasion: Occasion, content: Content, reasons: tuple[Reason, ...]
) -> None:
    message = whole(occasion, content, reasons, "webhook")
    data = json.loads(payload(message))["data"]
    assert [one["subscription"] for one in data["reasons"]] == [one.subscription for one in message.reasons]
    assert data["unsubscribe_url"] == message.unsubscribe_url
    assert content.title.split()[0] in data["headline"]
