"""Rows that are written in bulk stand there as those that SQLAlchemy itself writes, on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Integer, LargeBinary, MetaData, String, Table, Text, insert, select
from sqlalchemy.exc import IntegrityError, StatementError

from config.database.bulk import execute_many
from config.database.record import Record, open_record, type_insert
from config.database.types import Json, Moment
from config.settings import Settings

METADATA = MetaData()
THINGS = Table(
    "things",
    METADATA,
    Column("thing_id", String(8), primary_key=True),
    Column("number", Integer),
    Column("told", Json),
    Column("at", Moment),
    Column("sealed", LargeBinary),
    Column("yes", Boolean),
    Column("note", Text),
)
NOW = datetime(2026, 3, 2, 2, 0, 0, 123456, tzinfo=UTC)
TOLD: dict[str, Any] = {"行业": ["I65", None], "n": 10**12}


def thing(number: int, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "thing_id": f"t{number:04}",
        "number": number if number % 3 else None,
        "told": TOLD if number % 2 else {"n": number},
        "at": NOW.astimezone(timezone(timedelta(hours=8))) if number % 2 else None,
        "sealed": bytes([number % 256, 0]),
        "yes": number % 2 == 0,
        "note": "甲'\"" * (number % 4),
    }
    return row | changes


@pytest.fixture
async def record(empty_record_url: str) -> AsyncIterator[Record]:
    opened = open_record(Settings(database=empty_record_url).database_url)
    async with opened.engine.begin() as conn:
        await conn.run_sync(METADATA.create_all)
    yield opened
    await opened.close()


async def rows(record: Record) -> list[dict[str, Any]]:
    async with record.read() as conn:
        found = await conn.execute(select(THINGS).order_by(THINGS.c.thing_id))
        return [dict(row) for row in found.mappings()]


async def test_every_type_is_written_as_by_sqlalchemy_itself(record: Record) -> None:
    given = [thing(number) for number in range(700)]
    async with record.write() as conn:
        await execute_many(conn, type_insert[record.dialect](THINGS), given)
    bulk = await rows(record)
    async with record.write() as conn:
        await conn.execute(THINGS.delete())
        await conn.execute(insert(THINGS), given)
    assert bulk == await rows(record)
    assert (bulk[1]["told"], bulk[1]["at"], len(bulk)) == (TOLD, NOW, 700)


async def test_on_conflict_only_what_the_condition_lets_is_replaced(record: Record) -> None:
    statement = type_insert[record.dialect](THINGS)
    statement = statement.on_conflict_do_update(
        index_elements=[THINGS.c.thing_id],
        set_={"note": statement.excluded.note, "number": 7},
        where=THINGS.c.note != "kept",
    )
    async with record.write() as conn:
        await execute_many(conn, statement, [thing(1, note="kept"), thing(2, note="old")])
        await execute_many(conn, statement, [thing(number, note="new") for number in range(1, 4)])
    assert [(row["note"], row["number"]) for row in await rows(record)] == [
        ("kept", 1),
        ("new", 7),
        ("new", None),
    ]


async def test_columns_that_are_not_given_keep_their_default(record: Record) -> None:
    statement = type_insert[record.dialect](THINGS)
    async with record.write() as conn:
        await execute_many(conn, statement, [{"thing_id": "a", "note": "x"}])
        await execute_many(conn, statement, [{"thing_id": "b"}])
        await execute_many(conn, statement, [])
    assert [(row["thing_id"], row["note"], row["number"]) for row in await rows(record)] == [
        ("a", "x", None),
        ("b", None, None),
    ]


async def test_a_row_that_breaks_a_key_undoes_the_transaction(record: Record) -> None:
    statement = type_insert[record.dialect](THINGS)
    with pytest.raises(IntegrityError):
        async with record.write() as conn:
            await execute_many(conn, statement, [thing(1), thing(2), thing(1)])
    assert await rows(record) == []


async def test_a_naive_moment_is_refused_as_everywhere(record: Record) -> None:
    with pytest.raises((ValueError, StatementError)):
        async with record.write() as conn:
            await execute_many(
                conn, type_insert[record.dialect](THINGS), [thing(1, at=NOW.replace(tzinfo=None))]
            )
