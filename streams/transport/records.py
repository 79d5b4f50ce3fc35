"""The two shapes of an event in the embedded log, and its headers' encoding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import orjson
from faust.types import HeadersArg

Headers = list[tuple[str, bytes]]


class NewRecord(NamedTuple):
    """An event to append. `timestamp_ms` is UTC milliseconds; `headers` is what `encode_headers` made."""

    topic: str
    partition: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: bytes | None


class StoredRecord(NamedTuple):
    """An event that is in the log; offsets of a partition rise by one, with holes where compaction removed."""

    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: bytes | None


def encode_headers(headers: HeadersArg | None) -> bytes | None:
    """Headers (a mapping or pairs of text and bytes, names may repeat) as one blob; None for none.

    Raises:
        TypeError: A header's value is not bytes (Kafka refuses it too).
    """
    if not headers:
        return None
    pairs: Sequence[tuple[str, bytes]]
    pairs = list(headers.items()) if isinstance(headers, Mapping) else list(headers)
    for name, value in pairs:
        if not isinstance(value, bytes):
            raise TypeError(f"header {name!r} must be bytes, not {type(value).__name__}")
    return orjson.dumps([(name, value.hex()) for name, value in pairs])


def decode_headers(blob: bytes | None) -> Headers:
    """The pairs that `encode_headers` was given."""
    if blob is None:
        return []
    return [(name, bytes.fromhex(value)) for name, value in orjson.loads(blob)]
