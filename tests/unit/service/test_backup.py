"""A backup brings back every row on either database, and never half of it."""

import asyncio
import json
import sqlite3
import tarfile
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from faust.types import TP
from sqlalchemy import JSON, BigInteger, Boolean, Float, Integer, LargeBinary, Table, func, null, select

from config.database import Record, metadata, open_record
from config.database.migrate import head_revision, migrate
from config.database.schema import events, previews, subscribers
from config.database.types import Moment
from config.settings import Settings
from service.backup import read_backup, read_manifest, write_backup
from service.backup_format import BackupError
from service.backup_log import log_path
from service.cli.backup import restore_into
from service.master_keys import ensure_master_keys, key_prints
from streams.transport.records import NewRecord
from streams.transport.store import Log

NOW = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)
KEY, OTHER_KEY = Fernet.generate_key().decode(), Fernet.generate_key().decode()
ROWS = 3


def value_of(column: Any, n: int) -> Any:
    """Something of the column's type, with what is hard to write down: zero bytes, Chinese, quotes, microseconds."""
    if column.nullable and n == 0:
        return null() if isinstance(column.type, JSON) else None
    match column.type:
        case Moment():
            return NOW + timedelta(microseconds=n)
        case LargeBinary():
            return bytes([0, 255, n])
        case JSON():
            return {"名": [n, 1.5, None, True, 'q"\n']}
        case Boolean():
            return n % 2 == 0
        case BigInteger():
            return 2**60 + n
        case Integer():
            return n
        case Float():
            return 0.1 + n
    return f"政{n}\n\t'\""[: column.type.length or 99]


def rows_of(table: Table) -> list[dict[str, Any]]:
    rows = [{column.name: value_of(column, n) for column in table.columns} for n in range(ROWS)]
    for row in rows:
        if "subscriber_id" in row and table.c.subscriber_id.foreign_keys:
            row["subscriber_id"] = value_of(subscribers.c.subscriber_id, 1)
    return rows


async def filled(url: str) -> Record:
    record = open_record(settings_for(Path("unused"), database=url).database_url)
    await migrate(record)
    async with record.write() as conn:
        for table in metadata.sorted_tables:
            for row in rows_of(table):
                await conn.execute(table.insert().values(row))
    return record


async def content(record: Record) -> dict[str, list[Mapping[str, Any]]]:
    async with record.read() as conn:
        return {
            table.name: [
                dict(row)
                for row in (await conn.execute(select(table).order_by(*table.primary_key))).mappings()
            ]
            for table in metadata.sorted_tables
        }


def settings_for(data: Path, **more: Any) -> Settings:
    return Settings(**{"data": data, "broker": "kafka://nowhere:9092", "master_keys": KEY, **more})


async def empty(url: str) -> Record:
    record = open_record(settings_for(Path("unused"), database=url).database_url)
    await migrate(record)
    return record


@pytest.fixture
async def source(tmp_path: Path) -> AsyncIterator[Record]:
    record = await filled(f"sqlite:///{tmp_path / 'source.db'}")
    yield record
    await record.close()


async def test_every_row_of_every_table_comes_back_on_either_database(
    source: Record, record_url: str, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path)
    size = await write_backup(source, settings, tmp_path / "b.tar.gz", NOW)
    target = await empty(record_url)
    try:
        manifest = await read_backup(target, settings, tmp_path / "b.tar.gz")
        assert await content(target) == await content(source)
        async with target.read() as conn:
            unanswered = select(func.count()).select_from(previews).where(previews.c.result.is_(None))
            assert await conn.scalar(unanswered) == 1
    finally:
        await target.close()
    assert size == (tmp_path / "b.tar.gz").stat().st_size
    assert manifest.rows == ROWS * len(metadata.sorted_tables)


