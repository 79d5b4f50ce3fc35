"""The indexes that shards keep: loaded once, kept up to date, never trusted after a gap."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from config.metrics import INDEXED
from streams.matching import shards as shards_module
from streams.matching.index import ShardIndex
from streams.matching.keeping import loading
from streams.matching.matter import matter_of
from streams.matching.shards import Shards
from streams.names import DELIVERIES, MATCH_TASKS
from subscribers.model import shard_of
from subscribers.registry import opt_out
from tests.support.fakes import Logged
from tests.support.flow import NOW, SHARDS, Flow

EMAILS = DELIVERIES["email"]


def task(flow: Flow, subscriber_id: str = "S-1") -> Logged:
    """The newest task of a subscriber's shard."""
    shard = shard_of(subscriber_id, SHARDS)
    return [message for message in flow.log.on(MATCH_TASKS) if message.at.partition == shard][-1]


# -- shards ----------------------------------------------------------------------------------------------------------


def wanted_by(index: ShardIndex) -> set[str]:
    matter = matter_of(["industry:I65"], "", lambda dimension, code: ())
    return {found.subscriber_id for found in index.matches(matter) if found}


async def test_a_change_that_was_announced_before_the_dispatch_is_seen_by_its_task(flow: Flow) -> None:
    await flow.shards.assign(range(SHARDS))
    change = await flow.subscriber()
    await flow.announce(change)
    await flow.campaign()
    waiting = asyncio.create_task(flow.step(task(flow)))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await flow.pump("subscription.changes")
    await asyncio.wait_for(waiting, 60)
    assert len(await flow.rows()) == 1


async def test_the_metric_follows_who_comes_and_goes(flow: Flow) -> None:
    await flow.shards.assign(range(SHARDS))
    await flow.announce(await flow.subscriber("S-1"), await flow.subscriber("S-2"))
    await flow.pump("subscription.changes")
    assert INDEXED._value.get() == 2
    async with flow.record.write() as conn:
        await flow.announce(await opt_out(conn, "S-1", "all", via="link", now=NOW))
    await flow.pump("subscription.changes")
    assert INDEXED._value.get() == 1


async def test_a_change_that_never_comes_is_read_from_the_record_after_a_while(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards_module, "PATIENCE_S", 0.05)
    await flow.shards.assign(range(SHARDS))
    await flow.announce(await flow.subscriber())
    await flow.campaign()
    await flow.step(task(flow))  # nobody applies the change
    assert len(await flow.rows()) == 1


async def test_an_applied_change_adds_corrects_and_removes(flow: Flow) -> None:
    shard = shard_of("S-1", SHARDS)
    index = await flow.shards.caught_up(shard, 0)
    assert wanted_by(index) == set()
    await flow.subscriber()
    await flow.shards.apply(shard, 0, "S-1")
    assert wanted_by(index) == {"S-1"}
    async with flow.record.write() as conn:
        await opt_out(conn, "S-1", "all", via="test", now=NOW)
    await flow.shards.apply(shard, 1, "S-1")
    assert wanted_by(index) == set()


async def test_a_change_below_what_was_loaded_is_passed_over_and_a_later_one_counts(flow: Flow) -> None:
    shard = shard_of("S-1", SHARDS)
    for _ in range(3):
        await flow.log("subscription.changes", key=None, value=b"{}", partition=shard)
    index = await flow.shards.caught_up(shard, 0)
    await flow.subscriber()
    await flow.shards.apply(shard, 2, "S-1")
    assert wanted_by(index) == set()
    await flow.shards.apply(shard, 3, "S-1")
    assert wanted_by(index) == {"S-1"}


async def test_a_shard_that_went_elsewhere_is_dropped_and_read_anew_when_it_comes_back(flow: Flow) -> None:
    shard = shard_of("S-1", SHARDS)
    await flow.shards.assign([shard])
    await flow.shards.assign([])
    await flow.subscriber()
    await flow.shards.apply(shard, 0, "S-1")  # not ours: nothing to keep up to date
    await flow.shards.assign([shard])
    assert wanted_by(await flow.shards.caught_up(shard, 0)) == {"S-1"}


async def test_a_change_that_comes_while_its_shard_is_read_is_not_lost(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    shard = shard_of("S-1", SHARDS)
    read, go_on = asyncio.Event(), asyncio.Event()
    real = loading.load_shard

    async def slow(conn: Any, shard: int, **more: Any) -> AsyncIterator[Any]:
        async for row in real(conn, shard, **more):
            yield row
        if not more:
            read.set()
            await go_on.wait()

    monkeypatch.setattr(loading, "load_shard", slow)
    shards = Shards(flow.record, flow.desk.taxonomy.ancestors, flow.log.highwater)
    assigning = asyncio.create_task(shards.assign([shard]))
    await read.wait()
    await flow.subscriber()
    applying = asyncio.create_task(shards.apply(shard, 0, "S-1"))
    await asyncio.sleep(0.02)
    go_on.set()
    await asyncio.gather(assigning, applying)
    assert wanted_by(await shards.caught_up(shard, 0)) == {"S-1"}
