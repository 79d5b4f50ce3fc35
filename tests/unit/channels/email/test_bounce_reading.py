"""What came back, read: as mail servers write it, as Chinese providers write it, and what is no bounce at all."""

import pytest

from channels.email.bounces import Bounce, load_rules, read_bounce
from tests.support.returned import DELIVERY, RECIPIENT, complaint, dsn, multipart, notice, status_part

RULES = load_rules()


def read(raw: bytes) -> Bounce:
    return read_bounce(raw, RULES)


@pytest.mark.parametrize(
    ("status", "diagnostic", "word"),
    [
        ("5.1.1", "550 5.1.1 no such user here", "gone"),
        ("5.1.2", "unable to look up host", "gone"),
        ("5.1.3", "501 5.1.3 bad address syntax", "gone"),
        ("5.1.10", "556 5.1.10 null MX", "gone"),
        ("5.0.0", "550 User not found: chenxiaoming", "gone"),
        ("5.0.0", "550 5.1.1 whoever", "gone"),
        ("5.7.1", "550 5.7.1 user unknown", "gone"),
        ("5.2.2", "552 5.2.2 no more", "full"),
        ("4.2.2", "452 4.2.2 the mailbox is full", "full"),
        ("5.0.0", "552 Quota exceeded", "full"),
        ("5.2.1", "550 5.2.1 mailbox disabled", "ambiguous"),
        ("5.0.0", "550 User suspended", "ambiguous"),
        ("5.7.1", "554 5.7.1 <x@y>: Recipient address rejected: Access denied", "ambiguous"),
        ("5.7.1", "554 5.7.1 <x@y>: Relay access denied", "ambiguous"),
        ("5.4.4", "Host or domain name not found. Name service error: Host not found", "ambiguous"),
        ("4.4.3", "Name service error: Host not found, try again", "expired"),
        ("5.7.1", "550 5.7.1 refused", "content"),
        ("5.7.26", "550 5.7.26 unauthenticated", "content"),
        ("5.0.0", "554 DT:SPM 163 smtp8,Zc", "content"),
        ("5.1.1", "550 5.1.1 spam detected", "content"),
        ("5.0.0", "550 Mail content denied", "content"),
        ("5.3.4", "552 5.3.4 message size exceeds fixed limit", "undelivered"),
        ("5.4.6", "routing loop", "undelivered"),
        ("5.0.0", "550 no", "undelivered"),
        ("4.4.1", "connect to mx: Connection timed out", "expired"),
        ("4.2.1", "450 4.2.1 receiving mail too quickly", "expired"),
        ("4.7.1", "450 4.7.1 greylisted", "expired"),
        ("5.0.0", "451 MI:SFQ", "expired"),
    ],
)
def test_a_delivery_status_is_put_into_a_word(status: str, diagnostic: str, word: str) -> None:
    assert read(dsn(status, diagnostic)).word == word


def test_a_delayed_message_is_not_lost_yet() -> None:
    found = read(dsn("4.2.2", "452 4.2.2 the mailbox is full", action="delayed"))
    assert (found.word, found.status) == ("temporary", "4.2.2")


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_notice_of_success_is_no_bounce(action: str) -> None:
    assert read(dsn("2.0.0", "250 ok", action=action)).word == "other"


def test_what_failed_counts_before_what_arrived() -> None:
    raw = multipart(
        "report; report-type=delivery-status",
        [
            status_part("2.0.0", "250 ok", "delivered")
            + "\nFinal-Recipient: rfc822; a@b.cn\nAction: failed\nStatus: 5.1.1\n"
        ],
    )
    assert (read(raw).word, read(raw).status) == ("gone", "5.1.1")


def test_the_delivery_is_known_by_the_message_that_was_returned() -> None:
    assert read(dsn("5.1.1", "no")).message_id == DELIVERY
    assert read(dsn("5.1.1", "no", delivery=None)).message_id is None


def test_a_vague_status_is_made_clear_by_the_text_for_people() -> None:
    found = read(dsn("5.0.0", "rejected", text="<a@b.cn>: host mx said: 550 5.2.2 over quota"))
    assert (found.word, found.status) == ("full", "5.2.2")
    assert read(dsn("5.0.0", "rejected", text="抱歉，收件人不存在", charset="gb18030")).word == "gone"


