import email
import email.policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email.headers import deliverable, encoded, split_sender
from channels.email.mime import mail as mail_to
from channels.message import Message, Occasion
from channels.writing.render import mail_pieces, mail_slots, one_line
from tests.servers.messages import content, message
from tests.support.mails import message_for

SENDER = "政达政策推送 <push@policy.example.gov.cn>"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80)


def raw(whole: Message, sender: str = SENDER) -> bytes:
    return mail_to(whole, whole.address, sender)


def parsed(mail: bytes) -> EmailMessage:
    found = email.message_from_bytes(mail, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def defects(mail: EmailMessage) -> list[object]:
    found: list[object] = []
    for part in mail.walk():
        found += part.defects
        for value in part.values():
            found += value.defects
    return found


def leaves(mail: EmailMessage) -> list[str]:
    return [part.get_content_type() for part in mail.walk() if not part.is_multipart()]


def body(mail: EmailMessage, form: str) -> str:
    part = mail.get_body((form,))
    assert part is not None
    shown: str = part.get_content()
    return shown


@pytest.mark.parametrize("occasion", list(Occasion))
def test_the_standard_parser_reads_back_what_was_sent(occasion: Occasion) -> None:
    whole = message_for(occasion)
    mail = parsed(raw(whole))
    assert defects(mail) == []
    assert whole.content.title in mail["subject"]
    assert mail["to"].addresses[0].display_name == whole.recipient
    assert mail["to"].addresses[0].addr_spec == "user1@example.cn"
    assert mail["from"].addresses[0].display_name == "政达政策推送"
    assert leaves(mail)[:2] == ["text/plain", "text/html"]
    for form, name in (("txt", "plain"), ("html", "html")):
        shown = mail_pieces(whole.content, form).fill(mail_slots(whole, form))
        assert body(mail, name).replace("\r\n", "\n").strip() == shown.strip()


def test_a_mail_can_be_recognised_left_with_one_click_and_is_marked_as_automatic() -> None:
    mail = parsed(raw(message()))
    assert mail["message-id"] == "<00000000-0000-0000-0000-000000000001@policy.example.gov.cn>"
    assert mail["list-unsubscribe"] == "<https://push.example.cn/unsubscribe/secret-token-1>"
    assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert mail["list-id"].endswith("<policies.policy.example.gov.cn>")
    assert mail["auto-submitted"] == "auto-generated"
    assert mail["date"].datetime == message().at


def test_lines_end_with_crlf_and_keep_to_76_characters() -> None:
    mail = raw(message(content=content(text="长" * 5000, occasion=Occasion.INTERPRETATION)))
    lines = mail.split(b"\r\n")
    assert max(map(len, lines)) <= 76
    assert all(b"\n" not in line and b"\r" not in line for line in lines)
    assert not any(line.startswith(b".") for line in lines)
    assert mail.endswith(b"\r\n")


@given(title=TEXT, name=TEXT, subscriber_text=TEXT)
@settings(max_examples=150, deadline=None)
def test_nothing_in_a_title_or_a_name_makes_a_header(title: str, name: str, subscriber_text: str) -> None:
    evil = f"{title}\r\nBcc: x@example.cn\n\n{name}"
    whole = message(
        recipient=f"{name}\r\nX-Evil: 1",
        content=content(title=evil, summary=subscriber_text, issuer=subscriber_text),
    )
    mail = parsed(raw(whole))
    assert [key.lower() for key in mail] == [key.lower() for key in parsed(raw(message()))]
    assert len(mail["to"].addresses) == 1
    assert mail["to"].addresses[0].addr_spec == "user1@example.cn"
    assert leaves(mail) == ["text/plain", "text/html", "text/calendar"]
    assert max(map(len, raw(whole).split(b"\r\n"))) <= 998


@given(text=TEXT, used=st.integers(0, 30))
@settings(max_examples=200, deadline=None)
def test_an_encoded_header_is_read_back_whole_and_folded_at_76(text: str, used: int) -> None:
    value = encoded(text, used)
    lines = value.split("\r\n ")
    assert used + len(lines[0]) <= 76
    assert all(len(line) <= 75 for line in lines[1:])
    words = [email.header.decode_header(line)[0] for line in lines]
    shown = "".join(word.decode("utf-8") if isinstance(word, bytes) else word for word, _ in words)
    assert shown == one_line(text)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "@example.cn",
        "a b@example.cn",
        "a@b\r\nBcc: c@d.cn",
        "a@b>",
        "a,b@c.cn",
        "安娜@example.cn",
        "a@b..cn",
    ],
)
def test_what_cannot_be_an_address_is_not_sent_to(address: str) -> None:
    assert deliverable(address) is None


def test_a_chinese_domain_goes_over_the_wire_in_ascii() -> None:
    assert deliverable("anna@例子.中国") == "anna@xn--fsqu00a.xn--fiqs8s"


def test_a_sender_without_an_address_is_refused_with_an_example() -> None:
    with pytest.raises(ValueError, match="政达政策推送 <zhengda@"):
        split_sender("政达政策推送")


def test_a_link_that_would_break_its_header_is_refused() -> None:
    with pytest.raises(ValueError, match="unsubscribe link"):
        raw(message(unsubscribe_url="https://push.example.cn/x>\r\nBcc: y@example.cn"))


def test_a_notice_is_no_mailing_list_and_needs_no_way_to_leave() -> None:
    whole = message(
        content=content(occasion=Occasion.CONFIRM), secret="https://push.example.cn/c/1", unsubscribe_url=""
    )
    mail = parsed(raw(whole))
    assert defects(mail) == []
    assert [mail[name] for name in ("list-unsubscribe", "list-unsubscribe-post", "list-id")] == [None] * 3
    assert mail["auto-submitted"] == "auto-generated"
    assert "https://push.example.cn/c/1" in body(mail, "plain")
