"""Texts as they are compared: one case, one width, one blank; and what people read in HTML. Linear, never raises."""

import re
import unicodedata

CHARS = 64 << 10  # what is looked at of a text
TAG = re.compile(r"<[^<>]*>")
HIDDEN = re.compile(r"<(/?)(?:style|script|title)\b[^<>]*>", re.IGNORECASE)
BREAK = re.compile(r"<(?:br|/p|/tr|/td|/li|/div|/h\d)\b[^<>]*>", re.IGNORECASE)
ENTITY = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|nbsp|apos));?")
NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "nbsp": " ", "apos": "'"}
LAST = 0x10FFFF


def plain(text: str) -> str:
    """Return a text in lower case and half width, with one blank for each run of them."""
    return " ".join(unicodedata.normalize("NFKC", text[:CHARS]).casefold().split())


def lines_of(text: str) -> list[str]:
    """Return the lines of a text as `plain` has them, without empty ones."""
    return [line for line in map(plain, text[:CHARS].splitlines()) if line]


def from_html(text: str) -> str:
    """Return what people read of a page: no tags, styles or scripts, a line for each block."""
    shown, hidden, end = [], False, 0
    for tag in HIDDEN.finditer(text):
        if not hidden:
            shown.append(text[end : tag.start()])
        hidden, end = not tag[1], tag.end()
    if not hidden:
        shown.append(text[end:])
    return ENTITY.sub(_character, TAG.sub(" ", BREAK.sub("\n", "".join(shown))))


def _character(found: re.Match[str]) -> str:
    decimal, sixteen, name = found.groups()
    if name:
        return NAMED[name]
    number = int(decimal) if decimal else int(sixteen, 16)
    return chr(number) if number <= LAST else "�"