def test_what_we_wrote_ourselves_decides_nothing() -> None:
    assert read(dsn("5.0.0", "rejected", text="rejected")).word == "undelivered"
    quoted = "Hi. This is a mail program.\nI gave up.\n--- Below this line is a copy of the message.\n\n用户不存在 spam"
    assert (
        read(notice("failure notice", quoted, sender="MAILER-DAEMON@a.cn", charset="utf-8")).word
        == "undelivered"
    )


PAGE = (
    "<p>抱歉，您的邮件被退回来了。</p><table><tr><td>无法发送到</td><td>{address}</td></tr>"
    "<tr><td>退信原因</td><td>{why}</td></tr></table>"
)


@pytest.mark.parametrize(
    ("sender", "subject", "why", "word"),
    [
        ("PostMaster@qq.com", "系统退信/Systembounce", "收件人邮件地址不存在，邮件无法送达。", "gone"),
        ("PostMaster@qq.com", "系统退信/Systembounce", "host mx3.qq.com said 550 Mailbox not found", "gone"),
        ("PostMaster@qq.com", "系统退信/Systembounce", "该用户未开通QQ邮箱", "gone"),
        ("PostMaster@qq.com", "系统退信/Systembounce", "收件人空间不足", "full"),
        ("10000@qq.com", "来自exmail的退信", "550 Mail content denied", "content"),
        ("postmaster@163.com", "系统退信", "SMTP error, DOT: 554 DT:SPM 163 smtp14", "content"),
        (
            "postmaster@126.com",
            "系统退信",
            "发送的邮件内容包含了未被许可的信息，或违反了反垃圾服务商规范",
            "content",
        ),
        ("postmaster@yeah.net", "系统退信", "550 User suspended", "ambiguous"),
        ("postmaster@163.com", "系统退信", "450 MI:DMC 当前连接发送的邮件数量超出限制", "expired"),
        ("postmaster@aliyun.com", "邮件退回通知", "559 Invalid rcptto", "gone"),
        ("postmaster@alibaba-inc.com", "邮件退回通知", "spamed by local spam engine", "content"),
        ("MAILER-DAEMON@263.net", "退信通知", "550 user not exist (in reply to RCPT TO command)", "gone"),
        (
            "MAILER-DAEMON@263.net",
            "退信通知",
            "mail size limit exceeded (in reply to end of DATA command)",
            "full",
        ),
        ("MAILER-DAEMON@sina.com", "系统退信", "550 mailbox unavailable", "gone"),
        ("MAILER-DAEMON@sina.com", "系统退信", "550 user is locked", "ambiguous"),
        ("postmaster@mail.gov.example.cn", "邮件投递失败", "该邮箱仅接收内部邮件", "ambiguous"),
        ("postmaster@mail.gov.example.cn", "邮件投递失败", "账号已注销", "gone"),
        ("postmaster@mail.gov.example.cn", "邮件投递失败", "邮件被判定为垃圾邮件，已拒收", "content"),
    ],
)
@pytest.mark.parametrize("kind", ["text/html", "text/plain"])
def test_a_notice_of_a_chinese_provider_is_put_into_a_word(
    sender: str, subject: str, why: str, word: str, kind: str
) -> None:
    page = PAGE.format(address=RECIPIENT, why=why)
    text = (
        page if kind == "text/html" else f"抱歉，您的邮件被退回来了。\n收件人：{RECIPIENT}\n退信原因：{why}\n"
    )
    assert read(notice(subject, text, sender=sender, kind=kind)).word == word


def test_sinas_words_mean_something_else_elsewhere() -> None:
    assert read(dsn("5.0.0", "550 mailbox unavailable", reporting="mx.sina.com.cn")).word == "gone"
    assert read(dsn("5.0.0", "550 mailbox unavailable")).word == "undelivered"


@pytest.mark.parametrize(
    ("charset", "named"),
    [
        ("gb18030", "gb2312"),
        ("gb18030", "gbk"),
        ("gb18030", "us-ascii"),
        ("utf-8", "nonsense"),
        ("big5", "big5"),
    ],
)
def test_chinese_is_read_whatever_the_charset_is_called(charset: str, named: str) -> None:
    text = "退信原因：用户不存在" if charset != "big5" else "無此用戶 User not found"
    assert read(notice("退信", text, charset=charset, named=named)).word == "gone"


def test_characters_beyond_gb2312_do_not_spoil_the_rest() -> None:
    assert read(notice("系统退信", "镕㐀先生：退信原因：用户不存在", named="gb2312")).word == "gone"


