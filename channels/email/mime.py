"""A mail's bytes: a skeleton per content, built once, and the few parts that differ per recipient.

The standard library's ``EmailMessage`` parses every header it is given, which costs milliseconds per message; the
skeleton is assembled by hand and tests read it back with the standard library's parser.
"""

import re
from binascii import b2a_base64
from collections.abc import Iterable
from datetime import UTC, date, datetime
from email.utils import format_datetime
from functools import lru_cache

from channels.email.calendar import HEADERS, deadline
from channels.email.dkim import Signer, fixed_headers
from channels.email.headers import encoded, mailbox, split_sender
from channels.message import NOTICES, Content, Message
from channels.writing.render import Pieces, headline, mail_pieces, mail_slots
from config.clock import SHANGHAI

# "=_" cannot occur in base64, so no part can contain a boundary.
BOUNDARY = "=_zhengda"
OUTER = "=_zhengda_with_file"
EDGE = f"--{BOUNDARY}\r\n".encode("ascii")
END = f"--{BOUNDARY}--\r\n".encode("ascii")
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
    """Everything of a mail that is the same for all recipients of one content on one day."""

    def __init__(self, content: Content, sender: str, day: date, signer: Signer | None = None) -> None:
        """Render ``content`` and encode it.

        Args:
            content: what is sent.
            sender: ``name <address>``; its domain names Message-IDs and the list.
            day: on which it goes, in Asia/Shanghai; a deadline before it is none any more.
            signer: signs every mail, if there is one.

        Raises:
            ValueError: ``sender`` has no address.
            jinja2.TemplateError: a template is wrong.
        """
        name, address = split_sender(sender)
        self.domain = address.rpartition("@")[2]
        self.is_list = content.occasion not in NOTICES
        self.signer = signer
        file = deadline(content, (name, address), day)
        of_list = (
            ("List-Id", mailbox("List-Id", name, f"policies.{self.domain}")),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        )
        fixed = (
            ("From", mailbox("From", name, address)),
            ("Subject", encoded(headline(content), len("Subject: "))),
            *(of_list if self.is_list else ()),
            ("Auto-Submitted", "auto-generated"),
            ("Content-Language", "zh-CN"),
            ("MIME-Version", "1.0"),
            (_multipart("mixed", OUTER) if file else _multipart("alternative", BOUNDARY)),
        )
        self.fixed = _lines(fixed)
        self.signed = fixed_headers(fixed)
        self.opening, self.closing = _around(file)
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
        own = [
            ("Message-ID", f"<{_token(message.delivery_id)}@{self.domain}>"),
            ("Date", _date(message.at)),
            ("To", mailbox("To", message.recipient, address)),
        ]
        if self.is_list:
            if not UNSUBSCRIBE.fullmatch(message.unsubscribe_url):
                raise ValueError("the unsubscribe link is not a plain web address")
            own.append(("List-Unsubscribe", f"<{message.unsubscribe_url}>"))
        body = b"".join(
            (
                self.opening,
                self.text.fill(mail_slots(message, "txt")),
                EDGE,
                self.html.fill(mail_slots(message, "html")),
                self.closing,
            )
        )
        signature = b"" if self.signer is None else self.signer.header(own, self.signed, body)
        return b"".join((signature, _lines(own), self.fixed, b"\r\n", body))


@lru_cache(maxsize=64)
def skeleton(content: Content, sender: str, day: date, signer: Signer | None = None) -> Skeleton:
    """Return the skeleton of ``content``, built at its first use on a day."""
    return Skeleton(content, sender, day, signer)


def mail(message: Message, address: str, sender: str, signer: Signer | None = None) -> bytes:
    """Return the mail to one recipient, see `Skeleton.fill`."""
    return skeleton(message.content, sender, _day(message.at), signer).fill(message, address)


@lru_cache(maxsize=8)
def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


@lru_cache(maxsize=8)
def _date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC))


def _multipart(kind: str, boundary: str) -> tuple[str, str]:
    return "Content-Type", f'multipart/{kind}; boundary="{boundary}"'


def _around(file: bytes | None) -> tuple[bytes, bytes]:
    """Return what stands before the first text and after the last, with ``file`` attached if there is one."""
    if file is None:
        return EDGE, END
    inner = f"--{OUTER}\r\n{': '.join(_multipart('alternative', BOUNDARY))}\r\n\r\n".encode("ascii")
    attached = f"--{OUTER}\r\n".encode("ascii") + _lines(HEADERS) + b"\r\n" + _base64(file)
    return inner + EDGE, END + attached + f"--{OUTER}--\r\n".encode("ascii")


def _lines(headers: Iterable[tuple[str, str]]) -> bytes:
    return "".join([f"{name}: {value}\r\n" for name, value in headers]).encode("ascii")


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
