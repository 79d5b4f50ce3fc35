"""Whether the work under way is asked to end: what has not begun by then is left to whoever comes next.

An orderly stop gives work some seconds (`streams.delivery.steady.uncut`). Who waits on behalf of messages, for a turn
or for room, waits with `pause` and looks at `leaving` before it begins with another one: it then says `NotBegunError`.
"""

import asyncio
from contextvars import Context, ContextVar, copy_context

_asked: ContextVar[asyncio.Event | None] = ContextVar("leaving", default=None)


def asked_by(event: asyncio.Event) -> Context:
    """Return the context for work that is asked to end by ``event``."""
    context = copy_context()
    context.run(_asked.set, event)
    return context


def leaving() -> bool:
    """Whether this work is asked to end."""
    event = _asked.get()
    return event is not None and event.is_set()


async def pause(seconds: float, over: asyncio.Event | None = None) -> None:
    """Wait; at most until ``over`` is set, or this work is asked to end."""
    waiting = [asyncio.ensure_future(event.wait()) for event in (_asked.get(), over) if event is not None]
    if not waiting:
        await asyncio.sleep(seconds)
        return
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
