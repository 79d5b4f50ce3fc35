"""Work that neither a stop nor an outage may cut in two."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from streams.delivery import steady
from streams.delivery.steady import uncut, written


class PatchyRecord:
    """A record that is away for the first ``outages`` transactions."""

    def __init__(self, outages: int, error: Exception | None = None) -> None:
        self.outages = outages
        self.error = error or ConnectionResetError("the server closed the connection")

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Any]:
        if self.outages:
            self.outages -= 1
            raise self.error
        yield object()


async def test_cancelled_work_ends_before_its_canceller_goes_on() -> None:
    steps: list[str] = []

    async def work() -> None:
        steps.append("sent")
        await asyncio.sleep(0.05)
        steps.append("written")

    task = asyncio.create_task(uncut(work()))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert steps == ["sent", "written"]


async def test_work_that_does_not_end_is_stopped_when_its_grace_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(steady, "GRACE_S", 0.02)
    stopped = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()

    task = asyncio.create_task(uncut(work()))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(30):
        await stopped.wait()


async def test_what_the_work_raises_is_raised() -> None:
    async def work() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await uncut(work())


async def test_outcomes_are_written_once_the_record_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "FIRST_WAIT_S", 0.001)
    record, calls = PatchyRecord(3), list[Any]()

    async def write(conn: Any) -> None:
        calls.append(conn)

    await written(record, write)  # type: ignore[arg-type]
    assert record.outages == 0
    assert len(calls) == 1


async def test_what_waiting_does_not_mend_is_raised_at_once() -> None:
    record = PatchyRecord(1, ValueError("wrong statement"))

    async def write(conn: Any) -> None:
        raise AssertionError("not reached")

    with pytest.raises(ValueError, match="wrong statement"):
        await written(record, write)  # type: ignore[arg-type]
