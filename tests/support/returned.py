"""Messages that come back, as mail servers and providers write them; every word of them is made up here."""

from base64 import b64encode, encodebytes
from collections.abc import Sequence

DELIVERY = "6f1c2c1e-0000-5000-8000-00000000000a"
RECIPIENT = "chenxiaoming@firm.example.cn"
HEAD = "Received: from mx.example.cn\nTo: b-x@bounce.example.gov.cn\nMIME-Version: 1.0\n"


def word(text: str, charset: str = "utf-8") -> str:
    """A header's value as an encoded word."""
    return f"=?{charset}?B?{b64encode(text.encode(charset)).decode()}?="


def status_part(
    status: str,
    diagnostic: str,
    action: str = "failed",
    recipient: str = RECIPIENT,
    reporting: str = "mx.example.cn",
) -> str:
    """The part of a delivery status for machines."""
    return (
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; {reporting}\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; {diagnostic}\n"
    )


def dsn(
    status: str,
    diagnostic: str,
    *,
    action: str = "failed",
    text: str = "Your message could not be delivered.",
    charset: str = "utf-8",
    delivery: str | None = DELIVERY,
    reporting: str = "mx.example.cn",
) -> bytes:
    """A delivery status notification (RFC 3464)."""
    parts = [
        f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: base64\n\n"
        + encodebytes(text.encode(charset)).decode(),
        status_part(status, diagnostic, action, reporting=reporting),
    ]
    if delivery is not None:
        head = f"From: zhengda@example.gov.cn\nTo: <{RECIPIENT}>\nMessage-ID: <{delivery}@example.gov.cn>\n"
        parts.append(f"Content-Type: message/rfc822\n\n{head}Subject: x\n\n用户不存在 spam 550 5.1.1\n")
    return multipart("report; report-type=delivery-status", parts, auto="auto-replied")


def multipart(kind: str, parts: Sequence[str], *, auto: str = "", subject: str = "Undelivered Mail") -> bytes:
    """A message of several parts."""
    head = f"From: MAILER-DAEMON@mx.example.cn\n{HEAD}Subject: {subject}\n"
    head += f"Auto-Submitted: {auto}\n" if auto else ""
    body = "".join(f"--=_b\n{part}\n" for part in parts)
    return f'{head}Content-Type: multipart/{kind}; boundary="=_b"\n\nThis is MIME.\n{body}--=_b--\n'.encode()


def notice(
    subject: str,
    text: str,
    *,
    sender: str = "PostMaster@qq.com",
    kind: str = "text/plain",
    charset: str = "gb18030",
    named: str | None = None,
    more: str = "",
) -> bytes:
    """A notice without a delivery status, in a charset that it may call by another name."""
    return (
        f"From: {sender}\n{HEAD}{more}Subject: {word(subject, charset)}\n"
        f'Content-Type: {kind}; charset="{named or charset}"\nContent-Transfer-Encoding: base64\n\n'
        + encodebytes(text.encode(charset)).decode()
    ).encode()


def complaint(kind: str = "abuse", path: str = "", delivery: str | None = DELIVERY) -> bytes:
    """A feedback report (RFC 5965)."""
    told = f"Original-Mail-From: <{path}>\n" if path else ""
    head = f"To: {RECIPIENT}\nMessage-ID: <{delivery}@example.gov.cn>\n" if delivery else f"To: {RECIPIENT}\n"
    return multipart(
        "report; report-type=feedback-report",
        [
            "Content-Type: text/plain\n\nThis is an e-mail abuse report.\n",
            f"Content-Type: message/feedback-report\n\nFeedback-Type: {kind}\nUser-Agent: Some/1.0\nVersion: 1\n{told}",
            f"Content-Type: message/rfc822\n\n{head}Subject: x\n\nx\n",
        ],
        subject="FW: x",
    )
