"""The record: one way to read and one way to write, the same on SQLite and PostgreSQL."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Table, event
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from config.database.jsontext import from_text, to_text
from config.database.sqlite import open_with_our_connections

BUSY_TIMEOUT_MS = 30_000
WAL_TRIES, WAL_PAUSE_S = 100, 0.02
RETRYABLE = (ConnectionError, TimeoutError, OSError, PoolTimeout)

type_insert: dict[str, Any] = {"sqlite": sqlite_insert, "postgresql": postgresql_insert}


class Record:
    """The database behind the service.

    ``write()`` is a transaction; in ``read()`` each statement sees what is committed when it starts. On SQLite one
    writer at a time is let in, so that writers queue here instead of spinning on the file's lock; PostgreSQL needs no
    such queue.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._one_writer = asyncio.Lock() if engine.dialect.name == "sqlite" else None

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection for reading only: what is written on it is outside any transaction of ours."""
        async with self.engine.connect() as conn:
            yield conn

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection in a transaction; it is committed at the end, rolled back on an error."""
        if self._one_writer is None:
            async with self.engine.begin() as conn:
                yield conn
            return
        async with self._one_writer, self.engine.connect() as conn:
            await conn.exec_driver_sql("BEGIN IMMEDIATE")
            yield conn
            await conn.commit()

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def open_record(url: str) -> Record:
    """Return the record at ``url`` (``sqlite+aiosqlite:///file`` or ``postgresql+asyncpg://…``), unopened.

    Its errors do not quote what was written: names, bodies and tokens would stand in the log.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        # Last in, first out: what one connection can do is done by one, and its page cache is not filled eight times.
        engine = create_async_engine(
            parsed,
            pool_size=8,
            max_overflow=0,
            pool_timeout=60,
            pool_use_lifo=True,
            hide_parameters=True,
            json_serializer=to_text,
            json_deserializer=from_text,
        )
        open_with_our_connections(engine.sync_engine)
        event.listen(engine.sync_engine, "connect", _sqlite_connect)
        return Record(engine)
    return Record(
        create_async_engine(
            parsed,
            pool_size=8,
            max_overflow=8,
            pool_pre_ping=True,
            pool_timeout=60,
            hide_parameters=True,
            json_serializer=to_text,
            json_deserializer=from_text,
        )
    )


def insert_new(conn: AsyncConnection, table: Table) -> Any:
    """Return an INSERT into ``table`` that leaves rows whose unique key stands already untouched."""
    return type_insert[conn.dialect.name](table).on_conflict_do_nothing()


def upsert(conn: AsyncConnection, table: Table, update: Sequence[str]) -> Any:
    """Return an INSERT into ``table`` that, where the primary key stands already, sets the columns ``update``."""
    statement = type_insert[conn.dialect.name](table)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={name: statement.excluded[name] for name in update},
    )


# Classes of SQLSTATE that pass: connection, resources, operator intervention (shutdown, starting up), system, locks.
# Source: PostgreSQL's appendix A.
PASSING = ("08", "53", "57", "58", "40", "55")
SQLITE_PASSING = (
    "SQLITE_BUSY",
    "SQLITE_LOCKED",
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_CANTOPEN",
    "SQLITE_READONLY",
)


def is_outage(exc: BaseException) -> bool:
    """Whether ``exc`` says that the record (or another server) is away for now, so that waiting may help.

    A violated constraint or a wrong statement is not an outage. SQLite says by its error's name that the disk is full
    or the file locked, PostgreSQL by SQLSTATE that it is starting up, shutting down or out of something.
    """
    if not isinstance(exc, DBAPIError):
        return isinstance(exc, RETRYABLE)
    if exc.connection_invalidated or isinstance(exc.orig, OSError):
        return True
    state = getattr(exc.orig, "sqlstate", None)
    if state:
        return str(state).startswith(PASSING)
    code = getattr(exc.orig, "sqlite_errorname", None)
    if code:
        return str(code).startswith(SQLITE_PASSING)
    return isinstance(exc, InterfaceError)


def _sqlite_connect(connection: Any, _record: Any) -> None:
    # SQLAlchemy starts transactions itself (BEGIN IMMEDIATE above), so the driver must not.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    _to_wal(cursor)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY", "cache_size=-8000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _to_wal(cursor: Any) -> None:
    # Several connections may turn a brand-new file into WAL at once, and for that SQLite does not wait: the others
    # are told "locked" and find it done when they ask again.
    for attempt in range(WAL_TRIES):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if attempt == WAL_TRIES - 1:
                raise
            time.sleep(WAL_PAUSE_S)
        else:
            return
