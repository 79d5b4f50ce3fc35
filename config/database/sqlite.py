"""How the record opens SQLite: connections that end however often they are told to."""

import asyncio
import sqlite3
from collections.abc import Coroutine
from functools import partial
from typing import Any

import aiosqlite
from sqlalchemy import Engine, event

ROWS_AHEAD = 64


class Connection(aiosqlite.Connection):
    """A connection that may be stopped twice.

    Who is cancelled in the middle of a query, and again while that is cleaned up, stops his connection twice. The first
    stop ends its thread; stock aiosqlite then waits for ever for an answer to the second, and so does the program
    when it ends.
    """

    _stopped = False

    def stop(self) -> asyncio.Future[Any] | None:
        """End the thread; None where that was said before."""
        if self._stopped:
            return None
        self._stopped = True
        return super().stop()


def open_with_our_connections(engine: Engine) -> None:
    """Let ``engine`` (of aiosqlite) open its connections as `Connection`."""

    def connect(dialect: Any, _record: Any, args: list[Any], options: dict[str, Any]) -> Any:
        return dialect.dbapi.connect(*args, async_creator_fn=_opened, **options)

    event.listen(engine, "do_connect", connect)


def _opened(database: str, **options: Any) -> Coroutine[Any, Any, aiosqlite.Connection]:
    connection = Connection(partial(sqlite3.connect, database, **options), ROWS_AHEAD)
    connection._thread.daemon = True  # one that is left behind must not keep the program from ending

    async def opened() -> aiosqlite.Connection:
        return await connection

    return opened()
