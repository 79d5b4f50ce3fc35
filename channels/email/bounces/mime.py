"""A message taken apart, whatever it is: nothing is raised, and the work is in proportion to its length.

The standard library's parser looks at every line once for every part around it, and raises on some headers; what comes
to the receiver of bounces is written by strangers.
"""

import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from channels.email.bounces.charsets import decoded

MOST_DEEP = 6
MOST_PARTS = 40
MOST_FIELDS = 200
FIELD_CHARS = 4_000
TEXT_BYTES = 128 << 10  # of a part; what a server has to say stands at its beginning
BLANK = re.compile(rb"\n[ \t]*\n")
NAME = re.compile(rb"[!-9;-~]{1,80}")
PARAMETER = re.compile(r';\s*([a-z0-9*_-]{1,40})\s*=\s*(?:"([^"]{0,300})"|([^\s;"]{1,300}))', re.IGNORECASE)
ENCODED = re.compile(r"=\?([^?\s]{1,40})\?([bq])\?([^?\s]{0,2000})\?=", re.IGNORECASE)
BETWEEN_WORDS = re.compile(r"(\?=)\s+(=\?)")
NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))

Fields = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Part:
    """A leaf of a message: its fields by lower-case name, and its body as it was sent."""

    kind: str
    fields: Fields
    body: bytes = field(repr=False)

    def field(self, name: str) -> str:
        """Return the first such field, on one line; "" where there is none."""
        return first(self.fields, name)

    def content(self) -> bytes:
        """Return the body without its transfer encoding, as much of it as is looked at."""
        how = self.field("content-transfer-encoding").strip().lower()
        if how == "base64":
            return _from_base64(self.body[: TEXT_BYTES * 2])[:TEXT_BYTES]
        if how == "quoted-printable":
            return binascii.a2b_qp(self.body[: TEXT_BYTES * 3])[:TEXT_BYTES]
        return self.body[:TEXT_BYTES]

    def text(self) -> str:
        """Return the body as text."""
        return decoded(self.content(), parameters(self.field("content-type")).get("charset", ""))


@dataclass(frozen=True)
class Mail:
    """A message: the fields of its head, the kind and the parameters of the whole, its leaves in order."""

    fields: Fields
    kind: str
    parameters: Mapping[str, str]
    parts: tuple[Part, ...]

    def field(self, name: str) -> str:
        """Return the first such field of the head, decoded; "" where there is none."""
        return spoken(first(self.fields, name))


def mail_of(raw: bytes) -> Mail:
    """Return a message taken apart; of what is no message, one part of plain text."""
    clean = raw.replace(b"\r\n", b"\n")
    fields, body = _split(clean)
    kind, given = _kind(fields)
    return Mail(fields, kind, given, tuple(_leaves(fields, body, MOST_DEEP)[:MOST_PARTS]))


def fields_of(block: bytes) -> Fields:
    """Return the fields of a head, or of a block of a delivery status."""
    found: dict[str, list[str]] = {}
    for number, line in enumerate(_unfolded(block)):
        name, colon, value = line.partition(b":")
        if number >= MOST_FIELDS:
            break
        if colon and NAME.fullmatch(name.strip()):
            text = decoded(value.strip()[:FIELD_CHARS], "")
            found.setdefault(name.strip().decode("ascii").lower(), []).append(text)
    return {name: tuple(values) for name, values in found.items()}


def first(fields: Fields, name: str) -> str:
    """Return the first such field; "" where there is none."""
    return fields.get(name, ("",))[0]


def parameters(value: str) -> dict[str, str]:
    """Return the parameters of a Content-Type, by lower-case name."""
    return {found[1].lower(): found[2] or found[3] or "" for found in PARAMETER.finditer(value)}


def spoken(value: str) -> str:
    """Return a header's value with its encoded words (RFC 2047) as people read them."""
    return ENCODED.sub(_word, BETWEEN_WORDS.sub(r"\1\2", value[:FIELD_CHARS]))


def _word(found: re.Match[str]) -> str:
    charset, how, text = found.groups()
    raw = text.encode("utf-8", "replace")
    if how in "bB":
        return decoded(_from_base64(raw), charset)
    return decoded(binascii.a2b_qp(raw, header=True), charset)


def _from_base64(text: bytes) -> bytes:
    digits = text.translate(None, NOT_BASE64)
    digits = digits[:-1] if len(digits) % 4 == 1 else digits  # cut off in the middle
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))


def _unfolded(block: bytes) -> Iterator[bytes]:
    line = b""
    for piece in block[: MOST_FIELDS * FIELD_CHARS].split(b"\n"):
        if piece[:1] in (b" ", b"\t"):
            line = line + b" " + piece.strip() if len(line) < FIELD_CHARS else line
            continue
        if line:
            yield line
        line = piece[:FIELD_CHARS]
    if line:
        yield line


def _split(raw: bytes) -> tuple[Fields, bytes]:
    """Return head and body."""
    if raw.startswith(b"\n"):
        return {}, raw[1:]
    blank = BLANK.search(raw)
    head, body = (raw[: blank.start()], raw[blank.end() :]) if blank else (raw, b"")
    return fields_of(head), body


def _kind(fields: Fields) -> tuple[str, dict[str, str]]:
    value = first(fields, "content-type")
    kind = value.partition(";")[0].strip().lower()
    return (kind if "/" in kind else "text/plain"), parameters(value)


def _leaves(fields: Fields, body: bytes, deep: int) -> list[Part]:
    kind, given = _kind(fields)
    boundary = given.get("boundary", "").encode("utf-8", "replace")
    if not kind.startswith("multipart/") or not boundary or not deep:
        return [Part(kind, fields, body)]
    found: list[Part] = []
    for piece in _pieces(body, boundary):
        found += _leaves(*_split(piece), deep - 1)
        if len(found) >= MOST_PARTS:
            break
    return found


def _pieces(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """Yield what stands between the lines of a boundary."""
    between = (b"\n" + body).split(b"\n--" + boundary, MOST_PARTS)[1:]
    for piece in between:
        line, _, rest = piece.partition(b"\n")
        if line.startswith(b"--"):
            return
        yield rest
