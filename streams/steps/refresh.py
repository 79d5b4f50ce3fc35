"""update the index: a subscriber changed, its shard takes the newest state."""

from streams.matching.shards import Shards


async def refresh(shards: Shards, shard: int, offset: int, told: dict[str, object]) -> None:
    """Take one message of ``subscription.changes``."""
    await shards.apply(shard, offset, str(told["subscriber_id"]))
