"""match and fan out: a shard's subscribers against a campaign; ledger rows, then batches, then the mark."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from config.clock import SHANGHAI
from config.logging import get_logger
from config.metrics import PLANNED
from streams import ledger, policies
from streams.actionable import actionable
from streams.audience import audience_of
from streams.campaigns import Campaign, find_campaign, lock_shards, mark_shard
from streams.desk import Desk
from streams.fanout import Routes, batches, planned_rows
from streams.matching.matter import matter_of
from streams.matching.shards import Shards
from streams.requirements import requirements_of
from streams.wrong import Wrong

log = get_logger(__name__)

PLANNED_TOGETHER = 2_000  # subscribers whose rows are written before their batches leave
BATCH = 500  # recipients a hand-over; makes the log's cost per event irrelevant


@dataclass(frozen=True)
class Ready:
    """A shard's audience, to be planned; with ``can_act`` by SMS as well."""

    shard: int
    audience: dict[str, Routes]
    can_act: bool


async def match(desk: Desk, shards: Shards, *tasks: Mapping[str, object]) -> None:
    """Take messages of ``match.tasks``; again is harmless, and hands over whatever is still open.

    Tasks of one campaign that come together are planned together: a small audience then costs one batch, not sixteen.
    """
    for campaign_id, parts in grouped(tasks):
        await _match(desk, shards, campaign_id, parts)


def grouped(tasks: Iterable[Mapping[str, object]]) -> list[tuple[str, list[tuple[int, int]]]]:
    """Return tasks by campaign, each as (shard, after), pure; those of one shard keep their order.

    A relay asks who had a delivery: in a shard it must not be matched before the push that came before it.
    """
    groups: list[tuple[str, list[tuple[int, int]]]] = []
    last: dict[int, int] = {}  # shard → the group that its newest task went into
    for told in tasks:
        campaign_id, shard, after = str(told["campaign_id"]), int(str(told["shard"])), int(str(told["after"]))
        earliest = last.get(shard, 0)
        at = next((n for n in range(earliest, len(groups)) if groups[n][0] == campaign_id), len(groups))
        if at == len(groups):
            groups.append((campaign_id, []))
        groups[at][1].append((shard, after))
        last[shard] = at
    return groups


async def _match(desk: Desk, shards: Shards, campaign_id: str, parts: Sequence[tuple[int, int]]) -> None:
    async with desk.record.read() as conn:
        campaign = await find_campaign(conn, campaign_id)
        if campaign is None:
            raise Wrong(f"there is no campaign {campaign_id}")
        view = await policies.find_policy(conn, campaign.agency_id, campaign.policy_id, campaign.revision)
    if view is None:
        raise Wrong(f"there is no revision for campaign {campaign_id}")
    text, asks = f"{view.title}\n{view.body}", requirements_of(view)
    matter = matter_of(campaign.labels, text, desk.taxonomy.ancestors, asks)
    today = desk.clock.now().astimezone(SHANGHAI).date()
    can_act = actionable(campaign.labels, view.data, today)
    ready: list[Ready] = []
    for shard, after in parts:
        index = await shards.caught_up(shard, after)
        async with desk.record.read() as conn:
            audience = await audience_of(conn, campaign, view, matter, index, shard)
        ready.append(Ready(shard, audience, can_act))
        if sum(len(one.audience) for one in ready) >= PLANNED_TOGETHER:
            await _finish(desk, campaign, ready)
            ready = []
    if ready:
        await _finish(desk, campaign, ready)


async def _finish(desk: Desk, campaign: Campaign, ready: Sequence[Ready]) -> None:
    """Write the rows, hand over what is open, and only then mark the shards."""
    with_rows = await _plan(desk, campaign, ready)
    numbers = [one.shard for one in ready]
    async with desk.record.read() as conn:
        still_open = await ledger.open_rows(conn, campaign.campaign_id, numbers)
    parts = [(channel, batch) for channel, ids in still_open.items() for batch in batches(ids, BATCH)]
    await asyncio.gather(*(desk.log.hand_over(channel, batch) for channel, batch in parts))
    now = desk.clock.now()
    async with desk.record.write() as conn:
        await lock_shards(conn, [campaign.campaign_id], numbers)
        counted = await ledger.counts(conn, campaign.campaign_id, numbers)
        for one in ready:
            planned, reached = counted.get(one.shard, (0, 0))
            # Who has rows without being in the audience joined meanwhile, and was matched as well.
            joined = max(0, reached - with_rows[one.shard])
            done = {"matched": len(one.audience) + joined, "planned": planned}
            await mark_shard(conn, campaign.campaign_id, one.shard, **done, now=now)
    matched = sum(len(one.audience) for one in ready)
    log.info("shards.matched", campaign=campaign.campaign_id, shards=numbers, matched=matched)


async def _plan(desk: Desk, campaign: Campaign, ready: Sequence[Ready]) -> Counter[int]:
    """Write the rows and return how many subscribers of each shard have any."""
    now = desk.clock.now()
    rows = (
        row
        for one in ready
        for subscriber_id, routes in one.audience.items()
        for row in planned_rows(campaign, one.shard, subscriber_id, routes, now, can_act=one.can_act)
    )
    with_rows, last = Counter[int](), ""
    # Made as they are written: a broad policy's rows are never all in memory, and the loop rests at each write.
    while part := list(islice(rows, ledger.CHUNK)):
        async with desk.record.write() as conn:
            await ledger.plan(conn, part)
        for channel, count in Counter(row["channel"] for row in part).items():
            PLANNED.labels(channel).inc(count)
        for row in part:  # a subscriber's rows follow one another
            if row["subscriber_id"] != last:
                with_rows[row["shard"]], last = with_rows[row["shard"]] + 1, row["subscriber_id"]
    return with_rows
