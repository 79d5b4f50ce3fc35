"""Bytes of strangers as text: the charset that they name, or the one that they most likely mean."""

import codecs
from collections.abc import Mapping
from types import MappingProxyType

# Only these: some of Python's codecs are no charsets, and some take a time that grows with the square of the length.
# What is sent as gb2312 or gbk often has characters of GB 18030.
CHARSETS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            ("gb2312", "gbk", "gb18030", "x-gbk", "cp936", "euc-cn", "gb_2312-80", "ms936"), "gb18030"
        ),
        **dict.fromkeys(("big5", "big5-hkscs", "cn-big5", "x-x-big5"), "big5hkscs"),
        **dict.fromkeys(("hz-gb-2312", "hz"), "hz"),
        "windows-1252": "cp1252",
        "utf-16": "utf-16",
        "iso-2022-jp": "iso2022_jp",
        "euc-kr": "euc_kr",
        "shift_jis": "shift_jis",
    }
)
GUESSES = ("utf-8", "gb18030")


def decoded(raw: bytes, charset: str) -> str:
    """Return ``raw`` as text; what cannot be read becomes U+FFFD, and nothing is raised.

    Args:
        raw: may end in the middle of a character.
        charset: as the message names it. ASCII, Latin-1, UTF-8 and names that are not known are what they look like:
            UTF-8 where that fits, else GB 18030.
    """
    named = CHARSETS.get(charset.strip().strip("\"'").lower())
    if named is not None:
        return raw.decode(named, "replace")
    for guess in GUESSES:
        try:
            return codecs.getincrementaldecoder(guess)("strict").decode(raw)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")
