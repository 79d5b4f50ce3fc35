"""Cells as people type them: numbers with 万, days with 年月日, lists with a Chinese semicolon. Text in, value out."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from typing import Any
from unicodedata import normalize

from config.channels import TITLES
from config.clock import SHANGHAI
from subscribers.words.named import code_of, named

# What a spreadsheet leaves where a value should be.
ERRORS = frozenset(("#N/A", "#NAME?", "#NULL!", "#NUM!", "#DIV/0!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!"))
_SHORTENED = re.compile(r"[+-]?\d(\.\d+)?E\+\d+", re.ASCII)
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
_LIST = re.compile(r"[;；、\r\n]")
_LINES = re.compile(r"[;；\r\n]")
_NUMBER = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*(亿|万)?\s*(元|人民币|人|名)?", re.ASCII)
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", re.ASCII)
_HOURS = re.compile(r"(\d{1,2}:\d{2})(?::00)?\s*(?:-|–|—|~|至|到)+\s*(\d{1,2}:\d{2})(?::00)?", re.ASCII)
TIMES: Mapping[str, int] = {"亿": 10**8, "万": 10**4}

YES = frozenset(("yes", "y", "true", "1", "是", "开", "开启"))
NO = frozenset(("no", "n", "false", "0", "否", "关", "关闭"))
FREQUENCIES: Mapping[str, str] = {
    "即时": "instant", "实时": "instant", "每日": "daily", "每天": "daily", "每周": "weekly",
}  # fmt: skip
CHANNELS: Mapping[str, str] = {
    "空间": "space", "企业空间": "space", "邮件": "email", "邮箱": "email",
} | {title: name for name, title in TITLES.items()}  # fmt: skip


def plain(text: str) -> str:
    """Return a code as it was meant: full-width letters and digits as ASCII, nothing invisible in it."""
    return text if text.isascii() else normalize("NFKC", text.translate(_INVISIBLE)).strip()


def sound(text: str, *, words: bool) -> str:
    """Return ``text`` if a value stands in the cell.

    Args:
        text: Of the cell.
        words: Whether the column takes free text; others are also checked for numbers that lost their digits.

    Raises:
        ValueError: it is a formula, a spreadsheet's error, or a long number that the spreadsheet shortened.
    """
    if text.startswith("="):
        raise ValueError("a formula; copy the column and paste it as values")
    if text in ERRORS:
        raise ValueError(f"the spreadsheet's error {text} instead of a value")
    if "\x00" in text or "\\u0000" in text:
        raise ValueError("holds the character U+0000, which cannot be stored; remove it")
    if not words and "E+" in text and _SHORTENED.fullmatch(text):
        raise ValueError(
            "a number shortened by the spreadsheet; format the column as text and enter it again"
        )
    return text


def several(text: str) -> list[str]:
    """Return the values of a cell: parted by ``;``, ``；``, ``、`` or a line break."""
    return [part.strip() for part in _LIST.split(text) if part.strip()]


def one_code(dimension: str) -> Callable[[str], str]:
    """Return the reader of a cell with one code of ``dimension``, or its Chinese name."""
    return partial(code_of, dimension)


def codes(dimension: str) -> Callable[[str], list[str]]:
    """Return the reader of a cell with several codes of ``dimension``, or their Chinese names."""

    def read(text: str) -> list[str]:
        if text.isascii():
            return several(text)
        # 、 parts values, but stands in names as well: 信息传输、软件和信息技术服务业.
        found: list[str] = []
        for part in (piece.strip() for piece in _LINES.split(text)):
            whole = named(dimension, part)
            found += [whole] if whole else [code_of(dimension, one) for one in several(part)]
        return found

    return read


def number(text: str) -> int:
    """Return a whole number of persons or yuan: ``1,200``, ``87人``, ``500万``, ``1.2亿元``."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise ValueError("not a number; write 1200, or 500万")
    try:
        value = Decimal(found[1].replace(",", "")) * TIMES.get(found[2], 1)
    except InvalidOperation as exc:
        raise ValueError("not a number") from exc
    if value != value.to_integral_value():
        raise ValueError("not a whole number")
    return int(value)


@lru_cache(maxsize=4096)
def day(text: str) -> date:
    """Return a day: ``2026-03-01``, ``2026/3/1``, ``2026.3.1``, ``2026年3月1日``, ``20260301``."""
    found = _DAY.fullmatch(text)
    try:
        if found is not None:
            return date(int(found[1]), int(found[2]), int(found[3]))
        if len(text) == 8 and text.isdigit():
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError as exc:
        raise ValueError("there is no such day") from exc
    raise ValueError("not a day; write 2026-03-01")


@lru_cache(maxsize=4096)
def moment(text: str) -> datetime:
    """Return a moment, in Asia/Shanghai where no zone is given: a day as above, ISO 8601, or a day and ``09:30``."""
    first, _, rest = text.partition(" ")
    try:
        if rest and ":" in rest and "+" not in rest and not rest.endswith("Z"):
            at = datetime.combine(day(first), time.fromisoformat(rest.strip().zfill(5)))
        elif ":" in text:
            at = datetime.fromisoformat(text)
        else:
            at = datetime.combine(day(text), time())
    except ValueError as exc:
        raise ValueError("write 2026-03-01 or 2026-03-01T09:30:00+08:00") from exc
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


def yes_no(text: str) -> bool:
    """Return whether it says yes: ``yes``/``no``, ``是``/``否``, TRUE/FALSE."""
    said = text.casefold()
    if said not in YES | NO:
        raise ValueError("write yes or no (是 or 否)")
    return said in YES


def lines(text: str) -> list[str]:
    """Return the lines of a cell; for what may hold every other mark."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def quiet_hours(text: str) -> dict[str, str]:
    """Return ``22:00-07:00`` as the model takes it."""
    found = _HOURS.fullmatch(text)
    if found is None:
        raise ValueError("write 22:00-07:00")
    return {"from": found[1].zfill(5), "to": found[2].zfill(5)}


def frequency(text: str) -> str:
    """Return ``instant``, ``daily`` or ``weekly``, which may be said in Chinese."""
    said = FREQUENCIES.get(text, text.casefold())
    if said not in FREQUENCIES.values():
        raise ValueError("write 'instant', 'daily' or 'weekly' (即时, 每日 or 每周)")
    return said


def channels(text: str) -> list[str]:
    """Return names of channels, which may be said in Chinese; ``none`` (无) is no channel at all."""
    names = [CHANNELS.get(part, part.casefold()) for part in several(text)]
    return [] if names in (["none"], ["无"]) else names


READERS: Mapping[str, Callable[[str], Any]] = {
    "kind": one_code("subject"),
    "region": one_code("region"),
    "industries": codes("industry"),
    "size": one_code("size"),
    "qualifications": codes("qualification"),
    "groups": codes("group"),
    "email": several,
    "mobile": several,
    "webhook": lines,
    "staff": number,
    "revenue": number,
    "founded": day,
    "consent_at": moment,
    "frequency": frequency,
    "quiet_hours": quiet_hours,
    "profile_matching": yes_no,
    "profile_channels": channels,
    "channels": channels,
}
WORDS = frozenset(("name", "consent_basis", "consent_evidence", "subscription_name", "subscription_criteria"))


def read_cell(column: str, text: str) -> Any:
    """Return what a cell of ``column`` says; columns without a reader of their own are text.

    Raises:
        ValueError: it says nothing that the column could take; the message tells what to write.
    """
    if column in WORDS:
        return sound(text, words=True)
    text = sound(plain(text), words=False)
    reader = READERS.get(column)
    return reader(text) if reader else text
