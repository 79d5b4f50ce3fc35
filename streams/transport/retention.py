"""What may leave the log, and when.

Two rules, both bounded by the slowest reader: an event that some group has not finished is never removed.

- `retention.ms` on a topic: events older than that leave from the head, up to the slowest group's committed offset.
- `cleanup.policy` containing `compact`: of the events that all groups have finished, those leave whose key has a newer
  event. The newest event of a key stays for ever, also one with an empty value (a deletion).

A topic without either keeps everything for ever (`policy.events`). So does a topic that no group has ever read,
whatever its retention says: its reader may only be late. A group that was given up on must be dropped by name
(`Log.forget_group`), or it holds its topics' retention up; its lag shows it.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

import orjson

from streams.transport.store import Log, first_id

ROWS_PER_STEP = 5_000


class _Partition(NamedTuple):
    id: int
    config: dict[str, str]
    finished_by_all: int


def parts_with_readers(log: Log) -> list[int]:
    """Ids of the partitions that a group reads; those without a reader have nothing that may leave."""
    return [part for (part,) in log.writer.execute("SELECT DISTINCT part FROM progress ORDER BY part")]


def trim_step(log: Log, part: int, now_ms: int) -> int:
    """Remove up to `ROWS_PER_STEP` events from one partition in short transactions.

    Appends wait for as long as this takes (there is one writing thread), and get in between two steps.

    Args:
        log: The log; only its writing thread may call this.
        part: One of `parts_with_readers`.
        now_ms: The time, UTC milliseconds.

    Returns:
        The number of events removed; call again until it is 0.

    Raises:
        LogUnavailable: The removal could not be written; the partition is as before.
    """
    partition = _partition(log.writer, part)
    if partition is None:
        return 0
    removed = 0
    if "retention.ms" in partition.config:
        removed += _drop_old(log, partition, now_ms - int(partition.config["retention.ms"]))
    if "compact" in partition.config.get("cleanup.policy", ""):
        removed += _compact(log, partition)
    return removed


def _partition(db: sqlite3.Connection, part: int) -> _Partition | None:
    # Read anew at each step: a group that has joined since has finished nothing yet.
    row = db.execute(
        "SELECT config, min(progress.next) FROM part JOIN topic ON topic.name = part.topic"
        " JOIN progress ON progress.part = part.id WHERE part.id=? GROUP BY part.id",
        (part,),
    ).fetchone()
    return None if row is None else _Partition(part, orjson.loads(row[0]), row[1])


def _drop_old(log: Log, partition: _Partition, older_than_ms: int) -> int:
    low, high = first_id(partition.id), first_id(partition.id) + partition.finished_by_all
    first_young = "SELECT id FROM record WHERE id>=? AND id<? AND ts>=? ORDER BY id LIMIT 1"
    young = log.writer.execute(first_young, (low, high, older_than_ms)).fetchone()
    end = young[0] if young else high
    ids = "SELECT id FROM record WHERE id>=? AND id<? ORDER BY id LIMIT ?"
    if log.writer.execute(ids, (low, end, 1)).fetchone() is None:
        return 0
    with log.transaction() as db:
        removed = db.execute(f"DELETE FROM record WHERE id IN ({ids})", (low, end, ROWS_PER_STEP)).rowcount
        head = db.execute(
            "SELECT min(id) FROM record WHERE id>=? AND id<?", (low, first_id(partition.id + 1))
        )
        first = head.fetchone()[0]
        if first is None:
            db.execute("UPDATE part SET earliest=next WHERE id=?", (partition.id,))
        else:
            db.execute("UPDATE part SET earliest=? WHERE id=?", (first - low, partition.id))
    return removed


def _compact(log: Log, partition: _Partition) -> int:
    low, read = first_id(partition.id), first_id(partition.id) + partition.finished_by_all
    superseded = (
        "SELECT id FROM (SELECT id, max(id) OVER (PARTITION BY key) AS newest FROM record"
        " WHERE id>=? AND id<? AND key IS NOT NULL) WHERE id<newest AND id<? ORDER BY id LIMIT ?"
    )
    args = (low, first_id(partition.id + 1), read, ROWS_PER_STEP)
    ids = log.writer.execute(superseded, args).fetchall()
    if not ids:
        return 0
    with log.transaction() as db:
        db.executemany("DELETE FROM record WHERE id=?", ids)
    return len(ids)
