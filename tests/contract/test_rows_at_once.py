"""Rows that come as one value stand there as those that SQLAlchemy itself writes, on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, Text, UniqueConstraint, insert, select

from config.database.at_once import insert_at_once
from config.database.jsontext import to_text
from config.database.record import Record, open_record
from config.database.types import Json, Moment
from config.settings import Settings

METADATA = MetaData()
THINGS = Table(
    "things",
    METADATA,
    Column("thing_id", String(40), primary_key=True),
    Column("number", Integer),
    Column("note", Text),
    Column("told", Json),
    Column("at", Moment),
    Column("kind", String(8)),
    Column("left_alone", Text),
    UniqueConstraint("number", "kind"),
)
OWN = ("thing_id", "number", "note", "told")
SHARED: dict[str, Any] = {"at": datetime(2026, 3, 2, 2, 0, 0, 1234, tzinfo=UTC), "kind": "a"}
NOTES = ("", "甲'乙\"丙", "back\\slash\nnew line\ttab", '{"no": "json"}', "12", "null", "😀", "%s :x ?1 $1")
TOLD: tuple[Any, ...] = (
    [],
    {"行业": ["I65", None], "n": 10**12},
    [{"a": "\u2028'\\\"\n"}],
    {"x": 1.5},
    "12",
    7,
)


def things(count: int) -> list[dict[str, Any]]:
    return [
        {
            "thing_id": f"物-{number:05}",
            "number": number - 50,
            "note": None if number % 9 == 8 else NOTES[number % len(NOTES)],
            "told": TOLD[number % len(TOLD)],
        }
        for number in range(count)
    ]


def given(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(to_text(row[name]) if name == "told" else row[name] for name in OWN) for row in rows]


@pytest.fixture
async def record(empty_record_url: str) -> AsyncIterator[Record]:
    opened = open_record(Settings(database=empty_record_url).database_url)
    async with opened.engine.begin() as conn:
        await conn.run_sync(METADATA.create_all)
    yield opened
    await opened.close()


async def found(record: Record) -> tuple[list[dict[str, Any]], list[tuple[Any, ...]]]:
    """What stands there, read by the columns' types and as the driver gives it."""
    async with record.read() as conn:
        rows = await conn.execute(select(THINGS).order_by(THINGS.c.thing_id))
        raw = await conn.exec_driver_sql("SELECT * FROM things ORDER BY thing_id")
        return [dict(row) for row in rows.mappings()], [tuple(row) for row in raw]


async def test_every_type_is_written_as_by_sqlalchemy_itself(record: Record) -> None:
    rows = things(700)
    async with record.write() as conn:
        await insert_at_once(conn, THINGS, OWN, given(rows), SHARED)
    at_once = await found(record)
    async with record.write() as conn:
        await conn.execute(THINGS.delete())
        await conn.execute(insert(THINGS), [row | SHARED for row in rows])
    assert at_once == await found(record)
    assert [row["told"] for row in at_once[0]] == [row["told"] for row in rows]


async def test_what_stands_under_any_unique_key_stays_as_it_is(record: Record) -> None:
    old = things(3)
    async with record.write() as conn:
        await insert_at_once(conn, THINGS, OWN, given(old), SHARED)
        again = [row | {"note": "new"} for row in things(5)]
        again[4]["number"] = old[0]["number"]  # another id, and the other unique key is taken
        await insert_at_once(conn, THINGS, OWN, given(again), SHARED)
    rows, _ = await found(record)
    assert [row["note"] for row in rows] == [*(row["note"] for row in old), "new"]


async def test_a_key_that_comes_twice_at_once_is_written_once(record: Record) -> None:
    async with record.write() as conn:
        await insert_at_once(conn, THINGS, OWN, given([*things(2), *things(2)]), SHARED)
    assert len((await found(record))[0]) == 2


async def test_no_rows_write_nothing(record: Record) -> None:
    async with record.write() as conn:
        await insert_at_once(conn, THINGS, OWN, [], SHARED)
    assert await found(record) == ([], [])
