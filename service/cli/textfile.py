"""The text in a file, whoever saved it: UTF-8, UTF-16 with its mark, GB 18030; what is none is told as such."""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from contextlib import suppress
from pathlib import Path

from service.cli.face import Face
from service.cli.failures import CommandFailed
from service.cli.inputfile import opened

# A PDF, a Word document of either age, rich text: the first may hold no zero byte, the last never does.
_NO_TEXT = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf")
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|(?:!doctype html|html|head|body|meta|title|div|span|p|table)\b)",
    re.IGNORECASE,
)


def text_of(face: Face, file: Path) -> str:
    """Return the text in ``file``; ``-`` is the standard input.

    Raises:
        WrongUse: there is no such file.
        CommandFailed: it is no text, or a web page.
    """
    with opened(face, file) as stream:
        raw = stream.read()
    if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):  # Notepad's "Unicode"
        with suppress(UnicodeDecodeError):
            return raw.decode("utf-16")
    if raw.startswith(_NO_TEXT) or b"\0" in raw:
        raise CommandFailed(face.words("no_text_file", file=file))
    if _PAGE.match(raw):
        raise CommandFailed(face.words("web_page", file=file))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CommandFailed(face.words("not_utf8", where=file))
