"""A mail's bytes: a skeleton per content, built once, and the few parts that differ per recipient.

The standard library's ``EmailMessage`` parses every header it is given, which costs milliseconds per message; the
skeleton is assembled by hand and tests read it back with the standard library's parser.
"""

import re
from binascii import b2a_base64
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

from channels.email.headers import encoded, mailbox, split_sender
from channels.message import NOTICES, Content, Message
from channels.render import Pieces, headline, mail_pieces, mail_slots

# "=_" cannot occur in base64, so no part can contain the boundary.
BOUNDARY = "=_zhengda"
RAW_LINE = 57  # bytes that become one base64 line
LINE = RAW_LINE // 3 * 4
UNSUBSCRIBE = re.compile(r"https?://[!-;=?-~]{1,900}")


class Part:
    """One body part in base64, its first constant lines encoded in advance."""

    def __init__(self, form: str, pieces: Pieces) -> None:
        self.head = (
            f'Content-Type: text/{form}; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        ).encode("ascii")
        constant = _wire(pieces.parts[0])
        aligned = len(constant) // RAW_LINE * RAW_LINE
        self.head += _base64(constant[:aligned])
        self.rest = constant[aligned:]
        self.tail = Pieces(("", *pieces.parts[1:]))

    def fill(self, slots: dict[str, str]) -> bytes:
        """Return the part for one recipient."""
        return self.head + _base64(self.rest + _wire(self.tail.fill(slots)))


class Skeleton:
    """Everything of a mail that is the same for all recipients of one content."""

    def __init__(self, content: Content, sender: str) -> None:
        """Render ``content`` and encode it.

        Args:
            content: what is sent.
            sender: ``name <address>``; its domain names Message-IDs and the list.

        Raises:
            ValueError: ``sender`` has no address.
            jinja2.TemplateError: a template is wrong.
        """
        name, address = split_sender(sender)
        self.domain = address.rpartition("@")[2]
        self.is_list = content.occasion not in NOTICES
        of_list = (
            f"List-Id: {mailbox('List-Id', name, f'policies.{self.domain}')}\r\n"
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        )
        self.fixed = (
            f"From: {mailbox('From', name, address)}\r\n"
            f"Subject: {encoded(headline(content), len('Subject: '))}\r\n"
            f"{of_list if self.is_list else ''}"
            "Auto-Submitted: auto-generated\r\n"
            "Content-Language: zh-CN\r\n"
            "MIME-Version: 1.0\r\n"
            f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"\r\n'
        )
        self.text = Part("plain", mail_pieces(content, "txt"))
        self.html = Part("html", mail_pieces(content, "html"))

    def fill(self, message: Message, address: str) -> bytes:
        """Return the mail for one recipient, CRLF, ready for DATA (no line starts with a full stop).

        Args:
            message: the delivery; its content is the skeleton's.
            address: the recipient's address as `deliverable` returned it.

        Raises:
            ValueError: the unsubscribe link cannot stand in a header.
        """
        leave = ""
        if self.is_list:
            if not UNSUBSCRIBE.fullmatch(message.unsubscribe_url):
                raise ValueError("the unsubscribe link is not a plain web address")
            leave = f"List-Unsubscribe: <{message.unsubscribe_url}>\r\n"
        header = (
            f"Message-ID: <{_token(message.delivery_id)}@{self.domain}>\r\n"
            f"Date: {_date(message.at)}\r\n"
            f"To: {mailbox('To', message.recipient, address)}\r\n"
            f"{leave}{self.fixed}\r\n"
        )
        edge = f"--{BOUNDARY}"
        return b"".join(
            (
                f"{header}{edge}\r\n".encode("ascii"),
                self.text.fill(mail_slots(message, "txt")),
                f"{edge}\r\n".encode("ascii"),
                self.html.fill(mail_slots(message, "html")),
                f"{edge}--\r\n".encode("ascii"),
            )
        )


@lru_cache(maxsize=64)
def skeleton(content: Content, sender: str) -> Skeleton:
    """Return the skeleton of ``content``, built at its first use."""
    return Skeleton(content, sender)


@lru_cache(maxsize=8)
def _date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC))


def _token(delivery_id: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.+_-]{1,128}", delivery_id):
        raise ValueError(f"delivery id {delivery_id!r} cannot stand in a Message-ID")
    return delivery_id


def _wire(text: str) -> bytes:
    """Return ``text`` in UTF-8 with CRLF, as RFC 2046 wants it before any encoding."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").encode("utf-8", "replace")


def _base64(raw: bytes) -> bytes:
    """Return ``raw`` in lines of 76 characters with CRLF, in one C call and one join: this is the hot path."""
    coded = b2a_base64(raw, newline=False)
    return b"".join([coded[i : i + LINE] + b"\r\n" for i in range(0, len(coded), LINE)])
