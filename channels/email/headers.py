"""Header values that stay one header, whatever stands in a name or a title."""

import re
from base64 import b64encode
from email.utils import parseaddr

from channels.writing.render import one_line

LINE = 76
WORD = 75
FRAME = len("=?utf-8?b??=")
ATOMS = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 -]*[A-Za-z0-9])?")
# The unquoted part of RFC 5321's mailbox; quoted local parts do not occur in the wild.
MAILBOX = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")


def encoded(text: str, used: int) -> str:
    """Return ``text`` for a header, after ``used`` characters of its first line.

    Plain letters and digits stay as they are; all else becomes RFC 2047 words of at most 75 characters that never
    split a character, folded at 76.
    """
    text = one_line(text)
    if not text or (ATOMS.fullmatch(text) and used + len(text) <= LINE):
        return text
    words: list[str] = []
    room = _room(LINE - used)
    word = b""
    for char in text:
        raw = char.encode("utf-8", "replace")
        if len(word) + len(raw) > room:
            words.append(_word(word))
            word, room = b"", _room(WORD)
        word += raw
    words.append(_word(word))
    return "\r\n ".join(words)


def mailbox(field: str, name: str, address: str) -> str:
    """Return the value of ``field``: an encoded name, if there is one, and the address on a line of its own."""
    shown = encoded(name, len(field) + 2) if one_line(name) else ""
    return f"{shown}\r\n <{address}>" if shown else f"<{address}>"


def deliverable(address: str) -> str | None:
    """Return ``address`` as it goes over the wire, its domain in ASCII; None where it cannot be an address.

    Local parts outside ASCII (RFC 6531) are not supported: too few servers take them.
    """
    local, at, domain = address.strip().rpartition("@")
    if not at:
        return None
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    wire = f"{local}@{domain}"
    return wire if MAILBOX.fullmatch(wire) and ".." not in wire else None


def split_sender(mail_from: str) -> tuple[str, str]:
    """Return name and address of ``政达政策推送 <zhengda@example.cn>``.

    Raises:
        ValueError: there is no usable address in it; mend ZHENGDA_MAIL_FROM.
    """
    name, address = parseaddr(mail_from)
    wire = deliverable(address)
    if wire is None:
        raise ValueError(f"no sender address in {mail_from!r}; e.g. 政达政策推送 <zhengda@example.gov.cn>")
    return name, wire


def _word(raw: bytes) -> str:
    return f"=?utf-8?b?{b64encode(raw).decode('ascii')}?="


def _room(length: int) -> int:
    """Return how many bytes an encoded word of at most ``length`` characters holds."""
    return max((min(length, WORD) - FRAME) // 4 * 3, 4)