@pytest.mark.postgres
async def test_postgresql_comes_back_on_sqlite(postgres_url: str, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    record, target = await filled(postgres_url), await empty(f"sqlite:///{tmp_path / 'target.db'}")
    try:
        await write_backup(record, settings, tmp_path / "b.tar.gz", NOW)
        await read_backup(target, settings, tmp_path / "b.tar.gz")
        assert await content(target) == await content(record)
    finally:
        await record.close()
        await target.close()


async def test_tables_fit_together_though_rows_are_written_meanwhile(record_url: str, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    record = await empty(record_url)
    done = asyncio.Event()

    async def write_pairs() -> int:
        n = 0
        while not done.is_set():
            async with record.write() as conn:
                # The tables are read in another order than they are written in: only one snapshot shows pairs.
                await conn.execute(events.insert().values({**rows_of(events)[1], "event_id": str(n)}))
                await conn.execute(
                    subscribers.insert().values({**rows_of(subscribers)[1], "subscriber_id": str(n)})
                )
            n += 1
            await asyncio.sleep(0)
        return n

    writing = asyncio.create_task(write_pairs())
    try:
        counts = []
        for n in range(5):
            await asyncio.sleep(0.05)
            await write_backup(record, settings, tmp_path / f"{n}.tar.gz", NOW)
            counts.append(read_manifest(tmp_path / f"{n}.tar.gz").counts)
        done.set()
        assert await writing > 5
    finally:
        done.set()
        await record.close()
    assert [c["events"] for c in counts] == [c["subscribers"] for c in counts]
    assert counts[0]["events"] < counts[-1]["events"]


async def test_a_record_with_rows_in_it_is_left_alone(source: Record, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    await write_backup(source, settings, tmp_path / "b.tar.gz", NOW)
    before = await content(source)
    with pytest.raises(BackupError, match="not empty"):
        await read_backup(source, settings, tmp_path / "b.tar.gz")
    assert await content(source) == before


async def test_a_wrong_master_key_is_named_before_anything_is_written(source: Record, tmp_path: Path) -> None:
    await write_backup(source, settings_for(tmp_path), tmp_path / "b.tar.gz", NOW)
    target = await empty(f"sqlite:///{tmp_path / 'target.db'}")
    try:
        with pytest.raises(BackupError, match=key_prints(KEY)[0]):
            await read_backup(target, settings_for(tmp_path, master_keys=OTHER_KEY), tmp_path / "b.tar.gz")
        rotated = settings_for(tmp_path, master_keys=f"{OTHER_KEY},{KEY}")
        await read_backup(target, rotated, tmp_path / "b.tar.gz")
    finally:
        await target.close()


async def test_no_key_is_in_a_backup_and_only_its_owner_reads_it(source: Record, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "b.tar.gz"
    await write_backup(source, settings_for(tmp_path), target, NOW)
    with tarfile.open(target) as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member)
            assert file is not None
            assert KEY.encode() not in file.read()
        manifest = json.load(archive.extractfile("manifest.json"))  # type: ignore[arg-type]
    assert manifest["key_prints"] == key_prints(KEY)
    assert (manifest["revision"], manifest["created"]) == (head_revision(), NOW.isoformat())
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in target.parent.iterdir()] == ["b.tar.gz"]


async def test_a_damaged_backup_leaves_the_record_empty(source: Record, tmp_path: Path) -> None:
    whole = tmp_path / "b.tar.gz"
    await write_backup(source, settings_for(tmp_path), whole, NOW)
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    target = await empty(f"sqlite:///{tmp_path / 'target.db'}")
    try:
        with pytest.raises(BackupError):
            await read_backup(target, settings_for(tmp_path), cut)
        assert not any((await content(target)).values())
    finally:
        await target.close()


async def test_what_is_no_backup_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "b.tar.gz").write_bytes(b"holiday.jpg")
    with pytest.raises(BackupError, match="cannot be read as a backup"):
        read_manifest(tmp_path / "b.tar.gz")


async def test_a_full_disk_leaves_no_half_backup(source: Record, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="could not be written"):
        await write_backup(source, settings_for(tmp_path), Path("/dev/full/b.tar.gz"), NOW)


TP_0 = TP("policy.events", 0)


def embedded(data: Path) -> Settings:
    data.mkdir(exist_ok=True)
    return settings_for(data, broker="embedded://")


async def test_the_embedded_log_comes_back_with_its_events(source: Record, tmp_path: Path) -> None:
    old, new = embedded(tmp_path / "old"), embedded(tmp_path / "new")
    log = Log(str(log_path(old)))
    log.create_topic(TP_0.topic, 1, {})
    log.append([NewRecord(TP_0.topic, 0, 1, b"k", b"first", None)])
    log.join("workers", [TP_0])
    log.commit("workers", {TP_0: 1})
    try:
        await write_backup(source, old, tmp_path / "b.tar.gz", NOW)
    finally:
        log.close()
    target = await empty(f"sqlite:///{tmp_path / 'target.db'}")
    try:
        await read_backup(target, new, tmp_path / "b.tar.gz")
    finally:
        await target.close()
    restored = Log(str(log_path(new)))
    assert [record.value for record in restored.read(TP_0, 0, 10, 1 << 20)] == [b"first"]
    assert restored.committed("workers") == {TP_0: 1}
    restored.close()


async def test_what_the_log_learns_while_the_record_is_read_is_worked_off_again(
    source: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = embedded(tmp_path / "old")
    log = Log(str(log_path(old)))
    log.create_topic(TP_0.topic, 1, {})
    log.join("workers", [TP_0])
    import service.backup as backup

    real = backup.copy_log

    def late(*args: Any) -> None:
        # The record has been read: this event and its being done must not both be in the copy.
        log.append([NewRecord(TP_0.topic, 0, 1, b"k", b"late", None)])
        log.commit("workers", {TP_0: 1})
        real(*args)

    monkeypatch.setattr(backup, "copy_log", late)
    await write_backup(source, old, tmp_path / "b.tar.gz", NOW)
    log.close()
    with tarfile.open(tmp_path / "b.tar.gz") as archive:
        archive.extract("log.db", tmp_path, filter="data")
    with closing(sqlite3.connect(tmp_path / "log.db")) as copy:
        assert copy.execute("SELECT value FROM record").fetchall() == [(b"late",)]
        assert copy.execute("SELECT next FROM progress").fetchall() == [(0,)]


async def test_a_log_that_is_there_is_not_overwritten(source: Record, tmp_path: Path) -> None:
    old = embedded(tmp_path / "old")
    Log(str(log_path(old))).close()
    await write_backup(source, old, tmp_path / "b.tar.gz", NOW)
    target = await empty(f"sqlite:///{tmp_path / 'target.db'}")
    try:
        with pytest.raises(BackupError, match="there already"):
            await read_backup(target, old, tmp_path / "b.tar.gz")
    finally:
        await target.close()


async def test_restore_makes_the_tables_itself(source: Record, tmp_path: Path) -> None:
    await write_backup(source, settings_for(tmp_path), tmp_path / "b.tar.gz", NOW)
    target = settings_for(tmp_path / "fresh", database=f"sqlite:///{tmp_path / 'fresh.db'}")
    manifest = await restore_into(target, tmp_path / "b.tar.gz")
    record = open_record(target.database_url)
    try:
        assert manifest.counts == {name: len(rows) for name, rows in (await content(record)).items()}
    finally:
        await record.close()


async def test_a_backup_of_a_newer_version_is_refused_by_name(source: Record, tmp_path: Path) -> None:
    async with source.write() as conn:
        await conn.exec_driver_sql("UPDATE alembic_version SET version_num = 'future'")
    await write_backup(source, settings_for(tmp_path), tmp_path / "b.tar.gz", NOW)
    target = settings_for(tmp_path / "fresh", database=f"sqlite:///{tmp_path / 'fresh.db'}")
    with pytest.raises(BackupError, match="schema future, unknown"):
        await restore_into(target, tmp_path / "b.tar.gz")


def test_a_master_key_is_made_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, master_keys=None)
    made = ensure_master_keys(settings)
    Fernet(made)
    assert ensure_master_keys(settings) == made
    assert [path.name for path in tmp_path.iterdir()] == ["master.keys"]
    assert (tmp_path / "master.keys").stat().st_mode & 0o777 == 0o600
    assert ensure_master_keys(settings_for(tmp_path)) == KEY


def test_fingerprints_tell_keys_apart_and_give_nothing_away() -> None:
    prints = key_prints(f"{KEY}, {OTHER_KEY}")
    assert len(set(prints)) == 2
    assert all(KEY[:8] not in found and len(found) == 16 for found in prints)
    assert key_prints(None) == []
