"""The ear of the channels: what far sides tell by themselves goes into the record, many of them in one transaction."""

import asyncio
from collections.abc import Sequence

from channels.heard import FarReport, Reply
from config.clock import Clock
from config.database import Record
from streams.far.reports import keep
from streams.log import EventLog
from streams.receipts.replies import take_reply
from subscribers.contacts import Vault

AT_ONCE = 1_000


class Hearing:
    """Keeps reports and takes replies; see `channels.heard.Heard`.

    Carriers report one by one and by the thousand: whoever comes while a transaction is being written waits for the
    next one, which writes for all that wait.
    """

    def __init__(self, record: Record, vault: Vault, events: EventLog, clock: Clock) -> None:
        """Nothing is read or written yet."""
        self._record = record
        self._vault = vault
        self._events = events
        self._clock = clock
        self._waiting: list[tuple[FarReport, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def reports(self, found: Sequence[FarReport]) -> None:
        """Keep reports; durable when this returns. `apply_parked` brings them to their rows within a second."""
        if not found:
            return
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting += [(one, written) for one in found]
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        await written

    async def replies(self, found: Sequence[Reply]) -> None:
        """Do what replies ask for; durable when this returns."""
        for reply in found:
            await take_reply(self._record, self._vault, self._events, self._clock, reply)

    async def _write(self) -> None:
        """Write until nobody waits."""
        try:
            while self._waiting:
                now, self._waiting = self._waiting, []
                try:
                    await self._keep([one for one, _ in now])
                except Exception as exc:  # noqa: BLE001 - it is for those who handed the reports over
                    _end(now, exc)
                except BaseException:
                    _end([*now, *self._waiting], ConnectionError("the service ends"))
                    raise
                else:
                    _end(now, None)
        finally:
            self._writer = None

    async def _keep(self, found: Sequence[FarReport]) -> None:
        for begin in range(0, len(found), AT_ONCE):
            async with self._record.write() as conn:
                await keep(conn, self._vault, found[begin : begin + AT_ONCE], self._clock.now())


def _end(waiting: Sequence[tuple[FarReport, asyncio.Future[None]]], why: Exception | None) -> None:
    for _, written in waiting:
        if not written.done():
            if why is None:
                written.set_result(None)
            else:
                written.set_exception(why)
