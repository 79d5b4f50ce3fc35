"""Numbers as the clouds write them, and back; pure."""

import re

CHINA = "86"
CHINESE_MOBILE = re.compile(r"1\d{10}")
E164 = re.compile(r"\+[1-9]\d{6,14}")


def national(number: str) -> str:
    """Return an E.164 number as Aliyun wants it: 11 digits in China, else country code and number, without ``+``."""
    digits = number.removeprefix("+")
    within = digits.removeprefix(CHINA)
    return within if CHINESE_MOBILE.fullmatch(within) else digits


def international(said: str, country: str = CHINA) -> str | None:
    """Return a number that a cloud names as E.164; None for what is no number.

    Args:
        said: ``13800138000``, ``8613800138000``, ``008613800138000`` or ``+8613800138000``.
        country: the code of its country where that stands beside it.
    """
    number = re.sub(r"[\s-]", "", said)
    if not number.startswith("+"):
        number = number.removeprefix("00")
        if CHINESE_MOBILE.fullmatch(number):
            country = CHINA
        elif country == CHINA or number.startswith(country):
            country = ""
        number = f"+{country}{number}"
    return number if E164.fullmatch(number) else None
