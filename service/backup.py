"""Backup and restore: the whole record, portable between SQLite and PostgreSQL, and the embedded log with it."""

import asyncio
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.clock import aware
from config.database import Record, metadata
from config.settings import Settings
from service.backup_format import LOG, MANIFEST, BackupError, Manifest, decoder, encoder, insertion, member
from service.backup_log import copy_log, log_path, read_progress
from service.master_keys import key_prints, read_master_keys
from service.migrating import revision_of

ROWS_AT_ONCE = 500


async def write_backup(record: Record, settings: Settings, target: Path, now: datetime) -> int:
    """Write a backup while the service runs.

    All tables are read in one transaction, so they fit together. The file appears under its name only when it is whole.

    Args:
        record: the record to read.
        settings: say where the embedded log is and which master keys are in use (only their fingerprints are written).
        target: the file to write, ``.tar.gz``; replaced if it is there. Its directory needs room for the data unpacked.
        now: the moment, for the manifest.

    Returns:
        Bytes written.

    Raises:
        BackupError: the directory or the log cannot be used.
    """
    log = log_path(settings)
    log = log if log is not None and log.exists() else None
    prints = key_prints(read_master_keys(settings))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
            room = Path(folder)
            progress = await asyncio.to_thread(read_progress, log) if log else {}
            revision, counts = await _dump(record, room)
            if log:
                await asyncio.to_thread(copy_log, log, room / LOG, progress)
            manifest = Manifest(aware(now).isoformat(), revision, counts, prints, log is not None)
            (room / MANIFEST).write_bytes(manifest.dump())
            return await asyncio.to_thread(_pack, room, manifest, target)
    except OSError as exc:
        raise BackupError(f"the backup could not be written to {target}: {exc}") from exc


async def read_backup(record: Record, settings: Settings, source: Path) -> Manifest:
    """Restore a backup into an empty, migrated record and, where the log is embedded, write the log's file.

    Everything is inserted in one transaction: after an error the record is as empty as before.

    Returns:
        What the backup held.

    Raises:
        BackupError: the record or the log is not empty, the master keys are not those of the backup, or it is damaged.
    """
    manifest = await asyncio.to_thread(read_manifest, source)
    check_keys(manifest, key_prints(read_master_keys(settings)))
    log = log_path(settings) if manifest.has_log else None
    if log is not None and log.exists():
        raise BackupError(f"{log} is there already: restore into an empty ZHENGDA_DATA")
    try:
        with tarfile.open(source, "r:gz") as archive:
            await _restore(record, archive, manifest, log)
    except (OSError, EOFError, tarfile.TarError) as exc:
        raise BackupError(f"{source} could not be restored: {exc}") from exc
    return manifest


def read_manifest(source: Path) -> Manifest:
    """Return what a backup says about itself.

    Raises:
        BackupError: it is no backup, or damaged.
    """
    try:
        with tarfile.open(source, "r:gz") as archive:
            return Manifest.load(_open(archive, MANIFEST).read())
    except (OSError, EOFError, tarfile.TarError) as exc:
        raise BackupError(f"{source} cannot be read as a backup: {exc}") from exc


def check_keys(manifest: Manifest, configured: Sequence[str]) -> None:
    """Make sure that the contacts in a backup can be read with the master keys that are set.

    Raises:
        BackupError: the key that was the newest when the backup was made is not among them.
    """
    if manifest.key_prints and manifest.key_prints[0] not in configured:
        wanted, given = manifest.key_prints[0], ", ".join(configured) or "none"
        raise BackupError(
            f"the backup belongs to the master key with the fingerprint {wanted}, set is {given}: put that key into "
            "ZHENGDA_MASTER_KEYS (or its file back into ZHENGDA_DATA) and restore again"
        )


async def _dump(record: Record, room: Path) -> tuple[str | None, dict[str, int]]:
    (room / "tables").mkdir()
    counts = {}
    async with record.engine.connect() as conn:
        if record.dialect == "sqlite":
            await conn.exec_driver_sql("BEGIN")
        else:
            await conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        revision = await revision_of(conn)
        for table in metadata.sorted_tables:
            counts[str(table.name)] = await _dump_table(conn, table, room / member(table))
        await conn.rollback()
    return revision, counts


async def _dump_table(conn: AsyncConnection, table: Table, path: Path) -> int:
    encode = encoder(table)
    count = 0
    with path.open("wb") as file:
        async with conn.stream(select(table)) as rows:
            async for part in rows.partitions(ROWS_AT_ONCE):
                lines = b"".join(map(encode, part))
                await asyncio.to_thread(file.write, lines)
                count += len(part)
    return count


def _pack(room: Path, manifest: Manifest, target: Path) -> int:
    new = target.with_name(f".{target.name}.{os.getpid()}.new")
    names = [
        MANIFEST,
        *(member(table) for table in metadata.sorted_tables),
        *([LOG] if manifest.has_log else []),
    ]
    try:
        with os.fdopen(os.open(new, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive:
                for name in names:
                    archive.add(room / name, arcname=name)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)
    return size


async def _restore(record: Record, archive: tarfile.TarFile, manifest: Manifest, log: Path | None) -> None:
    try:
        async with record.write() as conn:
            await _insist_on_empty(conn)
            for table in metadata.sorted_tables:
                await _load(conn, table, archive, manifest)
            if log is not None:
                # Before the commit: a full record beside an empty log would lose what was under way.
                await asyncio.to_thread(_unpack_log, archive, log)
    except BaseException:
        if log is not None:
            log.unlink(missing_ok=True)
        raise


async def _insist_on_empty(conn: AsyncConnection) -> None:
    for table in metadata.sorted_tables:
        count = await conn.scalar(select(func.count()).select_from(table))
        if count:
            raise BackupError(
                f"the record is not empty ({count} rows in {table.name}): restore into a new database, or into "
                "an empty ZHENGDA_DATA"
            )


async def _load(conn: AsyncConnection, table: Table, archive: tarfile.TarFile, manifest: Manifest) -> None:
    if table.name not in manifest.counts:
        return  # the backup is older than this table
    decode = decoder(table)
    lines = iter(_open(archive, member(table)))
    loaded = 0
    while part := await asyncio.to_thread(_next_lines, lines):
        rows = [decode(line) for line in part]
        await conn.execute(insertion(table, list(rows[0])), rows)
        loaded += len(rows)
    if loaded != manifest.counts[table.name]:
        raise BackupError(
            f"{member(table)} has {loaded} rows, the manifest says {manifest.counts[table.name]}: damaged"
        )


def _next_lines(lines: Iterator[bytes]) -> list[bytes]:
    return list(islice(lines, ROWS_AT_ONCE))


def _open(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        file = archive.extractfile(name)
    except KeyError:
        file = None
    if file is None:
        raise BackupError(f"{name} is missing: this is no backup of Zhengda, or it was damaged")
    return file


def _unpack_log(archive: tarfile.TarFile, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    with _open(archive, LOG) as packed, new.open("wb") as file:
        shutil.copyfileobj(packed, file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
