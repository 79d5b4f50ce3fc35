"""What leaves the log: never an event that some group has yet to read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from faust.types import TP
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.transport import retention
from streams.transport.records import NewRecord
from streams.transport.retention import parts_with_readers, trim_step
from streams.transport.store import Bounds, Log

TASKS, FOREVER, COMPACT = TP("tasks", 0), TP("policy.events", 0), TP("subscription.changes", 0)
OLD, NOW = 1_000, 1_000_000


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = Log(str(tmp_path / "log.db"), "NORMAL")
    log.create_topic("tasks", 1, {"cleanup.policy": "delete", "retention.ms": "5000"})
    log.create_topic("policy.events", 1, {})
    log.create_topic("subscription.changes", 1, {"cleanup.policy": "compact"})
    yield log
    log.close()


def append(log: Log, tp: TP, *values: bytes, ts: int = OLD, key: bytes | None = None) -> None:
    log.append([NewRecord(tp.topic, tp.partition, ts, key, value, None) for value in values])


def trim(log: Log) -> int:
    total = 0
    for part in parts_with_readers(log):
        while removed := trim_step(log, part, NOW):
            total += removed
    return total


def offsets(log: Log, tp: TP) -> list[int]:
    return [stored.offset for stored in log.read(tp, 0, 10_000, 1 << 30)]


def test_old_events_leave_up_to_the_slowest_group(log: Log) -> None:
    append(log, TASKS, *[b"x"] * 10)
    log.commit("fast", {TASKS: 10})
    log.commit("slow", {TASKS: 4})
    assert trim(log) == 4
    assert offsets(log, TASKS) == [4, 5, 6, 7, 8, 9]
    assert log.bounds()[TASKS] == Bounds(4, 10)
    assert log.lag() == {"fast": {TASKS: 0}, "slow": {TASKS: 6}}


def test_a_group_that_joined_and_has_finished_nothing_keeps_everything(log: Log) -> None:
    append(log, TASKS, *[b"x"] * 10)
    log.commit("fast", {TASKS: 10})
    log.join("new", [TASKS])
    assert trim(log) == 0
    log.forget_group("new")
    assert trim(log) == 10


def test_a_group_that_joins_between_two_steps_keeps_what_is_left(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "ROWS_PER_STEP", 3)
    append(log, TASKS, *[b"x"] * 8)
    log.commit("g", {TASKS: 8})
    (part,) = parts_with_readers(log)
    assert trim_step(log, part, NOW) == 3
    log.join("new", [TASKS])
    assert trim_step(log, part, NOW) == 0
    assert offsets(log, TASKS) == [3, 4, 5, 6, 7]


def test_a_topic_that_nobody_has_ever_read_keeps_everything(log: Log) -> None:
    append(log, TASKS, *[b"x"] * 10)
    append(log, COMPACT, b"1", b"2", key=b"k")
    assert trim(log) == 0


def test_young_events_stay_and_so_does_what_is_behind_them(log: Log) -> None:
    append(log, TASKS, b"old")
    append(log, TASKS, b"young", ts=NOW - 4_999)
    append(log, TASKS, b"old, but behind a young one")
    log.commit("g", {TASKS: 3})
    assert trim(log) == 1
    assert offsets(log, TASKS) == [1, 2]


def test_a_topic_without_retention_keeps_everything_for_ever(log: Log) -> None:
    append(log, FOREVER, *[b"x"] * 10, key=b"k")
    log.commit("g", {FOREVER: 10})
    assert trim(log) == 0
    assert offsets(log, FOREVER) == list(range(10))


def test_offsets_are_not_used_again_after_everything_has_left(log: Log) -> None:
    append(log, TASKS, b"x", b"y")
    log.commit("g", {TASKS: 2})
    assert trim(log) == 2
    assert log.bounds()[TASKS] == Bounds(2, 2)
    append(log, TASKS, b"z")
    assert offsets(log, TASKS) == [2]


def test_compaction_keeps_the_newest_event_of_each_key(log: Log) -> None:
    for value, key in ((b"1", b"a"), (b"2", b"b"), (b"3", b"a"), (b"4", b"c"), (b"5", b"a")):
        append(log, COMPACT, value, key=key)
    log.commit("g", {COMPACT: 5})
    assert trim(log) == 2
    assert [row.value for row in log.read(COMPACT, 0, 10, 1 << 20)] == [b"2", b"4", b"5"]


def test_compaction_leaves_what_a_group_has_yet_to_read(log: Log) -> None:
    append(log, COMPACT, b"1", b"2", b"3", b"4", key=b"k")
    log.commit("g", {COMPACT: 2})
    assert trim(log) == 2
    assert offsets(log, COMPACT) == [2, 3]


def test_a_long_backlog_leaves_in_short_steps(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "ROWS_PER_STEP", 3)
    append(log, TASKS, *[b"x"] * 8)
    append(log, COMPACT, *[b"x"] * 8, key=b"k")
    log.commit("g", {TASKS: 8, COMPACT: 8})
    assert [trim_step(log, part, NOW) for part in parts_with_readers(log)] == [3, 3]
    assert trim(log) == 9
    assert (offsets(log, TASKS), offsets(log, COMPACT)) == ([], [7])


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=st.lists(st.tuples(st.sampled_from([OLD, NOW]), st.sampled_from([b"a", b"b"])), max_size=12),
    committed=st.lists(st.integers(0, 12), min_size=1, max_size=3),
)
def test_no_unread_event_and_no_newest_of_a_key_ever_leaves(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[int, bytes]], committed: list[int]
) -> None:
    log = Log(str(tmp_path_factory.mktemp("trim") / "log.db"), "NORMAL")
    for tp in (TASKS, COMPACT):
        config = {"retention.ms": "5000"} if tp == TASKS else {"cleanup.policy": "compact"}
        log.create_topic(tp.topic, 1, config)
        for ts, key in events:
            append(log, tp, b"x", ts=ts, key=key)
        for number, offset in enumerate(committed):
            log.commit(f"g{number}", {tp: min(offset, len(events))})
    trim(log)
    slowest = min(*committed, len(events))
    unread = set(range(slowest, len(events)))
    newest = {max(n for n, (_, k) in enumerate(events) if k == key) for key in {k for _, k in events}}
    young = {n for n, (ts, _) in enumerate(events) if ts == NOW}
    kept_tasks, kept_compact = set(offsets(log, TASKS)), set(offsets(log, COMPACT))
    log.close()
    assert unread | young <= kept_tasks
    assert kept_compact == unread | newest
