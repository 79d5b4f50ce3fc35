"""What validation found wrong, said once and in plain words: what to write, not what a library expected.

A list is also reported as too short when its only item is wrong, and so is the list around it: only the item is told.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from subscribers.words.nearest import label_meant, unknown_code

Location = tuple[int | str, ...]

LABEL_FORM = (
    "label_form"  # the type of error of a label that is not dimension:code; its context holds the label
)
UNKNOWN_CODE = "unknown_code"  # of a code that its dimension does not have; its context holds both
_DAY, _OBJECT = "write a day as YYYY-MM-DD", "write an object: {{…}}"
_MOMENT = "write a moment with its offset, such as 2026-03-02T12:00:00+08:00"
_LIST, _WHOLE, _WEB = (
    "write a list: […]",
    "write a whole number",
    "write a web address that begins with https://",
)
# Type of the library's error → what to do about it, with what its context says.
_WORDS: Mapping[str, str] = {
    "missing": "missing",
    "extra_forbidden": "unknown field, remove it or correct its name",
    "string_type": "write a text",
    "string_too_short": "write at least {min_length} characters",
    "string_too_long": "write at most {max_length} characters",
    "string_pattern_mismatch": "write it in the form {pattern}",
    "too_short": "give at least {min_length} item",
    "too_long": "give at most {max_length} items",
    "greater_than": "write a number above {gt}",
    "greater_than_equal": "write a number that is at least {ge}",
    "less_than": "write a number below {lt}",
    "less_than_equal": "write a number that is at most {le}",
    "literal_error": "write {expected}",
    "enum": "write {expected}",
    "float_type": "write a number",
    "float_parsing": "write a number",
    "timezone_aware": _MOMENT,
    **dict.fromkeys(("tuple_type", "list_type"), _LIST),
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), _OBJECT),
    **dict.fromkeys(("bool_type", "bool_parsing"), "write true or false"),
    **dict.fromkeys(("int_type", "int_parsing", "int_parsing_size", "int_from_float"), _WHOLE),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing"), _DAY),
    "date_from_datetime_inexact": _DAY,
    **dict.fromkeys(("datetime_type", "datetime_parsing", "datetime_from_date_parsing"), _MOMENT),
    **dict.fromkeys(("time_type", "time_parsing"), "write a time as HH:MM, such as 08:30"),
    **dict.fromkeys(("url_type", "url_parsing", "url_scheme"), _WEB),
}
_PREFIX = re.compile(r"^(Value error|Assertion failed), ")


def plainly(errors: Iterable[Mapping[str, Any]], *, searches: int = 1) -> list[tuple[Location, str]]:
    """Return where each wrong field lies and what to do about it, without what followed from another error.

    To say which code somebody meant takes tens of milliseconds: it is said of the first ``searches`` wrong ones.

    Args:
        errors: as pydantic's ``ValidationError.errors()`` and FastAPI's ``RequestValidationError.errors()`` list them.
    """
    items = list(errors)
    above = {tuple(item["loc"][:length]) for item in items for length in range(len(item["loc"]))}
    told: dict[tuple[Location, str], None] = {}
    for item in items:
        location, kind = tuple(item["loc"]), item["type"]
        if kind == "too_short" and location in above:
            continue
        context = item.get("ctx") or {}
        words = plain_words(kind, item["msg"], context)
        if kind in (LABEL_FORM, UNKNOWN_CODE) and searches > 0:
            searches -= 1
            words = _with_the_nearest(kind, words, context)
        told[location, words] = None
    return list(told)


def _with_the_nearest(kind: str, words: str, context: Mapping[str, Any]) -> str:
    if kind == LABEL_FORM:
        return words + label_meant(context["label"])
    return unknown_code(context["dimension"], context["code"])


def plain_words(kind: str, message: str, context: Mapping[str, Any]) -> str:
    """Return what to do about an error of this type; one that a check of ours raised says so itself."""
    if kind == "string_too_short" and context["min_length"] == 1:
        return "must not be empty"
    if known := _WORDS.get(kind):
        many = kind == "too_short" and context["min_length"] > 1
        return known.format_map(context) + ("s" if many else "")
    return _PREFIX.sub("", message)
