"""update the index: subscribers changed, their shards take the newest state; then they get what they missed."""

from collections import defaultdict

from streams.backfill import backfill
from streams.desk import Desk
from streams.matching.shards import Shards

Change = tuple[int, int, dict[str, object]]  # shard, offset, what was told


async def refresh(desk: Desk, shards: Shards, *changes: Change) -> None:
    """Take messages of ``subscription.changes``, in their order; each shard reads those who changed at once.

    The indexes come first: a match that waits for these changes does not wait for their backfill.
    """
    changed: defaultdict[int, dict[str, None]] = defaultdict(dict)
    last: dict[int, int] = {}
    for shard, offset, told in changes:
        changed[shard][str(told["subscriber_id"])] = None
        last[shard] = offset
    for shard, subscriber_ids in changed.items():
        await shards.apply(shard, last[shard], *subscriber_ids)
    await backfill(desk, shards, {shard: tuple(subscriber_ids) for shard, subscriber_ids in changed.items()})
