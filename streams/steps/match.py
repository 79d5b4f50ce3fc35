"""match and fan out: one shard's subscribers against one campaign; ledger rows, then batches, then the mark."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping

from config.logging import get_logger
from config.metrics import PLANNED
from streams import ledger, policies
from streams.audience import former_recipients, named_audience
from streams.campaigns import REPEAL, Campaign, find_campaign, mark_shard
from streams.desk import Desk
from streams.fanout import FORMER_WHY, NAMED_WHY, Routes, batches, merge, planned_rows, routes_of
from streams.matching.index import SPACE, ShardIndex
from streams.matching.matter import matter_of
from streams.matching.shards import Shards
from streams.policies import PolicyView
from streams.wrong import Wrong

log = get_logger(__name__)

BATCH = 500  # recipients a hand-over; makes the log's cost per event irrelevant
REST_EVERY = 500  # subscribers looked at before the loop may do something else


async def match(desk: Desk, shards: Shards, told: dict[str, object]) -> None:
    """Take one message of ``match.tasks``; again is harmless, and hands over whatever is still open."""
    campaign_id, shard = str(told["campaign_id"]), int(str(told["shard"]))
    async with desk.record.read() as conn:
        campaign = await find_campaign(conn, campaign_id)
        if campaign is None:
            raise Wrong(f"there is no campaign {campaign_id}")
        view = await policies.find_policy(conn, campaign.agency_id, campaign.policy_id, campaign.revision)
    if view is None:
        raise Wrong(f"there is no revision for campaign {campaign_id}")
    index = await shards.caught_up(shard, int(str(told["after"])))
    audience = await _audience(desk, campaign, view, index, shard)
    planned, still_open = await _plan(desk, campaign, shard, audience)
    await _hand_over(desk, still_open)
    async with desk.record.write() as conn:
        await mark_shard(
            conn, campaign_id, shard, matched=len(audience), planned=planned, now=desk.clock.now()
        )
    log.info("shard.matched", campaign=campaign_id, shard=shard, matched=len(audience), planned=planned)


async def _hand_over(desk: Desk, still_open: Mapping[str, list[str]]) -> None:
    parts = [(channel, batch) for channel, ids in still_open.items() for batch in batches(ids, BATCH)]
    await asyncio.gather(*(desk.log.hand_over(channel, batch) for channel, batch in parts))


async def _audience(
    desk: Desk, campaign: Campaign, view: PolicyView, index: ShardIndex, shard: int
) -> dict[str, Routes]:
    audience: dict[str, Routes] = {}
    if campaign.occurrence != REPEAL:
        matter = matter_of(campaign.labels, f"{view.title}\n{view.body}", desk.taxonomy.ancestors)
        for looked_at, found in enumerate(index.matches(matter)):
            if found is not None:
                audience[found.subscriber_id] = routes_of(found)
            if looked_at % REST_EVERY == REST_EVERY - 1:
                await asyncio.sleep(0)
    async with desk.record.read() as conn:
        if campaign.occurrence == REPEAL or campaign.revision > 1:
            for subscriber_id, contact in await former_recipients(conn, campaign, shard):
                merge(audience.setdefault(subscriber_id, {}), [(contact, (FORMER_WHY,))])
        if view.targeted:
            named = await named_audience(conn, view.data["audience_scope"], shard)
            if campaign.occurrence == REPEAL:
                return {who: audience[who] for who in named if who in audience}
            return _reach(named, audience)
    return audience


def _reach(named: Iterable[str], audience: dict[str, Routes]) -> dict[str, Routes]:
    """Return only those whom the policy names; the enterprise space is theirs whatever they subscribe to."""
    reached: dict[str, Routes] = {}
    for subscriber_id in named:
        reached[subscriber_id] = dict(audience.get(subscriber_id, {}))
        merge(reached[subscriber_id], [((SPACE, SPACE), (NAMED_WHY,))])
    return reached


async def _plan(
    desk: Desk, campaign: Campaign, shard: int, audience: dict[str, Routes]
) -> tuple[int, dict[str, list[str]]]:
    """Write the rows; return how many the task has in all, and by channel those still open, whether new or not."""
    now = desk.clock.now()
    rows = [
        row
        for subscriber_id, routes in audience.items()
        for row in planned_rows(campaign, shard, subscriber_id, routes, now)
    ]
    for channel, count in Counter(row["channel"] for row in rows).items():
        PLANNED.labels(channel).inc(count)
    for start in range(0, len(rows), ledger.CHUNK):
        async with desk.record.write() as conn:
            await ledger.plan(conn, rows[start : start + ledger.CHUNK])
    async with desk.record.read() as conn:
        return await ledger.count(conn, campaign.campaign_id, shard), await ledger.open_rows(
            conn, campaign.campaign_id, shard
        )
