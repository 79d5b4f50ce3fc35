"""The text in a file, whoever saved it: UTF-8 or GB 18030; what is no text is told as such."""

from pathlib import Path

from service.cli.face import Face
from service.cli.failures import CommandFailed
from service.cli.inputfile import opened

# A PDF, a Word document of either age, rich text: the first may hold no zero byte, the last never does.
_NO_TEXT = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf")


def text_of(face: Face, file: Path) -> str:
    """Return the text in ``file``; ``-`` is the standard input.

    Raises:
        WrongUse: there is no such file.
        CommandFailed: it is no text.
    """
    with opened(face, file) as stream:
        raw = stream.read()
    if raw.startswith(_NO_TEXT) or b"\0" in raw:
        raise CommandFailed(face.words("no_text_file", file=file))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CommandFailed(face.words("not_utf8", where=file))
