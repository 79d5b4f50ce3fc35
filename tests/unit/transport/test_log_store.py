"""The log on one SQLite file."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from faust.types import TP

from streams.transport.errors import LogUnavailable, UnknownTopic
from streams.transport.records import NewRecord, decode_headers, encode_headers
from streams.transport.store import Bounds, Log

A0, A1 = TP("a", 0), TP("a", 1)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = Log(str(tmp_path / "log.db"), "NORMAL")
    log.create_topic("a", 2, {})
    yield log
    log.close()


def record(value: bytes, partition: int = 0, key: bytes | None = None) -> NewRecord:
    return NewRecord("a", partition, 1_000, key, value, None)


def values(log: Log, tp: TP, start: int = 0) -> list[bytes | None]:
    return [stored.value for stored in log.read(tp, start, 1_000, 1 << 20)]


def test_offsets_count_up_per_partition(log: Log) -> None:
    assert log.append([record(b"x"), record(b"y", 1), record(b"z")]) == [0, 0, 1]
    assert log.append([record(b"w")]) == [2]
    assert values(log, A0) == [b"x", b"z", b"w"]
    assert values(log, A0, start=2) == [b"w"]
    assert log.bounds() == {A0: Bounds(0, 3), A1: Bounds(0, 1)}


def test_everything_is_there_after_reopening(log: Log, tmp_path: Path) -> None:
    log.append([NewRecord("a", 0, 7, b"k", b"v", encode_headers([("h", b"\xff"), ("h", b"2")]))])
    log.commit("g", {A0: 1})
    log.close()
    again = Log(str(tmp_path / "log.db"))
    [stored] = again.read(A0, 0, 10, 1 << 20)
    assert (stored.timestamp_ms, stored.key, stored.value) == (7, b"k", b"v")
    assert decode_headers(stored.headers) == [("h", b"\xff"), ("h", b"2")]
    assert again.committed("g") == {A0: 1}
    assert again.append([record(b"next")]) == [1]
    again.close()


def test_a_header_that_is_not_bytes_is_refused() -> None:
    with pytest.raises(TypeError, match="signature"):
        encode_headers({"signature": "text"})


def test_a_read_stops_at_the_byte_limit_but_gives_at_least_one(log: Log) -> None:
    log.append([record(b"x" * 100) for _ in range(5)])
    assert len(log.read(A0, 0, 1_000, 10)) == 1
    assert len(log.read(A0, 0, 1_000, 250)) == 3
    assert len(log.read(A0, 0, 2, 1 << 20)) == 2


def test_a_batch_with_an_unknown_partition_writes_nothing(log: Log) -> None:
    with pytest.raises(UnknownTopic, match=r"a\[9\]"):
        log.append([record(b"x"), record(b"y", 9)])
    assert values(log, A0) == []


def test_the_number_of_partitions_is_fixed_and_the_configuration_is_not(log: Log) -> None:
    log.create_topic("a", 5, {"retention.ms": "10"})
    assert log.partitions() == {"a": 2}
    assert set(log.bounds()) == {A0, A1}


def test_a_commit_never_moves_backwards(log: Log) -> None:
    log.commit("g", {A0: 5})
    log.commit("g", {A0: 3, A1: 1})
    assert log.committed("g") == {A0: 5, A1: 1}


def test_lag_is_what_a_group_has_not_finished(log: Log) -> None:
    log.append([record(b"x")] * 5)
    log.join("g", [A0, A1])
    log.commit("g", {A0: 2})
    log.join("late", [A0])
    assert log.lag() == {"g": {A0: 3, A1: 0}, "late": {A0: 5}}
    log.forget_group("late")
    assert log.lag() == {"g": {A0: 3, A1: 0}}


def test_a_full_disk_refuses_and_the_log_goes_on_when_there_is_room_again(log: Log) -> None:
    log.append([record(b"kept")])
    pages = log.writer.execute("PRAGMA page_count").fetchone()[0]
    log.writer.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(LogUnavailable, match="the disk is full"):
        log.append([record(b"x" * 100_000)])
    with pytest.raises(LogUnavailable, match="the disk is full"):
        log.create_topic("b" * 10_000, 2, {})
    assert values(log, A0) == [b"kept"]
    log.writer.execute(f"PRAGMA max_page_count={pages + 1_000}")
    assert log.append([record(b"x" * 100_000)]) == [1]


def test_a_declared_topic_needs_no_write_when_the_disk_is_full(log: Log) -> None:
    log.join("g", [A0])
    pages = log.writer.execute("PRAGMA page_count").fetchone()[0]
    log.writer.execute(f"PRAGMA max_page_count={pages}")
    before = log.writer.total_changes
    log.create_topic("a", 2, {})
    log.join("g", [A0])
    assert log.writer.total_changes == before


def test_a_locked_file_refuses_and_recovers(log: Log, tmp_path: Path) -> None:
    log.writer.execute("PRAGMA busy_timeout=50")
    other = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LogUnavailable, match="another process holds its write lock"):
        log.commit("g", {A0: 1})
    other.execute("ROLLBACK")
    other.close()
    log.commit("g", {A0: 1})
    assert log.committed("g") == {A0: 1}


def test_another_process_writing_is_noticed(log: Log, tmp_path: Path) -> None:
    before = log.data_version()
    assert log.data_version() == before
    other = Log(str(tmp_path / "log.db"), "NORMAL")
    other.append([record(b"x")])
    other.close()
    assert log.data_version() != before


def test_a_file_that_is_no_log_is_named(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("dear reader, " * 1_000)
    with pytest.raises(LogUnavailable, match=r"letter\.txt: the file is not a log"):
        Log(str(path))
