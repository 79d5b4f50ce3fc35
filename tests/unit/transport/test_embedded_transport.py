"""The embedded transport under a whole Faust app: outages, take-over, rebuilt apps."""

import asyncio
import os
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from faust.exceptions import ImproperlyConfigured
from faust.types import TP, TopicT
from yarl import URL

from streams.transport import EventTooLarge, LogUnavailable, UnknownTopic
from streams.transport.producer import topic_config
from streams.transport.transport import parse_url
from tests.contract.transport_bench import (
    Collector,
    eventually,
    make_app,
    raw_topic,
    reading,
    send_durably,
    sending,
    worker_process,
)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB, so that a full disk is a real one."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Use up a file system to its last byte."""
    ballast = folder / "ballast"
    with ballast.open("ab", buffering=0) as out:
        for size in (65_536, 4_096, 1):
            while True:
                try:
                    out.write(b"\0" * size)
                except OSError:
                    break
    return ballast


async def send_until_refused(channel: TopicT) -> None:
    """The write-ahead log may have some room left when its disk is full."""
    for _ in range(500):
        await (await channel.send(value=b"x" * 7_000))


async def test_a_full_disk_refuses_events_and_stops_nothing(small_disk: Path, tmp_path: Path) -> None:
    url, got, again = f"embedded://{small_disk}/log.db", Collector(), Collector()
    async with sending(url, "t", tmp_path) as channel:
        async with reading(url, "g", "t", tmp_path, got) as app:
            await send_durably(channel, [b"before"])
            await eventually(lambda: got.values == [b"before"])
            ballast = fill(small_disk)
            with pytest.raises(LogUnavailable, match=r"log\.db: the disk"):
                await send_until_refused(channel)
            ballast.unlink()
            await (await channel.send(value=b"after"))
            await eventually(lambda: b"after" in got.values)
            assert not app.crashed
            await asyncio.sleep(0.5)
        async with reading(url, "g", "t", tmp_path, again):
            await send_durably(channel, [b"last"])
            await eventually(lambda: b"last" in again.values)
    assert again.values == [b"last"]


async def test_commits_wait_for_a_locked_log_without_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.transport.store.LOCK_PATIENCE_S", 0.05)
    url, got = f"embedded://{tmp_path}/log.db", Collector()
    other = sqlite3.connect(tmp_path / "log.db", isolation_level=None, check_same_thread=False)
    locked = False

    async def lock_then_collect(event: object) -> None:
        nonlocal locked
        if not locked:
            other.execute("BEGIN IMMEDIATE")
            locked = True
        await got(event)

    async with (
        reading(url, "g", "t", tmp_path, lock_then_collect) as app,
        sending(url, "t", tmp_path) as channel,
    ):
        await send_durably(channel, [b"x"], partition=0)
        await eventually(lambda: got.values == [b"x"])
        await asyncio.sleep(1)
        assert not app.crashed
        assert app.consumer._committer.owed == {TP("t", 0): 1}
        with pytest.raises(LogUnavailable, match="write lock"):
            await (await channel.send(value=b"refused"))
        other.execute("ROLLBACK")
        await eventually(lambda: not app.consumer._committer.owed)
        assert await app.transport.lag() == {"g": {TP("t", n): 0 for n in range(4)}}
    other.close()


async def test_a_standby_takes_over_when_the_first_is_killed(tmp_path: Path) -> None:
    url, got, taken_over = f"embedded://{tmp_path}/log.db", Collector(), asyncio.Event()

    async def stand_by() -> None:
        async with reading(url, "g", "t", tmp_path, got):  # starts when the group is free
            taken_over.set()
            await eventually(lambda: b"2" in got.values)

    async with sending(url, "t", tmp_path) as channel:
        await send_durably(channel, [b"1"])
        with worker_process(url, "g", "t", tmp_path / "out.txt") as first:
            await eventually(lambda: first.lines() == ["1"])
            standby = asyncio.create_task(stand_by())
            await send_durably(channel, [b"still the first's"])
            await eventually(lambda: len(first.lines()) == 2)
            await asyncio.sleep(1.5)  # longer than a free group would take
            assert not taken_over.is_set()
            first.kill9()
            await send_durably(channel, [b"2"])
            await standby


async def test_a_standby_can_be_stopped_while_it_waits(tmp_path: Path) -> None:
    url, got = f"embedded://{tmp_path}/log.db", Collector()
    async with reading(url, "g", "t", tmp_path, got):
        standby = make_app(url, "g", tmp_path)
        standby.agent(raw_topic(standby, "t"), name="idle")(_never_called)
        starting = asyncio.create_task(standby.start())
        await asyncio.sleep(1.5)
        assert not starting.done()
        async with asyncio.timeout(60):
            await standby.stop()
            await starting


