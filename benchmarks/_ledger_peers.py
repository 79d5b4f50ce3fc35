"""How else rows could get into the ledger, on both databases: what `benchmarks/fanout.py` compares the step with.

Peers are given rows that are ready made and only write them, in transactions of as many rows as ours: no matching, no
reasons decoded, nothing read back, handed over or marked.
"""

import random
import sqlite3
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson

from config.database import Record
from config.database.record import insert_new
from config.database.schema import deliveries

COLUMNS = (
    "delivery_id",
    "campaign_id",
    "shard",
    "subscriber_id",
    "channel",
    "contact_id",
    "reasons",
    "state",
    "attempts",
    "due_at",
    "handed_at",
    "planned_at",
)
TOGETHER = 1_000  # rows a transaction
NAMED = ", ".join(COLUMNS)
AS_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

LedgerRow = dict[str, Any]
Spent = tuple[float, float]  # seconds, and seconds of processor in this process
Peer = Callable[[Record, Sequence[LedgerRow]], Awaitable[Spent]]


def some_rows(count: int, seed: int, state: str = "planned", at: datetime | None = None) -> list[LedgerRow]:
    """Rows of one campaign in the order in which shards give them: ids and subscribers scattered."""
    dice = random.Random(seed)
    campaign, now = str(uuid.UUID(int=dice.getrandbits(128))), at or datetime.now(UTC)
    who = list(range(count))
    dice.shuffle(who)
    return [
        {
            "delivery_id": str(uuid.UUID(int=dice.getrandbits(128))),
            "campaign_id": campaign,
            "shard": number * 16 // count,
            "subscriber_id": f"firm-{one:06}",
            "channel": "space",
            "contact_id": "space",
            "reasons": [{"subscription": str(uuid.UUID(int=one)), "labels": ["industry:I65"]}],
            "state": state,
            "attempts": 0,
            "due_at": now,
            "handed_at": now,
            "planned_at": now,
        }
        for number, one in enumerate(who)
    ]


async def by_sqlalchemy(record: Record, rows: Sequence[LedgerRow]) -> Spent:
    """SQLAlchemy's own executemany, as the ledger was written before."""
    began, began_cpu = time.perf_counter(), time.process_time()
    for part in _parts(rows):
        async with record.write() as conn:
            await conn.execute(insert_new(conn, deliveries), part)
    return time.perf_counter() - began, time.process_time() - began_cpu


async def by_driver(record: Record, rows: Sequence[LedgerRow]) -> Spent:
    """The driver's executemany alone, its values ready."""
    if record.dialect == "sqlite":
        return _by_sqlite3(str(record.engine.url.database), rows)
    given = [_values(row) for row in rows]
    marks = ", ".join(f"${place}" for place in range(1, len(COLUMNS) + 1))
    conn = await _asyncpg(record)
    began, began_cpu = time.perf_counter(), time.process_time()
    for part in _parts(given):
        async with conn.transaction():
            await conn.executemany(
                f"INSERT INTO deliveries ({NAMED}) VALUES ({marks}) ON CONFLICT DO NOTHING", part
            )
    took = time.perf_counter() - began, time.process_time() - began_cpu
    await conn.close()
    return took


async def by_copy(record: Record, rows: Sequence[LedgerRow]) -> Spent:
    """PostgreSQL's COPY into a table for a transaction, and on from there."""
    given = [_values(row) for row in rows]
    conn = await _asyncpg(record)
    began, began_cpu = time.perf_counter(), time.process_time()
    await conn.execute(
        f"CREATE TEMPORARY TABLE come ON COMMIT DELETE ROWS AS SELECT {NAMED} FROM deliveries WITH NO DATA"
    )
    for part in _parts(given):
        async with conn.transaction():
            await conn.copy_records_to_table("come", records=part)
            await conn.execute(
                f"INSERT INTO deliveries ({NAMED}) SELECT {NAMED} FROM come ON CONFLICT DO NOTHING"
            )
    took = time.perf_counter() - began, time.process_time() - began_cpu
    await conn.close()
    return took


PEERS: dict[str, dict[str, Peer]] = {
    "sqlite": {"SQLAlchemy executemany": by_sqlalchemy, "sqlite3 executemany": by_driver},
    "postgresql": {
        "SQLAlchemy executemany": by_sqlalchemy,
        "asyncpg executemany": by_driver,
        "COPY": by_copy,
    },
}


async def fill(record: Record, count: int) -> None:
    """Give the ledger a past: rows that ended long ago."""
    for seed in range(0, count, 100_000):
        rows = some_rows(min(100_000, count - seed), -1 - seed, "delivered", AS_LONG_AGO)
        if record.dialect == "sqlite":
            _by_sqlite3(str(record.engine.url.database), rows, together=len(rows))
        else:
            await by_copy(record, rows)


def _by_sqlite3(path: str, rows: Sequence[LedgerRow], together: int = TOGETHER) -> Spent:
    given = [
        tuple(_text(value) if isinstance(value, datetime) else value for value in _values(row))
        for row in rows
    ]
    with closing(sqlite3.connect(path, isolation_level=None)) as plain:
        for pragma in ("busy_timeout=30000", "synchronous=FULL", "cache_size=-8000"):
            plain.execute(f"PRAGMA {pragma}")
        statement = (
            f"INSERT INTO deliveries ({NAMED}) VALUES ({','.join('?' * len(COLUMNS))}) ON CONFLICT DO NOTHING"
        )
        began, began_cpu = time.perf_counter(), time.process_time()
        for part in _parts(given, together):
            plain.execute("BEGIN IMMEDIATE")
            plain.executemany(statement, part)
            plain.execute("COMMIT")
        return time.perf_counter() - began, time.process_time() - began_cpu


async def _asyncpg(record: Record) -> Any:
    url = record.engine.url.set(drivername="postgresql")
    return await asyncpg.connect(url.render_as_string(hide_password=False))


def _values(row: LedgerRow) -> tuple[Any, ...]:
    return tuple(orjson.dumps(row[name]).decode() if name == "reasons" else row[name] for name in COLUMNS)


def _parts(rows: Sequence[Any], size: int = TOGETHER) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
