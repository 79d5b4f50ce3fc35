"""preview: one shard counts an audience and picks samples; nothing is planned."""

import asyncio
from collections import Counter
from typing import Any

from sqlalchemy import and_, select, update

from config.database.schema import previews
from streams.desk import Desk
from streams.matching.index import Match
from streams.matching.matter import matter_of
from streams.matching.shards import Shards

SAMPLES = 10
REST_EVERY = 500


async def count(desk: Desk, shards: Shards, told: dict[str, object]) -> None:
    """Take one message of ``preview.tasks``; a preview that has been cleaned away meanwhile is passed over."""
    preview_id, shard = str(told["preview_id"]), int(str(told["shard"]))
    mine = and_(previews.c.preview_id == preview_id, previews.c.shard == shard)
    async with desk.record.read() as conn:
        row = (await conn.execute(select(previews.c.tokens).where(mine))).first()
    if row is None:
        return
    matter = matter_of(row.tokens["labels"], row.tokens["text"], desk.taxonomy.ancestors)
    index = await shards.caught_up(shard, 0)
    total, channels, samples = 0, Counter[str](), list[dict[str, Any]]()
    for looked_at, found in enumerate(index.matches(matter)):
        if found is not None:
            total += 1
            channels.update({channel for (channel, _), _ in found.routes})
            if len(samples) < SAMPLES:
                samples.append(_sample(found))
        if looked_at % REST_EVERY == REST_EVERY - 1:
            await asyncio.sleep(0)
    result = {"matched": total, "by_channel": dict(channels), "samples": samples}
    async with desk.record.write() as conn:
        await conn.execute(update(previews).where(mine, previews.c.result.is_(None)).values(result=result))


def _sample(match: Match) -> dict[str, Any]:
    whys = {why for _, whys in match.routes for why in whys}
    return {
        "subscriber_id": match.subscriber_id,
        "reasons": [{"subscription": why.subscription_id, "labels": list(why.labels)} for why in whys],
    }
