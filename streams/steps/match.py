"""match and fan out: a shard's subscribers against a campaign; ledger rows, then batches, then the mark."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice

from config.clock import SHANGHAI
from config.logging import get_logger
from config.metrics import PLANNED
from streams import policies
from streams.campaigns.record import Campaign, find_campaign, lock_shards, mark_shard
from streams.desk import Desk
from streams.fanout import ledger
from streams.fanout.actionable import actionable
from streams.fanout.audience import audience_of
from streams.fanout.lanes import is_urgent
from streams.fanout.rows import Planned, Routes, batches, planned
from streams.matching.matter import matter_of
from streams.matching.shards import Shards
from streams.policies.requirements import requirements_of
from streams.wrong import Wrong

log = get_logger(__name__)

PLANNED_TOGETHER = 100_000  # rows that are written before their batches leave; 20 MB of memory
WRITTEN_TOGETHER = 2_000  # rows a transaction: whoever writes as well waits for its end
MARKED_TOGETHER = 20_000  # rows counted in a transaction, for the same reason
REST_EVERY = 500  # subscribers whose rows are made before the loop may do something else
BATCH = 500  # recipients a hand-over; makes the log's cost per event irrelevant


@dataclass(frozen=True)
class Ready:
    """A shard's rows to be, made and not yet written.

    Attributes:
        shard: its number.
        matched: subscribers in its audience.
        with_rows: how many of them have any.
        rows: in pieces, each of them in order.
    """

    shard: int
    matched: int
    with_rows: int
    rows: Sequence[Sequence[Planned]]

    @property
    def planned(self) -> int:
        """How many rows there are."""
        return sum(map(len, self.rows))


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
    urgent = is_urgent(campaign.occurrence, view.data, desk.clock.now())
    ready: list[Ready] = []
    for shard, after in parts:
        index = await shards.caught_up(shard, after)
        async with desk.record.read() as conn:
            audience = await audience_of(conn, campaign, view, matter, index, shard)
        ready.append(await _ready(campaign, shard, audience, can_act=can_act))
        if sum(one.planned for one in ready) >= PLANNED_TOGETHER:
            await _finish(desk, campaign.campaign_id, ready, urgent=urgent)
            ready = []
    if ready:
        await _finish(desk, campaign.campaign_id, ready, urgent=urgent)


async def _ready(campaign: Campaign, shard: int, audience: Mapping[str, Routes], *, can_act: bool) -> Ready:
    """Make a shard's rows."""
    pieces, with_rows, left = [], 0, iter(audience.items())
    while some := list(islice(left, REST_EVERY)):
        rows = sorted(planned(campaign, shard, some, can_act=can_act))
        with_rows += len({row.subscriber_id for row in rows})
        pieces.append(rows)
        await asyncio.sleep(0)
    return Ready(shard, len(audience), with_rows, pieces)


async def _finish(desk: Desk, campaign_id: str, ready: Sequence[Ready], *, urgent: bool) -> None:
    """Write the rows, hand over what is open, and only then mark the shards."""
    await _write(desk, campaign_id, ready)
    numbers = [one.shard for one in ready]
    async with desk.record.read() as conn:
        still_open = await ledger.open_rows(conn, campaign_id, numbers)
    parts = [(channel, batch) for channel, ids in still_open.items() for batch in batches(ids, BATCH)]
    await asyncio.gather(*(desk.log.hand_over(channel, batch, urgent=urgent) for channel, batch in parts))
    for some in marked_together(ready):
        await _mark(desk, campaign_id, some)
    matched = sum(one.matched for one in ready)
    log.info("shards.matched", campaign=campaign_id, shards=numbers, matched=matched)


async def _write(desk: Desk, campaign_id: str, ready: Sequence[Ready]) -> None:
    """Write the rows of all shards in the order of their ids.

    That is the order of the ledger's largest index, whose entries are scattered otherwise: in a grown ledger each row
    would change a page of its own, and each transaction write nearly all of them anew.
    """
    now = desk.clock.now()
    rows = merge(*(piece for one in ready for piece in one.rows))
    while part := list(islice(rows, WRITTEN_TOGETHER)):
        async with desk.record.write() as conn:
            await ledger.plan(conn, campaign_id, part, now)
        for channel, count in Counter(row.channel for row in part).items():
            PLANNED.labels(channel).inc(count)


def marked_together(ready: Iterable[Ready]) -> Iterator[list[Ready]]:
    """Yield shards that are counted and marked in one transaction, pure: small ones together, large ones alone."""
    some: list[Ready] = []
    for one in ready:
        if some and sum(other.planned for other in (*some, one)) > MARKED_TOGETHER:
            yield some
            some = []
        some.append(one)
    if some:
        yield some


async def _mark(desk: Desk, campaign_id: str, ready: Sequence[Ready]) -> None:
    numbers = [one.shard for one in ready]
    now = desk.clock.now()
    async with desk.record.write() as conn:
        await lock_shards(conn, [campaign_id], numbers)
        counted = await ledger.counts(conn, campaign_id, numbers)
        for one in ready:
            rows, reached = counted.get(one.shard, (0, 0))
            # Who has rows without being in the audience joined meanwhile, and was matched as well.
            joined = max(0, reached - one.with_rows)
            await mark_shard(
                conn, campaign_id, one.shard, matched=one.matched + joined, planned=rows, now=now
            )