def test_a_notice_of_delay_changes_nothing() -> None:
    assert read(notice("邮件投递延迟通知", "450 4.2.1 try again later")).word == "temporary"


@pytest.mark.parametrize(
    "text",
    [
        "This is a warning only. Your message will be retried for 2 days.",
        "邮件暂时未能投递，系统将继续尝试。550 5.1.1 no",
    ],
)
def test_a_notice_whose_text_says_that_they_go_on_trying_changes_nothing(text: str) -> None:
    found = read(notice("Delivery Status Notification", text, sender="MAILER-DAEMON@mx.cn", charset="utf-8"))
    assert (found.word, found.rule) == ("temporary", "notice.delayed")


@pytest.mark.parametrize(
    ("line", "word", "status"),
    [
        ("Sorry, no mailbox here by that name. (#5.1.1)", "gone", "5.1.1"),
        ("Sorry, the mail quota of this man is used up. (#5.2.2)", "full", "5.2.2"),
        ("I was not able to connect. (#4.4.1)", "expired", "4.4.1"),
    ],
)
def test_a_status_at_the_end_of_its_words_is_seen(line: str, word: str, status: str) -> None:
    text = f"Hi. I wasn't able to deliver.\n<a@b.cn>:\n{line}\n--- Below this line is a copy.\n550 5.7.1 spam"
    found = read(notice("failure notice", text, sender="MAILER-DAEMON@mx.cn", charset="utf-8"))
    assert (found.word, found.status) == (word, status)
    assert line.lower() in found.detail


def test_what_is_kept_of_a_long_text_is_what_decided() -> None:
    found = read(notice("系统退信", "您好。" * 200 + "退信原因：用户不存在，请核对。", charset="utf-8"))
    assert found.word == "gone"
    assert "用户不存在" in found.detail


def test_a_mail_server_that_says_nothing_has_not_delivered() -> None:
    found = read(notice("Hello", "sorry", sender="MAILER-DAEMON@mx.cn", charset="utf-8"))
    assert found.word == "undelivered"


def test_a_notice_that_says_no_reason_ends_the_push_and_blames_nobody() -> None:
    assert read(notice("系统退信", "抱歉")).word == "undelivered"


@pytest.mark.parametrize(
    "raw",
    [
        notice("自动回复：已收到", "我在休假，550 User not found", sender="chen@firm.example.cn"),
        notice("re", "您好", sender="chen@firm.example.cn", more="Auto-Submitted: auto-replied\n"),
        notice("re", "您好", sender="chen@firm.example.cn", more="X-Autoreply: yes\n"),
        notice("re", "您好", sender="chen@firm.example.cn", more="Precedence: auto_reply\n"),
        notice("Out of Office", "back on Monday", sender="postmaster@firm.example.cn"),
        multipart("report; report-type=disposition-notification", ["Content-Type: text/plain\n\nread\n"]),
    ],
)
def test_the_answer_of_a_machine_is_no_bounce(raw: bytes) -> None:
    assert read(raw).word == "auto_reply"


def test_a_letter_of_a_person_is_no_bounce() -> None:
    assert read(notice("请教", "请问邮箱不存在怎么办", sender="chen@firm.example.cn")).word == "other"


@pytest.mark.parametrize(
    ("kind", "word"), [("abuse", "complained"), ("opt-out", "complained"), ("not-spam", "other")]
)
def test_a_feedback_report_is_a_complaint(kind: str, word: str) -> None:
    found = read(complaint(kind, path="b-y@bounce.example.gov.cn"))
    assert (found.word, found.message_id, found.return_path) == (word, DELIVERY, "b-y@bounce.example.gov.cn")


def test_no_address_and_no_user_is_in_what_is_kept() -> None:
    said = f"550 5.1.1 <{RECIPIENT}>: chenxiaoming is unknown to 13812345678"
    found = read(dsn("5.1.1", said))
    assert found.detail.startswith("550 5.1.1")
    assert not any(secret in repr(found) for secret in ("chenxiaoming", "firm", "13812345678"))


@pytest.mark.parametrize(
    "raw", [b"", b"\n", b"x", b"Content-Type: multipart/report; boundary=a\n\n--a\n", b"\xff" * 99]
)
def test_what_is_no_message_is_no_bounce(raw: bytes) -> None:
    assert read(raw).word == "other"
