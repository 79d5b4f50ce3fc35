"""Writing in groups, and commits that survive an outage."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from faust.exceptions import ProducerSendError
from faust.types import TP

from streams.transport.committer import Committer
from streams.transport.errors import LogUnavailable
from streams.transport.group_commit import GroupCommit
from streams.transport.records import NewRecord

A, B = TP("a", 0), TP("b", 0)


def record(value: bytes) -> NewRecord:
    return NewRecord("a", 0, 1, None, value, None)


class Disk:
    """A log in memory whose disk can be broken; a write takes a moment, as a sync does."""

    def __init__(self) -> None:
        self.batches: list[list[NewRecord]] = []
        self.commits: list[dict[TP, int]] = []
        self.attempts = 0
        self.error: Exception | None = None

    async def append(self, records: list[NewRecord]) -> list[int]:
        await self._sync()
        start = sum(map(len, self.batches))
        self.batches.append(records)
        return list(range(start, start + len(records)))

    async def commit(self, offsets: dict[TP, int]) -> None:
        await self._sync()
        self.commits.append(offsets)

    async def _sync(self) -> None:
        self.attempts += 1
        await asyncio.sleep(0.01)
        if self.error is not None:
            raise self.error


@asynccontextmanager
async def background(work: object) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(work.run())  # type: ignore[attr-defined]
    yield task
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_events_sent_during_a_write_share_the_next_one() -> None:
    disk = Disk()
    queue = GroupCommit(disk.append)
    async with background(queue):
        first = queue.put(record(b"0"))
        await asyncio.sleep(0.005)
        rest = [queue.put(record(b"%d" % n)) for n in range(1, 50)]
        places = await asyncio.gather(first, *rest)
        await queue.flush()
    assert [place.offset for place in places] == list(range(50))
    assert [len(batch) for batch in disk.batches] == [1, 49]


@pytest.mark.parametrize("error", [LogUnavailable("the disk is full"), ValueError("a bug")])
async def test_a_refused_write_tells_each_sender_and_the_next_one_works(error: Exception) -> None:
    disk = Disk()
    queue = GroupCommit(disk.append)
    async with background(queue):
        disk.error = error
        outcomes = await asyncio.gather(*[queue.put(record(b"x")) for _ in range(3)], return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [LogUnavailable] * 3
        assert all(
            isinstance(outcome, ProducerSendError) and str(error) in str(outcome) for outcome in outcomes
        )
        disk.error = None
        assert (await queue.put(record(b"y"))).offset == 0


async def test_what_is_queued_at_a_cancel_is_refused_and_not_forgotten() -> None:
    disk = Disk()
    queue = GroupCommit(disk.append)
    async with background(queue):
        written = queue.put(record(b"being written"))
        await asyncio.sleep(0.005)
        queued = queue.put(record(b"queued"))
    with pytest.raises(LogUnavailable, match="may or may not"):
        await written
    with pytest.raises(LogUnavailable, match="before the event was written"):
        await queued
    await queue.flush()


async def test_a_failed_commit_is_tried_again_until_it_is_written() -> None:
    disk = Disk()
    disk.error = LogUnavailable("the disk is full")
    committer = Committer(disk.commit, first_delay_s=0.01, longest_delay_s=0.02)
    async with background(committer):
        assert not await committer.commit({A: 5})
        assert not await committer.commit({A: 7, B: 1})
        assert dict(committer.owed) == {A: 7, B: 1}
        while disk.attempts < 4:
            await asyncio.sleep(0.005)
        disk.error = None
        while committer.owed:
            await asyncio.sleep(0.005)
    assert disk.commits == [{A: 7, B: 1}]


async def test_the_next_commit_takes_along_what_is_owed() -> None:
    disk = Disk()
    disk.error = LogUnavailable("locked")
    committer = Committer(disk.commit)
    assert not await committer.commit({A: 5})
    disk.error = None
    assert await committer.commit({B: 2})
    assert disk.commits == [{A: 5, B: 2}]
    assert await committer.commit({})
    assert len(disk.commits) == 1
