"""What people answer to a text message: the words that end it, however they were typed; pure."""

import re
import unicodedata

OUT = re.compile(r"(?:TD|T|R|退[订訂](?:TD|T)?|(?:TD|T)退[订訂])")
EDGES = re.compile(r"^[^\w]+|[^\w]+$")
BLANKS = re.compile(r"[\s\x00-\x20\u200b-\u200f\ufeff]+")
WIDE = ("UTF-16BE", "UCS-2", "ISO-10646-UCS-2")
MOST_BYTES = 4096  # a reply of thirty parts


def wants_out(text: str) -> bool:
    """Whether a reply says T, TD, R or 退订 and nothing else.

    Case, blanks, full-width letters, 【】 and punctuation at the ends do not matter: ``ｔｄ 。`` counts, ``T恤`` not.
    """
    plain = BLANKS.sub("", unicodedata.normalize("NFKC", text)).upper()
    return OUT.fullmatch(EDGES.sub("", plain)) is not None


def decoded(raw: bytes, charset: str, coding: str) -> str:
    """Return a reply's text.

    Args:
        raw: as the carrier sent it, or as Kannel recoded it to UTF-8.
        charset: Kannel's ``%C``; ``8-BIT`` where it does not know.
        coding: Kannel's ``%c``; 2 is UCS-2.
    """
    raw = raw[:MOST_BYTES]
    if charset.upper() in WIDE or (coding == "2" and charset.upper() not in ("UTF-8", "UTF8")):
        return raw.decode("utf-16-be", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")  # what older gateways of mainland carriers speak
