"""A durable, partitioned log on one SQLite file (WAL).

Everything here blocks: the transport calls it from two threads, one that writes and one that reads, each with
its own connection. A row's id is `partition id << 40 | offset`, so the whole log is one b-tree in which
each partition is a sequential range; offsets are never used twice, even after trimming.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal, NamedTuple

import orjson
from faust.types import TP

from streams.transport.errors import LogUnavailable, UnknownTopic
from streams.transport.records import NewRecord, StoredRecord

Sync = Literal["FULL", "NORMAL"]

OFFSET_BITS = 40
LOCK_PATIENCE_S = 5.0
_OFFSET_MASK = (1 << OFFSET_BITS) - 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS topic(name TEXT PRIMARY KEY, partitions INTEGER NOT NULL, config BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS part(id INTEGER PRIMARY KEY, topic TEXT NOT NULL, number INTEGER NOT NULL,
  earliest INTEGER NOT NULL DEFAULT 0, next INTEGER NOT NULL DEFAULT 0, UNIQUE(topic, number));
CREATE TABLE IF NOT EXISTS record(id INTEGER PRIMARY KEY, ts INTEGER NOT NULL, key BLOB, value BLOB, headers BLOB);
CREATE TABLE IF NOT EXISTS progress(grp TEXT NOT NULL, part INTEGER NOT NULL, next INTEGER NOT NULL,
  PRIMARY KEY(grp, part)) WITHOUT ROWID;
"""


class Bounds(NamedTuple):
    """Offsets of a partition: the first one still stored, and the one the next event gets."""

    earliest: int
    next: int


def first_id(part_id: int) -> int:
    """The smallest row id of a partition; `first_id(part_id + 1)` is just past its largest."""
    return part_id << OFFSET_BITS


