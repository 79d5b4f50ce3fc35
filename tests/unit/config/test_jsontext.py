"""JSON columns: what goes in comes out, also where orjson alone would lose it."""

import json
import math
from datetime import UTC, datetime
from typing import Any

import pytest

from config.database.jsontext import from_text, to_text

VALUES: tuple[Any, ...] = (
    None,
    {"政策": ["高新技术企业", 1, 2.5, True, None]},
    {"key": {"nested": [[], {}]}},
    "",
    "\u0000",
    "half a pair \ud800",
    2**63 - 1,
    2**64,
    -(2**63) - 1,
    {"number": 12345678901234567890123, "text": "12345678901234567890123"},
    "911100001234567890",
    -0.0,
    1e-300,
)


@pytest.mark.parametrize("value", VALUES, ids=ascii)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    found = from_text(to_text(value))
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("value", VALUES, ids=ascii)
def test_what_the_standard_library_wrote_is_read_alike(value: Any) -> None:
    assert from_text(json.dumps(value)) == value


def test_what_was_stored_beyond_json_is_still_read() -> None:
    assert math.isnan(from_text("NaN"))
    assert from_text("1e999") == math.inf


def test_keys_that_are_numbers_become_text() -> None:
    assert to_text({1: 2}) == '{"1": 2}'


def test_a_day_is_no_json() -> None:
    with pytest.raises(TypeError):
        to_text({"at": datetime(2026, 1, 5, tzinfo=UTC)})


def test_text_that_is_no_json_is_refused() -> None:
    with pytest.raises(json.JSONDecodeError):
        from_text("{")
