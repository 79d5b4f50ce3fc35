"""What the service asks of its log, on the embedded one and on a real Kafka."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest
from faust.types import TP, TopicT

from streams.transport import done
from streams.transport.producer import partition_for_key
from tests.contract.transport_bench import (
    PARTITIONS,
    Collector,
    eventually,
    make_app,
    new_name,
    raw_topic,
    reading,
    send_durably,
    sending,
    worker_process,
)

# Computed with Kafka's own Java client (Utils.murmur2, 4.3.1), not with the code under test: four partitions.
KEYS_ON_FOUR_PARTITIONS = {b"91110000MA001": 3, "政达".encode(): 0, b"agency/policy": 1, b"agency/2": 2}


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "embedded":
        return f"embedded://{tmp_path}/log.db"
    return str(request.getfixturevalue("kafka_server").url)


@pytest.fixture
def topic() -> str:
    return new_name("topic")


@pytest.fixture
def group() -> str:
    return new_name("group")


async def test_key_value_and_headers_arrive_as_sent(url: str, topic: str, group: str, tmp_path: Path) -> None:
    got = Collector()
    async with reading(url, group, topic, tmp_path, got), sending(url, topic, tmp_path) as channel:
        headers = {"ce_id": b"1", "signature": bytes(range(256))}
        await (await channel.send(key="钥匙".encode(), value=b"\x00\xff body", headers=headers))
        await (await channel.send(value=b"bare"))
        await eventually(lambda: len(got.events) == 2)
    full = next(event for event in got.events if event.value != b"bare")
    bare = next(event for event in got.events if event.value == b"bare")
    assert (full.key, full.value, full.headers) == ("钥匙".encode(), b"\x00\xff body", headers)
    assert (bare.key, bare.headers) == (None, {})


async def test_durable_send_tells_where_the_event_is(url: str, topic: str, tmp_path: Path) -> None:
    async with sending(url, topic, tmp_path) as channel:
        places = [await (await channel.send(value=b"x", partition=2)) for _ in range(3)]
    assert [(place.topic, place.partition, place.offset) for place in places] == [
        (topic, 2, n) for n in range(3)
    ]


async def test_a_key_has_the_same_partition_on_both_logs(url: str, topic: str, tmp_path: Path) -> None:
    async with sending(url, topic, tmp_path) as channel:
        for key, partition in KEYS_ON_FOUR_PARTITIONS.items():
            places = [await (await channel.send(key=key, value=b"x")) for _ in range(2)]
            assert [place.partition for place in places] == [partition, partition]
        for key in (random.Random(4).randbytes(size) for size in range(1, 20)):
            place = await (await channel.send(key=key, value=b"x"))
            assert place.partition == partition_for_key(key, PARTITIONS)


async def test_explicit_partition_wins_over_the_key(url: str, topic: str, tmp_path: Path) -> None:
    async with sending(url, topic, tmp_path) as channel:
        key = b"agency/policy"
        places = [await (await channel.send(key=key, value=b"x", partition=n)) for n in range(PARTITIONS)]
    assert [place.partition for place in places] == list(range(PARTITIONS))


async def test_order_within_a_partition_is_the_order_of_sending(
    url: str, topic: str, group: str, tmp_path: Path
) -> None:
    got = Collector()
    async with reading(url, group, topic, tmp_path, got), sending(url, topic, tmp_path) as channel:
        futures = [await channel.send(value=b"%d" % n, partition=n % 2) for n in range(400)]
        await asyncio.gather(*futures)
        await eventually(lambda: len(got.events) == 400)
    for partition in (0, 1):
        mine = [event for event in got.events if event.partition == partition]
        assert [int(event.value) for event in mine] == list(range(partition, 400, 2))
        assert [event.offset for event in mine] == list(range(200))


async def test_events_sent_before_the_first_reader_are_read(
    url: str, topic: str, group: str, tmp_path: Path
) -> None:
    async with sending(url, topic, tmp_path) as channel:
        await send_durably(channel, [b"early"])
    got = Collector()
    async with reading(url, group, topic, tmp_path, got):
        await eventually(lambda: bool(got.values))
    assert got.values == [b"early"]


async def test_finished_events_do_not_come_again_after_a_clean_stop(
    url: str, topic: str, group: str, tmp_path: Path
) -> None:
    first, second = Collector(), Collector()
    async with sending(url, topic, tmp_path) as channel:
        async with reading(url, group, topic, tmp_path, first):
            await send_durably(channel, [b"%d" % n for n in range(50)])
            await eventually(lambda: len(first.events) == 50)
        async with reading(url, group, topic, tmp_path, second):
            await send_durably(channel, [b"new"])
            await eventually(lambda: b"new" in second.values)
            await asyncio.sleep(0.5)
    assert second.values == [b"new"]


async def test_an_event_whose_agent_raised_comes_again_after_a_restart(
    url: str, topic: str, group: str, tmp_path: Path
) -> None:
    first, second, third = Collector(raise_at=b"3"), Collector(), Collector()
    async with sending(url, topic, tmp_path) as channel:
        async with reading(url, group, topic, tmp_path, first) as app:
            await send_durably(channel, [b"%d" % n for n in range(10)], partition=0)
            await eventually(lambda: len(first.events) == 10)
            await asyncio.sleep(0.5)  # two commit intervals: nothing past the failed one may be committed
            assert app.consumer.progress.unfinished() == {TP(topic, 0): 1}
        async with reading(url, group, topic, tmp_path, second):
            await eventually(lambda: len(second.events) == 7)
        async with reading(url, group, topic, tmp_path, third):
            await send_durably(channel, [b"new"])
            await eventually(lambda: b"new" in third.values)
    assert second.values == [b"%d" % n for n in range(3, 10)]
    assert third.values == [b"new"]


async def test_an_event_cancelled_in_mid_work_comes_again(
    url: str, topic: str, group: str, tmp_path: Path
) -> None:
    first, second = Collector(block_at=b"2"), Collector()
    async with sending(url, topic, tmp_path) as channel:
        async with reading(url, group, topic, tmp_path, first):
            await send_durably(channel, [b"%d" % n for n in range(5)], partition=0)
            await eventually(lambda: len(first.events) == 3)
        async with reading(url, group, topic, tmp_path, second):
            await eventually(lambda: b"4" in second.values)
    assert first.values == [b"0", b"1", b"2"]
    assert second.values == [b"2", b"3", b"4"]


async def test_a_commit_asked_for_while_another_is_under_way_is_made_after_it(
    url: str, topic: str, group: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, commits = Collector(), []
    patient = {"broker_commit_interval": 3600.0}  # no commit but the test's own
    async with (
        sending(url, topic, tmp_path) as channel,
        reading(url, group, topic, tmp_path, seen, **patient) as app,
    ):
        await send_durably(channel, [b"finished meanwhile"])
        await eventually(lambda: len(seen.events) == 1)
        consumer, commit = app.consumer, app.consumer.force_commit

        async def recorded(*args: Any, **options: Any) -> bool:
            commits.append(args)
            return bool(await commit(*args, **options))

        monkeypatch.setattr(consumer, "force_commit", recorded)
        under_way = consumer._commit_fut = asyncio.Future()
        asked = asyncio.create_task(consumer.commit())
        await asyncio.sleep(0.05)
        assert not commits
        consumer._commit_fut = None
        under_way.set_result(None)
        await asked
        assert commits


async def test_a_stop_that_waits_for_work_finishes_it(
    url: str, topic: str, group: str, tmp_path: Path
) -> None:
    began, first, second = asyncio.Event(), Collector(), Collector()

    async def slow(event: object) -> None:
        began.set()
        await asyncio.sleep(0.5)
        await first(event)

    async with sending(url, topic, tmp_path) as channel:
        async with reading(url, group, topic, tmp_path, slow, stream_wait_empty=True):
            await send_durably(channel, [b"slow"])
            await began.wait()
        assert first.values == [b"slow"]
        async with reading(url, group, topic, tmp_path, second):
            await send_durably(channel, [b"new"])
            await eventually(lambda: b"new" in second.values)
    assert second.values == [b"new"]


async def test_two_groups_read_independently(url: str, topic: str, tmp_path: Path) -> None:
    one, other = Collector(), Collector()
    values = [b"%d" % n for n in range(20)]
    async with sending(url, topic, tmp_path) as channel:
        async with reading(url, new_name("one"), topic, tmp_path, one):
            await send_durably(channel, values)
            await eventually(lambda: len(one.events) == 20)
        async with reading(url, new_name("other"), topic, tmp_path, other):
            await eventually(lambda: len(other.events) == 20)
    assert sorted(one.values) == sorted(other.values) == sorted(values)


async def test_the_ends_of_a_partition_are_known(url: str, topic: str, group: str, tmp_path: Path) -> None:
    got = Collector()
    full, empty = TP(topic, 1), TP(topic, 2)
    async with reading(url, group, topic, tmp_path, got) as app, sending(url, topic, tmp_path) as channel:
        await send_durably(channel, [b"x"] * 7, partition=1)
        await eventually(lambda: len(got.events) == 7)
        assert dict(await app.consumer.highwaters(full, empty)) == {full: 7, empty: 0}
        assert dict(await app.consumer.earliest_offsets(full, empty)) == {full: 0, empty: 0}
        assert await app.consumer.position(full) == 7
        assert app.consumer.highwater(full) == 7


async def test_a_worker_killed_at_random_loses_nothing(
    url: str, topic: str, group: str, tmp_path: Path
) -> None:
    chance = random.Random(7)
    values = [b"%d" % n for n in range(600)]
    out = tmp_path / "out.txt"
    async with sending(url, topic, tmp_path) as channel:
        await send_durably(channel, values[:300])
        for kill in range(2):
            with worker_process(url, group, topic, out) as worker:
                seen_before = len(worker.lines())
                await eventually(lambda: len(worker.lines()) > seen_before + 20, timeout_s=120)  # noqa: B023
                await send_durably(channel, values[300 + 150 * kill : 450 + 150 * kill])
                await asyncio.sleep(chance.random() * 0.5)
        with worker_process(url, group, topic, out) as worker:
            await eventually(lambda: len(set(worker.lines())) == 600, timeout_s=120)
            assert worker.alive
    assert {line.encode() for line in out.read_text().splitlines()} == set(values)


async def test_a_second_worker_joins_under_load_and_outlives_the_first(
    url: str, topic: str, group: str, tmp_path: Path
) -> None:
    """On Kafka the two share the partitions (two rebalances, with events in flight); embedded, one stands by."""
    values = [b"%d" % n for n in range(900)]
    last = [b"last of %d" % partition for partition in range(PARTITIONS)]
    out, second, third = tmp_path / "out.txt", Collector(), Collector()

    async def join(channel: TopicT) -> None:
        """Stays until it has all partitions and has handled all that the killed worker left there."""
        async with reading(url, group, topic, tmp_path, second) as app:
            await eventually(lambda: not first.alive and len(app.consumer.assignment()) == PARTITIONS, 60)
            for partition, value in enumerate(last):
                await send_durably(channel, [value], partition=partition)
            await eventually(lambda: set(last) <= set(second.values), 60)
            await asyncio.sleep(0.5)

    async with sending(url, topic, tmp_path) as channel:
        with worker_process(url, group, topic, out) as first:
            await send_durably(channel, values[:600])
            await eventually(lambda: len(first.lines()) > 50)
            joined = asyncio.create_task(join(channel))
            await asyncio.sleep(2)
            await send_durably(channel, values[600:])
            await asyncio.sleep(0.2)
            first.kill9()
            await joined
        assert {line.encode() for line in first.lines()} | set(second.values) == {*values, *last}
        async with reading(url, group, topic, tmp_path, third):
            await send_durably(channel, [b"new"])
            await eventually(lambda: b"new" in third.values)
    assert third.values == [b"new"]


async def test_a_stalled_event_does_not_hold_back_other_partitions(
    url: str, topic: str, group: str, tmp_path: Path
) -> None:
    got, again = Collector(), Collector()
    app = make_app(url, group, tmp_path)

    async def agent(stream) -> None:
        async for event in stream.events():
            await got(event)
            if event.value != b"unfinished":
                done(event)

    app.agent(raw_topic(app, topic), name="forgetful")(agent)
    async with sending(url, topic, tmp_path) as channel:
        await app.start()
        await send_durably(channel, [b"unfinished"], partition=0)
        await send_durably(channel, [b"a", b"b"], partition=1)
        await eventually(lambda: len(got.events) == 3)
        await app.stop()
        async with reading(url, group, topic, tmp_path, again):
            await eventually(lambda: b"unfinished" in again.values)
            await asyncio.sleep(0.3)
    assert again.values == [b"unfinished"]
