"""What to write where a setting's value is none that can be: the validator's own words name patterns and parsers."""

from collections.abc import Mapping
from typing import Any

TIME = "write a date and time with its offset, e.g. 2026-03-01T09:00:00+08:00"


def words_of(error: Mapping[str, Any]) -> str:
    """Return what an error of the validation tells the operator.

    Args:
        error: one of ``ValidationError.errors()``.
    """
    kind = str(error["type"])
    if kind == "literal_error":
        return f"write {error['ctx']['expected'].replace(chr(39), '')}"
    if kind.startswith(("datetime_", "timezone_")):
        return TIME
    return str(error["msg"]).removeprefix("Value error, ")
