"""update the index: subscribers changed, their shards take the newest state; then they get what they missed."""

from collections.abc import Iterator, Sequence
from typing import Any

from streams.desk import Desk
from streams.events.changes import who_changed
from streams.latecomers.backfill import backfill
from streams.matching.shards import Shards

MOST = 500  # subscribers that are read at once, or those of one message

Change = tuple[int, int, dict[str, Any]]  # shard, offset, what was told
Changed = dict[int, tuple[int, tuple[str, ...]]]  # shard → offset of the last message, who changed


async def refresh(desk: Desk, shards: Shards, *changes: Change) -> None:
    """Take messages of ``subscription.changes``, in their order; those who changed are read some hundred at a time.

    The indexes come first: a match that waits for these changes does not wait for their backfill.
    """
    parts = list(_parts(changes))
    for part in parts:
        await shards.apply_together(part)
    for part in parts:
        await backfill(desk, shards, {shard: who for shard, (_, who) in part.items()})


def _parts(changes: Sequence[Change]) -> Iterator[Changed]:
    changed: dict[int, dict[str, None]] = {}
    last: dict[int, int] = {}
    count = 0
    for shard, offset, data in changes:
        who = who_changed(data)
        if last and count + len(who) > MOST:
            yield {one: (last[one], tuple(changed[one])) for one in changed}
            changed, last, count = {}, {}, 0
        changed.setdefault(shard, {}).update(dict.fromkeys(who))
        last[shard] = offset
        count += len(who)
    if last:
        yield {one: (last[one], tuple(changed[one])) for one in changed}
