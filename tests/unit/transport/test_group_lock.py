"""One consuming process per group."""

import subprocess
import sys
from pathlib import Path

from streams.transport.group_lock import GroupLock
from tests.servers.processes import kill9, spawn, wait_until

HOLDER = """
import sys, time
from streams.transport.group_lock import GroupLock
lock = GroupLock(sys.argv[1], "g")
assert lock.take()
print("held", flush=True)
time.sleep(600)
"""
ROOT = Path(__file__).resolve().parents[3]


def test_a_second_holder_waits_until_the_first_lets_go(tmp_path: Path) -> None:
    first, second = (GroupLock(str(tmp_path / "log.db"), "g") for _ in range(2))
    assert first.take()
    assert first.take()
    assert not second.take()
    first.release()
    first.release()
    assert second.take()
    second.release()


def test_groups_do_not_hinder_each_other_whatever_their_names(tmp_path: Path) -> None:
    locks = [GroupLock(str(tmp_path / "log.db"), name) for name in ("a", "b", "a/../b", "政达")]
    assert all(lock.take() for lock in locks)
    assert all(Path(lock.path).parent == tmp_path for lock in locks)
    for lock in locks:
        lock.release()


def test_kill_9_frees_the_lock(tmp_path: Path) -> None:
    path = str(tmp_path / "log.db")
    holder = spawn("lock holder", [sys.executable, "-c", HOLDER, path], cwd=ROOT, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    mine = GroupLock(path, "g")
    assert not mine.take()
    kill9(holder)
    holder.stdout.close()
    assert wait_until(mine.take, 60)
    mine.release()
