"""A campaign is one push of one policy revision on one occasion: its rows, its words, and what came of it."""

from streams.campaigns.record import (
    NEVER,
    STOPPED,
    Campaign,
    campaign_id,
    delivery_id,
    find_campaign,
    halt,
    lock_shards,
    mark_shard,
    open_campaign,
    resume,
    running_again,
    stop,
)

__all__ = [
    "NEVER",
    "STOPPED",
    "Campaign",
    "campaign_id",
    "delivery_id",
    "find_campaign",
    "halt",
    "lock_shards",
    "mark_shard",
    "open_campaign",
    "resume",
    "running_again",
    "stop",
]
