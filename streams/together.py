"""Takes events off a stream as many at a time as have come, so that small ones share the cost of a transaction."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any


async def together(stream: Any, most: int, linger_s: float = 0.0) -> AsyncGenerator[list[Any], None]:
    """Yield what has come since the last time: at least one event, at most ``most``, in their order.

    What comes less than ``linger_s`` after the first is taken with it; nothing else is waited for. Ends as the stream
    ends, raises what the stream raises.
    """
    come: asyncio.Queue[Any] = asyncio.Queue(most)

    async def read() -> None:
        async for event in stream.events():
            await come.put(event)

    reader = asyncio.create_task(read())
    try:
        while (first := await _next(come, reader)) is not None:
            events = [first]
            if linger_s and len(events) < most:
                await asyncio.sleep(linger_s)
            while len(events) < most and not come.empty():
                events.append(come.get_nowait())
            yield events
    finally:
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)


async def _next(come: asyncio.Queue[Any], reader: asyncio.Task[None]) -> Any | None:
    getter = asyncio.create_task(come.get())
    try:
        await asyncio.wait({getter, reader}, return_when=asyncio.FIRST_COMPLETED)
        if getter.done():
            return getter.result()
        if come.empty():
            reader.result()  # what ended the stream, if anything did
            return None
        return await getter
    finally:
        getter.cancel()
