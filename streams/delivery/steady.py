"""Between a claim and its outcome: what is cut off there waits for its lease or goes out twice; nothing cuts it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from channels.leaving import asked_by
from config.database import Record
from config.database.record import is_outage
from config.logging import get_logger

log = get_logger(__name__)

GRACE_S = 10.0  # below what a process that is asked to stop is given
FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 1.0  # short: once the record is back, the lease may already be running out

T = TypeVar("T")


async def uncut(work: Coroutine[Any, Any, None]) -> None:
    """Do ``work`` to its end; cancelled meanwhile, ask it to end, give it `GRACE_S` for that and only then stop it.

    Asked to end (`channels.leaving`), it writes what came of what it has begun, and lets go of the rest.

    Raises:
        Exception: what ``work`` raised.
        asyncio.CancelledError: it was cancelled; the work has ended or its time was up.
    """
    asked = asyncio.Event()
    task = asyncio.get_running_loop().create_task(work, context=asked_by(asked))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        asked.set()
        await asyncio.wait([task], timeout=GRACE_S)
        if not task.cancel() and not task.cancelled() and (failed := task.exception()) is not None:
            log.warning("stopped_work.failed", why=f"{type(failed).__name__}: {failed}"[:300])
        raise


async def there(action: Callable[[], Awaitable[T]]) -> T:
    """Do ``action``, again and again while the record is away.

    Args:
        action: may be called again after a failed commit that took effect after all, and must then do no harm.

    Raises:
        Exception: what waiting does not mend.
    """
    wait_s = FIRST_WAIT_S
    while True:
        try:
            return await action()
        except Exception as exc:
            if not is_outage(exc):
                raise
            log.warning("record.awaited", why=str(exc)[:300])
        await asyncio.sleep(wait_s)
        wait_s = min(wait_s * 2, LONGEST_WAIT_S)


async def written(record: Record, write: Callable[[AsyncConnection], Awaitable[None]]) -> None:
    """Write in a transaction, waiting for as long as the record is away; see `there`."""

    async def once() -> None:
        async with record.write() as conn:
            await write(conn)

    await there(once)
