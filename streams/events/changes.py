"""How the log is told who changed: one subscriber by an event of its own, many of a shard by one event together.

An import changes a thousand subscribers at once. An event for each would cost more than writing them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

import orjson

from subscribers.model import Change

MOST_TOGETHER = 100  # changes of one event, so that what reads them along needs no large buffer

Told = tuple[int, bytes, bytes]  # shard, key, value


def told(changes: Sequence[Change]) -> Iterator[Told]:
    """Yield what the log is to hold, each shard's changes in their order.

    Each is a CloudEvent as what comes from outside, so that others may read along: it names who changed, never how.
    """
    of_shard: defaultdict[int, list[Change]] = defaultdict(list)
    for change in changes:
        of_shard[change.shard].append(change)
    for shard, own in of_shard.items():
        for start in range(0, len(own), MOST_TOGETHER):
            part = own[start : start + MOST_TOGETHER]
            yield _one(part[0]) if len(part) == 1 else _several(shard, part)


def who_changed(data: Mapping[str, Any]) -> list[str]:
    """Return the subscribers that an event's ``data`` names.

    Raises:
        KeyError: it names nobody.
    """
    if "versions" in data:
        return list(data["versions"])
    return [str(data["subscriber_id"])]


def _one(change: Change) -> Told:
    data = {"subscriber_id": change.subscriber_id, "version": change.version}
    event_id = f"{change.subscriber_id}:{change.version}"
    # The key is the subscriber: compaction leaves its newest change.
    return change.shard, change.subscriber_id.encode(), _event("subscription.changed", event_id, data)


def _several(shard: int, part: Sequence[Change]) -> Told:
    versions = {change.subscriber_id: change.version for change in part}
    # An id, and a key, of its own: compaction must not take one that names somebody whom no later one names.
    event_id = sha256(orjson.dumps(versions)).hexdigest()[:32]
    return shard, event_id.encode(), _event("subscriptions.changed", event_id, {"versions": versions})


def _event(kind: str, event_id: str, data: Mapping[str, Any]) -> bytes:
    return orjson.dumps(
        {"specversion": "1.0", "id": event_id, "source": "/zhengda/subscribers", "type": kind, "data": data}
    )