class Log:
    """The log of one file.

    Args:
        path: Absolute path of the file; its directory must exist.
        sync: `FULL` syncs each group commit to the disk (survives a power cut), `NORMAL` only survives the process.

    Raises:
        LogUnavailable: The file cannot be opened or made.
    """

    def __init__(self, path: str, sync: Sync = "FULL") -> None:
        self.path = path
        self._sync: Sync = sync
        try:
            self.writer, self._reader = self._connect(), self._connect()
            self.writer.executescript(_SCHEMA)
        except sqlite3.Error as exc:
            raise LogUnavailable.because(path, exc) from exc
        self._ids: dict[TP, int] = {}

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=LOCK_PATIENCE_S, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={self._sync}")
        return connection

    def close(self) -> None:
        """Close both connections; the log can be opened again by a new `Log`."""
        self.writer.close()
        self._reader.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One write transaction: all of it or nothing.

        Raises:
            LogUnavailable: SQLite could not write; the log is as it was before, and usable.
        """
        try:
            self.writer.execute("BEGIN IMMEDIATE")
            yield self.writer
            self.writer.execute("COMMIT")
        except sqlite3.Error as exc:
            self._abandon()
            raise LogUnavailable.because(self.path, exc) from exc
        except BaseException:
            self._abandon()
            raise

    def _abandon(self) -> None:
        """Leave a failed transaction. SQLite may have ended it by itself (it does when the disk is full)."""
        try:
            if self.writer.in_transaction:
                self.writer.execute("ROLLBACK")
        except sqlite3.Error:
            # A connection that cannot roll back is of no more use; closing it does so for certain.
            self.writer.close()
            self.writer = self._connect()

    # -- topics

    def create_topic(self, name: str, partitions: int, config: Mapping[str, str]) -> None:
        """Make a topic, or bring an existing one's configuration up to date.

        The number of partitions is fixed when the topic is made: keys would change partition otherwise.
        Nothing is written where nothing changes, so a start with a full disk works.

        Raises:
            LogUnavailable: The change could not be written.
        """
        blob = orjson.dumps(dict(config), option=orjson.OPT_SORT_KEYS)
        stored = self.writer.execute("SELECT config FROM topic WHERE name=?", (name,)).fetchone()
        if stored is not None and stored[0] == blob:
            return
        with self.transaction() as db:
            db.execute(
                "INSERT INTO topic VALUES(?,?,?) ON CONFLICT(name) DO UPDATE SET config=excluded.config",
                (name, partitions, blob),
            )
            count = db.execute("SELECT partitions FROM topic WHERE name=?", (name,)).fetchone()[0]
            db.executemany(
                "INSERT INTO part(topic, number) VALUES(?,?) ON CONFLICT DO NOTHING",
                [(name, number) for number in range(count)],
            )

    def partitions(self) -> dict[str, int]:
        """Topic name → number of partitions."""
        return dict(self._reader.execute("SELECT name, partitions FROM topic"))

    def part_id(self, tp: TP) -> int:
        """The partition's number in this file.

        Raises:
            UnknownTopic: There is no such topic or partition.
        """
        if tp not in self._ids:
            rows = self._reader.execute("SELECT topic, number, id FROM part").fetchall()
            self._ids = {TP(topic, number): part for topic, number, part in rows}
        if tp not in self._ids:
            raise UnknownTopic(f"log {self.path}: there is no {tp.topic}[{tp.partition}]")
        return self._ids[tp]

    # -- events

    def append(self, records: Iterable[NewRecord]) -> list[int]:
        """Append events in one transaction; they are durable when this returns.

        Returns:
            Their offsets, in the order given.

        Raises:
            LogUnavailable: None of them was written.
            UnknownTopic: One of them names a partition that is not there; none was written.
        """
        offsets: list[int] = []
        following: dict[int, int] = {}
        rows: list[tuple[int, int, bytes | None, bytes | None, bytes | None]] = []
        with self.transaction() as db:
            for record in records:
                part = self.part_id(TP(record.topic, record.partition))
                if part not in following:
                    following[part] = db.execute("SELECT next FROM part WHERE id=?", (part,)).fetchone()[0]
                offset = following[part]
                following[part] = offset + 1
                offsets.append(offset)
                rows.append(
                    (first_id(part) | offset, record.timestamp_ms, record.key, record.value, record.headers)
                )
            db.executemany("INSERT INTO record VALUES(?,?,?,?,?)", rows)
            db.executemany("UPDATE part SET next=? WHERE id=?", [(n, part) for part, n in following.items()])
        return offsets

    def read(self, tp: TP, start: int, max_records: int, max_bytes: int) -> list[StoredRecord]:
        """Events from offset `start` on, in order: at least one if there is any, then up to both limits.

        Args:
            tp: The partition.
            start: The first offset wanted.
            max_records: Most events to return.
            max_bytes: Stop once keys and values together reach this size.
        """
        part = self.part_id(tp)
        out: list[StoredRecord] = []
        size = 0
        for row_id, ts, key, value, headers in self._reader.execute(
            "SELECT id, ts, key, value, headers FROM record WHERE id>=? AND id<? ORDER BY id LIMIT ?",
            (first_id(part) | start, first_id(part + 1), max_records),
        ):
            out.append(StoredRecord(row_id & _OFFSET_MASK, ts, key, value, headers))
            size += len(key or b"") + len(value or b"")
            if size >= max_bytes:
                break
        return out

    def bounds(self) -> dict[TP, Bounds]:
        """The offsets of every partition in the file."""
        rows = self._reader.execute("SELECT topic, number, earliest, next FROM part")
        return {TP(topic, number): Bounds(earliest, following) for topic, number, earliest, following in rows}

    def data_version(self) -> int:
        """A number that changes when another connection has written: a cheap "is there anything new"."""
        return int(self._reader.execute("PRAGMA data_version").fetchone()[0])

    # -- groups

    def join(self, group: str, tps: Iterable[TP]) -> None:
        """Note that a group reads these partitions, so that `retention` keeps what it has yet to read.

        Raises:
            LogUnavailable: This is the group's first time here and it could not be written.
        """
        known = self.committed(group)
        new = [(group, self.part_id(tp)) for tp in tps if tp not in known]
        if new:
            with self.transaction() as db:
                db.executemany("INSERT INTO progress VALUES(?,?,0) ON CONFLICT DO NOTHING", new)

    def commit(self, group: str, offsets: Mapping[TP, int]) -> None:
        """Record that a group has finished everything below these offsets. Never moves backwards.

        Raises:
            LogUnavailable: Nothing was recorded; call again.
        """
        rows = [(group, self.part_id(tp), offset) for tp, offset in offsets.items()]
        with self.transaction() as db:
            db.executemany(
                "INSERT INTO progress VALUES(?,?,?) ON CONFLICT DO UPDATE SET next=max(next, excluded.next)",
                rows,
            )

    def committed(self, group: str) -> dict[TP, int]:
        """Partition → the offset this group reads next; only partitions that it has joined."""
        rows = self._reader.execute(
            "SELECT topic, number, progress.next FROM progress JOIN part ON part.id = part WHERE grp=?",
            (group,),
        )
        return {TP(topic, number): following for topic, number, following in rows}

    def lag(self) -> dict[str, dict[TP, int]]:
        """Group → partition → events that it has not finished."""
        out: dict[str, dict[TP, int]] = {}
        for group, topic, number, behind in self._reader.execute(
            "SELECT grp, topic, number, part.next - max(progress.next, earliest)"
            " FROM progress JOIN part ON part.id = part"
        ):
            out.setdefault(group, {})[TP(topic, number)] = behind
        return out

    def forget_group(self, group: str) -> None:
        """Drop a group that will never read again, so that it no longer holds up retention.

        Raises:
            LogUnavailable: Nothing was dropped.
        """
        with self.transaction() as db:
            db.execute("DELETE FROM progress WHERE grp=?", (group,))
