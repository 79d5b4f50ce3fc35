"""preview: one shard counts an audience and picks samples; nothing is planned."""

from collections import Counter
from collections.abc import Mapping
from itertools import islice
from typing import Any

from sqlalchemy import and_, select, update

from config.database.schema import previews
from streams.actionable import may_go
from streams.audience import named, only_named, who_wants
from streams.desk import Desk
from streams.fanout import Routes
from streams.matching.matter import matter_of
from streams.matching.shards import Shards
from streams.occurrences import POLICY
from streams.requirements import from_plain

SAMPLES = 10


async def count(desk: Desk, shards: Shards, told: dict[str, object]) -> None:
    """Take one message of ``preview.tasks``; a preview that has been cleaned away meanwhile is passed over."""
    preview_id, shard = str(told["preview_id"]), int(str(told["shard"]))
    mine = and_(previews.c.preview_id == preview_id, previews.c.shard == shard)
    async with desk.record.read() as conn:
        asked = await conn.scalar(select(previews.c.tokens).where(mine))
    if asked is None:
        return
    asks = from_plain(asked.get("requirements", ()))
    matter = matter_of(asked["labels"], asked["text"], desk.taxonomy.ancestors, asks)
    audience = await who_wants(await shards.caught_up(shard, 0), matter)
    if asked["scope"] is not None:
        async with desk.record.read() as conn:
            audience = only_named(await named(conn, asked["scope"], shard), audience)
    async with desk.record.write() as conn:
        await conn.execute(
            update(previews)
            .where(mine, previews.c.result.is_(None))
            .values(result=_counted(audience, can_act=asked.get("can_act", False)))
        )


def _counted(audience: Mapping[str, Routes], *, can_act: bool) -> dict[str, Any]:
    channels = Counter(
        channel
        for routes in audience.values()
        for channel in {channel for channel, _ in routes if may_go(channel, POLICY, False, can_act=can_act)}
    )
    samples = [_sample(who, routes) for who, routes in islice(audience.items(), SAMPLES)]
    return {"matched": len(audience), "by_channel": dict(channels), "samples": samples}


def _sample(subscriber_id: str, routes: Routes) -> dict[str, Any]:
    whys = dict.fromkeys(why for found in routes.values() for why in found)
    return {
        "subscriber_id": subscriber_id,
        "reasons": [{"subscription": why.subscription_id, "labels": list(why.labels)} for why in whys],
    }
