"""update the index: subscribers changed, their shards take the newest state; then they get what they missed."""

from collections import defaultdict

from streams.backfill import backfill
from streams.desk import Desk
from streams.matching.shards import Shards

Change = tuple[int, int, dict[str, object]]  # shard, offset, what was told


async def refresh(desk: Desk, shards: Shards, *changes: Change) -> None:
    """Take messages of ``subscription.changes``, in their order; those who changed are read at once.

    The indexes come first: a match that waits for these changes does not wait for their backfill.
    """
    changed: defaultdict[int, dict[str, None]] = defaultdict(dict)
    last: dict[int, int] = {}
    for shard, offset, told in changes:
        changed[shard][str(told["subscriber_id"])] = None
        last[shard] = offset
    await shards.apply_together({shard: (last[shard], tuple(changed[shard])) for shard in changed})
    await backfill(desk, shards, {shard: tuple(subscriber_ids) for shard, subscriber_ids in changed.items()})
