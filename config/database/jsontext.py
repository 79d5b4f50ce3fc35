"""JSON columns as text: by orjson, by the standard library where the two would not agree.

An import of a long list spends a twentieth of its time here with the standard library alone.
"""

import json
import re
from typing import Any

import orjson

# orjson reads an integer beyond 64 bits as a float, which is another number.
_LONG = re.compile(r"\d{19}", re.ASCII)
# As the standard library does: a day or a dataclass is no JSON by accident.
_STRICT = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def to_text(value: Any) -> str:
    """Return ``value`` as JSON; NaN and infinity, which JSON does not have, as null.

    Raises:
        TypeError: it is nothing that JSON could hold.
    """
    try:
        return orjson.dumps(value, option=_STRICT).decode()
    except TypeError:
        return json.dumps(value)  # lone surrogates, integers beyond 64 bits, keys that are numbers


def from_text(text: str) -> Any:
    """Return what a JSON column holds.

    Raises:
        ValueError: it is no JSON.
    """
    if _LONG.search(text):
        return json.loads(text)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)  # lone surrogates, NaN, numbers beyond a float
