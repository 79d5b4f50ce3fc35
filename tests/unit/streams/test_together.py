"""Events that have come are taken together, in their order, and nothing is waited for beyond the first."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import pytest

from streams.together import together


class Stream:
    """What `together` asks of a Faust stream: events as they come, until the end or an error."""

    def __init__(self) -> None:
        self.come: asyncio.Queue[int | BaseException | None] = asyncio.Queue()
        self.ended = False

    async def events(self) -> AsyncIterator[int]:
        try:
            while (event := await self.come.get()) is not None:
                if isinstance(event, BaseException):
                    raise event
                yield event
        finally:
            self.ended = True

    def send(self, *events: int | BaseException | None) -> None:
        for event in events:
            self.come.put_nowait(event)


async def taken(stream: Stream, most: int, turns: int) -> Sequence[list[int]]:
    found = []
    async with aclosing(together(stream, most)) as batches:
        async for events in batches:
            found.append(events)
            if len(found) == turns:
                break
            await asyncio.sleep(0.01)
    return found


async def test_one_event_is_not_kept_waiting_for_company() -> None:
    stream = Stream()
    stream.send(1)
    async with asyncio.timeout(60):
        assert await taken(stream, 10, 1) == [[1]]


async def test_what_came_meanwhile_is_taken_together_in_its_order() -> None:
    stream = Stream()
    stream.send(*range(7), None)
    found = await taken(stream, 3, 99)
    assert [event for events in found for event in events] == list(range(7))
    assert max(map(len, found)) <= 3
    assert len(found) < 7


async def test_the_end_of_the_stream_is_the_end() -> None:
    stream = Stream()
    stream.send(1, 2, None)
    found = await taken(stream, 10, 99)
    assert [event for events in found for event in events] == [1, 2]


async def test_an_error_of_the_stream_comes_after_what_came_before_it() -> None:
    stream = Stream()
    stream.send(1, ValueError("torn"))
    batches = together(stream, 1)
    assert await anext(batches) == [1]
    with pytest.raises(ValueError, match="torn"):
        await anext(batches)


async def test_whoever_stops_listening_leaves_no_reader_behind() -> None:
    stream = Stream()
    stream.send(1, 2, 3)
    await taken(stream, 1, 1)
    assert stream.ended


async def test_what_comes_while_it_lingers_is_taken_with_the_first() -> None:
    stream = Stream()

    async def send_one_by_one() -> None:
        for event in range(5):
            stream.send(event)
            await asyncio.sleep(0.001)

    async with (
        asyncio.TaskGroup() as group,
        asyncio.timeout(60),
        aclosing(together(stream, 4, 0.3)) as batches,
    ):
        group.create_task(send_one_by_one())
        assert await anext(batches) == [0, 1, 2, 3]
        assert await anext(batches) == [4]
