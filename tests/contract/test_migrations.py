"""The record's migrations, once on SQLite and once on PostgreSQL."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from config.database.migrate import RecordTooNew, head_revision, migrate
from config.database.record import Record, open_record
from config.database.schema import metadata
from config.settings import Settings
from tests.support.record import current_revision

# One role at the moment of its start: imports first, so that all of them go at the same word.
ROLE = """
import asyncio, sys
from config.database.migrate import migrate
from config.database.record import open_record

async def start():
    record = open_record(sys.argv[1])
    await migrate(record)
    await record.close()

print("ready", flush=True)
sys.stdin.readline()
asyncio.run(start())
"""

TOO_LONG_S = 60  # without their lock, migrations wait for each other for ever

INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
}


@pytest.fixture
def url(empty_record_url: str) -> str:
    return Settings(database=empty_record_url).database_url


@pytest.fixture
async def record(url: str) -> AsyncIterator[Record]:
    opened = open_record(url)
    yield opened
    await opened.close()


def differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return list(compare_metadata(context, metadata))


def indexes(connection: Connection) -> dict[str, str]:
    """Every index by its definition: alembic compares neither their conditions nor the keys."""
    rows = connection.execute(text(INDEXES[connection.dialect.name]))
    return {name: " ".join(sql.split()) for name, sql in rows if "alembic_version" not in name}


async def tables(record: Record) -> set[str]:
    async with record.read() as conn:
        return set(await conn.run_sync(lambda c: inspect(c).get_table_names()))


async def test_a_migrated_record_is_what_the_schema_says(record: Record) -> None:
    await migrate(record)
    async with record.read() as conn:
        assert await conn.run_sync(differences) == []


async def test_a_column_the_revisions_lack_is_noticed(record: Record) -> None:
    await migrate(record)
    async with record.write() as conn:
        await conn.execute(text("ALTER TABLE agencies DROP COLUMN region"))
    async with record.read() as conn:
        assert [(found[0], found[3].name) for found in await conn.run_sync(differences)] == [
            ("add_column", "region")
        ]


async def test_migrated_indexes_have_the_conditions_of_the_schema(record: Record) -> None:
    await migrate(record)
    async with record.write() as conn:
        migrated = await conn.run_sync(indexes)
        await conn.run_sync(metadata.drop_all)
        await conn.run_sync(metadata.create_all)
        assert migrated == await conn.run_sync(indexes)
    assert "WHERE" in migrated["ix_deliveries_open"]


async def test_a_record_never_migrated_has_no_revision(record: Record) -> None:
    assert await current_revision(record) is None
    assert await tables(record) == set()


async def test_migrating_twice_keeps_the_rows(record: Record) -> None:
    await migrate(record)
    async with record.write() as conn:
        await conn.execute(text("INSERT INTO installation (name, value) VALUES ('id', '7')"))
    await migrate(record)
    async with record.read() as conn:
        assert (await conn.execute(text("SELECT value FROM installation"))).scalar_one() == "7"
    assert await current_revision(record) == head_revision()


async def test_connections_of_one_process_may_migrate_at_the_same_time(url: str) -> None:
    records = [open_record(url) for _ in range(3)]
    async with asyncio.timeout(TOO_LONG_S):
        await asyncio.gather(*(migrate(record) for record in [*records, *records]))
    assert {await current_revision(record) for record in records} == {head_revision()}
    await asyncio.gather(*(record.close() for record in records))


async def test_roles_may_start_at_the_same_moment(url: str, record: Record) -> None:
    roles = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            ROLE,
            url,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(4)
    ]
    for role in roles:
        assert role.stdout is not None
        assert await role.stdout.readline() == b"ready\n"
    async with asyncio.timeout(TOO_LONG_S):
        ends = await asyncio.gather(*(role.communicate(b"go\n") for role in roles))
    assert [role.returncode for role in roles] == [0] * 4, b"\n".join(err for _, err in ends).decode()
    assert await current_revision(record) == head_revision()


async def test_a_record_newer_than_the_program_is_refused_and_left_alone(record: Record) -> None:
    await migrate(record)
    async with record.write() as conn:
        await conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RecordTooNew, match=f"9999.*{head_revision()}"):
        await migrate(record)
    assert await current_revision(record) == "9999"


async def test_a_migration_that_fails_leaves_nothing_behind(record: Record) -> None:
    async with record.write() as conn:
        await conn.execute(text("CREATE TABLE subscriptions (name TEXT)"))
    with pytest.raises(DBAPIError, match="already exists"):
        await migrate(record)
    assert await tables(record) == {"subscriptions"}
    assert await current_revision(record) is None
