"""A shard as this worker holds it."""

import asyncio
from dataclasses import dataclass, field

from streams.matching.index import ShardIndex
from streams.matching.keeping.held import Held


@dataclass
class Loaded:
    """One shard.

    Attributes:
        index: that is asked; another one takes its place when it is built anew.
        held: what the index is known to have.
        applied: every change below this offset of the log is in the index.
        unsaved: changes since the last snapshot.
        moved: set when ``applied`` rises.
    """

    index: ShardIndex
    held: Held
    applied: int
    unsaved: int = 0
    moved: asyncio.Event = field(default_factory=asyncio.Event)