async def _never_called(stream: AsyncIterator[object]) -> None:
    async for _ in stream:
        pytest.fail("a standby was given an event")


async def test_an_app_is_built_again_in_the_same_process(tmp_path: Path) -> None:
    url = f"embedded://{tmp_path}/log.db"
    open_before = len(os.listdir("/proc/self/fd"))
    for round_number in range(3):
        got = Collector()
        async with reading(url, "g", "t", tmp_path, got), sending(url, "t", tmp_path) as channel:
            await send_durably(channel, [b"%d" % round_number])
            await eventually(lambda: bool(got.values))  # noqa: B023
        assert got.values == [b"%d" % round_number]
    assert len(os.listdir("/proc/self/fd")) <= open_before + 2


async def test_a_crashed_app_gives_the_group_to_its_successor(tmp_path: Path) -> None:
    url, first, second = f"embedded://{tmp_path}/log.db", Collector(), Collector()
    async with sending(url, "t", tmp_path) as channel:
        async with reading(url, "g", "t", tmp_path, first) as app:
            await send_durably(channel, [b"1"])
            await eventually(lambda: first.values == [b"1"])
            await app.crash(RuntimeError("a test's crash"))
        async with reading(url, "g", "t", tmp_path, second):
            await send_durably(channel, [b"2"])
            await eventually(lambda: b"2" in second.values)
    assert first.values == [b"1"]
    assert second.values in (
        [b"2"],
        [b"1", b"2"],
    )  # what the crashed one had not yet written down comes again


async def test_a_seek_back_reads_again(tmp_path: Path) -> None:
    url, got = f"embedded://{tmp_path}/log.db", Collector()
    async with reading(url, "g", "t", tmp_path, got) as app, sending(url, "t", tmp_path) as channel:
        await send_durably(channel, [b"1", b"2"], partition=0)
        await eventually(lambda: len(got.values) == 2)
        await app.consumer.seek(TP("t", 0), 1)
        await eventually(lambda: len(got.values) == 3)
    assert got.values == [b"1", b"2", b"2"]


async def test_retention_runs_beside_a_working_app(tmp_path: Path) -> None:
    url, got = f"embedded://{tmp_path}/log.db", Collector()
    async with reading(url, "g", "t", tmp_path, got) as app, sending(url, "t", tmp_path) as channel:
        await app.transport.create_topic("t", 4, {"retention.ms": "1000"})
        await send_durably(channel, [b"old"] * 10, partition=0)
        await eventually(lambda: len(got.values) == 10)
        await asyncio.sleep(0.5)
        assert await app.transport.trim(now_ms=int(time.time() * 1000) - 60_000) == 0
        assert await app.transport.trim(now_ms=int(time.time() * 1000) + 60_000) == 10
        assert dict(await app.consumer.earliest_offsets(TP("t", 0))) == {TP("t", 0): 10}
        await send_durably(channel, [b"new"], partition=0)
        await eventually(lambda: got.values[-1] == b"new")


async def test_mistakes_in_a_send_are_told_at_once(tmp_path: Path) -> None:
    url = f"embedded://{tmp_path}/log.db"
    app = make_app(url, "g", tmp_path, producer_max_request_size=1_000)
    app.producer_only = True
    with pytest.raises(LogUnavailable, match="not running"):
        await app.producer.send("t", None, b"x", None, None, None)
    await app.start()
    try:
        await raw_topic(app, "t").maybe_declare()
        with pytest.raises(UnknownTopic, match="nowhere"):
            await app.producer.send("nowhere", None, b"x", None, None, None)
        with pytest.raises(UnknownTopic, match=r"t\[4\]"):
            await app.producer.send("t", None, b"x", 4, None, None)
        with pytest.raises(EventTooLarge, match="1001 bytes"):
            await app.producer.send("t", None, b"x" * 1_001, None, None, None)
    finally:
        await app.stop()


@pytest.mark.parametrize(
    "url", ["embedded://log.db", "embedded:///dir/", "embedded:///l.db?sync=OFF", "embedded:///l.db?fast=1"]
)
def test_a_wrong_url_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"embedded|sync"):
        parse_url(URL(url))


def test_a_right_url_names_the_file_and_the_durability() -> None:
    assert parse_url(URL("embedded:///data/log.db")) == ("/data/log.db", "FULL")
    assert parse_url(URL("embedded:///my%20data/log.db?sync=NORMAL")) == ("/my data/log.db", "NORMAL")


def test_topic_options_have_kafkas_names() -> None:
    assert topic_config(None, None, None, None) == {}
    assert topic_config({"max.message.bytes": 9}, 2.5, True, True) == {
        "cleanup.policy": "compact,delete",
        "retention.ms": "2500",
        "max.message.bytes": "9",
    }
