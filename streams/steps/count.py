"""preview: one shard counts an audience and picks samples; nothing is planned."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from config.channels import NAMES
from config.database.schema import previews
from streams.campaigns.occurrences import POLICY
from streams.desk import Desk
from streams.fanout.actionable import may_go
from streams.fanout.audience import named
from streams.fanout.former import former_recipients
from streams.matching.matter import matter_of
from streams.matching.people.columns import mask_of
from streams.matching.shards import Shards
from streams.policies.requirements import from_plain
from streams.preview.crowds import Crowd, crowd_of, named_crowd, shown
from streams.preview.tally import tally
from subscribers.vouching import waiting_to_be_named


async def count(desk: Desk, shards: Shards, told: dict[str, object]) -> None:
    """Take one message of ``preview.tasks``; a preview that has been cleaned away meanwhile is passed over."""
    preview_id, shard = str(told["preview_id"]), int(str(told["shard"]))
    mine = and_(previews.c.preview_id == preview_id, previews.c.shard == shard)
    async with desk.record.read() as conn:
        asked = await conn.scalar(select(previews.c.tokens).where(mine))
    if asked is None:
        return
    requirements = from_plain(asked["requirements"])
    matter = matter_of(asked["labels"], asked["text"], desk.taxonomy.ancestors, requirements)
    index = await shards.caught_up(shard, 0)
    usable = mask_of([name for name in NAMES if may_go(name, POLICY, False, can_act=asked["can_act"])])
    async with desk.record.read() as conn:
        former = await _former(conn, asked["before"], shard)
        names = await named(conn, asked["scope"], shard) if asked["scope"] else None
        unconfirmed = await _unconfirmed(conn, asked["scope"], shard, names) if names is not None else {}
    if names is None:
        crowd = crowd_of(index, matter, usable, former)
    else:
        crowd = named_crowd(index, matter, usable, former, names)
    result = _counted(desk, crowd, unconfirmed, asked, desk.clock.now())
    async with desk.record.write() as conn:
        await conn.execute(update(previews).where(mine, previews.c.result.is_(None)).values(result=result))


async def _unconfirmed(
    conn: AsyncConnection, scope: Mapping[str, Any], shard: int, names: frozenset[str]
) -> dict[str, int]:
    codes, associations = scope.get("credit_codes", ()), scope.get("associations", ())
    return await waiting_to_be_named(conn, shard, credit_codes=codes, association_ids=associations, but=names)


def _counted(
    desk: Desk, crowd: Crowd, unconfirmed: Mapping[str, int], asked: dict[str, Any], now: datetime
) -> dict[str, Any]:
    counted = tally(
        crowd,
        list(desk.taxonomy.codes["size"]),
        waits=asked["waits"],
        now=now,
        over=asked["over"],
        unconfirmed=unconfirmed,
    )
    return counted | {"samples": shown(crowd.samples)}


async def _former(conn: AsyncConnection, before: Sequence[Any] | None, shard: int) -> dict[str, int]:
    """Return who got an earlier revision, and by which channels."""
    found: dict[str, int] = {}
    if before is not None:
        agency_id, policy_id, revision = before
        for who, (channel, _) in await former_recipients(conn, (agency_id, policy_id, revision), shard):
            found[who] = found.get(who, 0) | mask_of([channel])
    return found
