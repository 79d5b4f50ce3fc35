"""The kinds of fields that events have, with what makes each of them wrong."""

import re
from datetime import date
from typing import Annotated

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from subscribers.words.plainly import LABEL_FORM

MAX_REVISION = 1_000_000
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
LABEL = re.compile(r"[a-z]+:[A-Za-z0-9-]{1,20}")
LABEL_SHOWN = 80  # characters of a wrong one
# What an editor's HTML is full of. A capital letter may be a grade (<A>档), one with blanks a comparison (x<a 且 b>c).
# A comment alone is no page: collections of laws part their heads by one (<!-- INFO END -->). A word processor's is.
_NAMES = (
    "div|span|br|hr|font|strong|em|sup|sub|center|pre|img|h[1-6]|ul|ol|li|table|thead|tbody|tr|td|th|section|article|html|head"
    "|body|style|script|iframe|svg|input|button|form|o:p"
)
_ATTRIBUTES = r"\s[^<>=]{0,40}=[^<>]{0,2000}"
TAG = re.compile(
    rf"</?(?i:{_NAMES})(?:{_ATTRIBUTES}|\s?/?)>|</(?i:[pbaiu])\s?>|<[pbaiu]\s?/?>|<(?i:[pbaiu]){_ATTRIBUTES}>|<!--\["
    r"|&(?:nbsp|ensp|emsp|amp|lt|gt|quot|[lr][ds]quo|[mn]dash|middot|hellip|#\d{1,6});"
)


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("the character U+0000 is not allowed, remove it")  # PostgreSQL cannot store it
    return text


def _plain(text: str) -> str:
    if tag := TAG.search(text):
        raise ValueError(f"holds HTML ({tag[0][:20]}): send the plain text, a line for each paragraph")
    return _storable(text)


def _written_out(day: object) -> object:
    if not isinstance(day, date) and not (isinstance(day, str) and DAY.fullmatch(day)):
        raise ValueError("write a day as YYYY-MM-DD")  # 20260301 would be taken for seconds since 1970
    return day


def _labelled(label: str) -> str:
    if not LABEL.fullmatch(label):
        # What it may mean is added where the error is told, once per request: looking takes tens of milliseconds.
        shown = {"label": label[:LABEL_SHOWN].encode(errors="replace").decode()}  # half a pair cannot be told
        raise PydanticCustomError(LABEL_FORM, "{label} is no label: write dimension:code", shown)
    return label


Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$")]
# Of an interpretation or a FAQ: with its kind and revision it becomes an occurrence, which has at most 128 characters.
ItemId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$")]
ItemName = Annotated[
    str, StringConstraints(pattern=r"^(interpretation|faq):[A-Za-z0-9][A-Za-z0-9._:-]{0,79}:[1-9][0-9]{0,6}$")
]
Text = Annotated[str, AfterValidator(_storable)]
Prose = Annotated[str, AfterValidator(_plain)]  # what people are shown, as it is
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_plain)
]
Url = Annotated[AnyHttpUrl, PlainSerializer(str, return_type=str)]
Day = Annotated[date, BeforeValidator(_written_out)]
Revision = Annotated[int, Field(strict=True, ge=1, le=MAX_REVISION)]
LabelText = Annotated[
    str, AfterValidator(_labelled), WithJsonSchema({"type": "string", "pattern": f"^{LABEL.pattern}$"})
]

STRICT = ConfigDict(extra="forbid", frozen=True)  # unknown fields are refused by name
