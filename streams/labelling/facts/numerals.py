"""Numbers as official texts write them: 2,000, 1.5, 三百, 两, 二十 and their 万 and 亿."""

import re

ARABIC = r"(?<!\d)\d{1,12}+(?:,\d{3}){0,4}+(?:\.\d{1,6}+)?"
CHINESE = "[零〇一二两三四五六七八九十百千]{1,9}+"
# Of days, months or years.
COUNT = r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3})"
NUMBER = rf"(?:{ARABIC}|{CHINESE})"

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_SCALES = {"": 1, "百": 100, "千": 1000, "万": 10_000, "十万": 100_000, "百万": 1_000_000, "千万": 10_000_000}
_SCALES["亿"] = 100_000_000
SCALE = "(?:十万|百万|千万|万|亿|千|百)?"
SQUARE_METRE = "(?:平方米|㎡|m2|m²|平米)"
_ARABIC = re.compile(ARABIC)


def number(text: str, scale: str = "") -> float | None:
    """The number that `text` writes, times its scale (万, 亿 …); None where it is not one.

    A whole number comes back as an int, so that 30万 is 300000.
    """
    if _ARABIC.fullmatch(text):
        value = float(text.replace(",", "")) * _SCALES[scale]
    elif (whole := chinese(text)) is not None:
        value = float(whole * _SCALES[scale])
    else:
        return None
    rounded = round(value, 4)
    return int(rounded) if rounded == int(rounded) else rounded


def chinese(text: str) -> int | None:
    """The whole number below 10,000 that Chinese numerals write: 三百零五 → 305, 二〇二四 → 2024."""
    if not text or any(sign not in _DIGITS and sign not in _UNITS for sign in text):
        return None
    if not any(sign in _UNITS for sign in text):
        return int("".join(str(_DIGITS[sign]) for sign in text))
    total, digit = 0, None
    for sign in text:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        else:
            total += (1 if digit is None else digit) * _UNITS[sign]
            digit = None
    return total + (digit or 0)


def small(text: str) -> int | None:
    """A count of days, months or years, Arabic or Chinese."""
    if text.isascii() and text.isdigit():
        return int(text)
    return chinese(text)
