"""The topics as Faust declares them: raw bytes in and out, so that what cannot be read is still ours to keep."""

from collections.abc import Mapping
from typing import Any

import faust

from streams.names import TOPICS


def declare(app: faust.App, partitions: int) -> Mapping[str, Any]:
    """Return every topic of the table, with ``partitions`` partitions each."""
    return {
        spec.name: app.topic(
            spec.name,
            key_type=bytes,
            key_serializer="raw",
            value_type=bytes,
            value_serializer="raw",
            partitions=partitions,
            internal=True,
            retention=spec.kept,
            compacting=spec.compacted or None,
            deleting=(spec.compacted and spec.kept is not None) or None,
        )
        for spec in TOPICS
    }
