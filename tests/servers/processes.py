"""Every process that a test starts is known here by its pid, so that each one can be stopped and none is forgotten."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

REQUIRE = "REQUIRE_SERVERS"

_started: dict[int, tuple[str, subprocess.Popen[Any]]] = {}


def servers_required() -> bool:
    """Whether a missing server is a failure (CI) and not a reason to skip (somebody's laptop)."""
    return os.environ.get(REQUIRE, "") not in ("", "0")


def need(reason: str) -> None:
    """Skip the test for want of a server, or fail it where every server has to be there."""
    if servers_required():
        pytest.fail(f"{reason} ({REQUIRE} is set, so this is a failure)", pytrace=False)
    pytest.skip(reason)


def spawn(name: str, command: Sequence[str | Path], **options: Any) -> subprocess.Popen[Any]:
    """Start a process in a session of its own; it must be ended with `stop_pid`, `stop` or `kill9` by the test.

    `name` is what the report calls it when it is left behind; `options` go to `subprocess.Popen`.
    """
    process = subprocess.Popen([str(part) for part in command], start_new_session=True, **options)
    _started[process.pid] = (name, process)
    return process


def stop(
    process: subprocess.Popen[Any], how: signal.Signals = signal.SIGTERM, timeout_s: float = 10.0
) -> int:
    """Ask a process to end, kill it when it does not, and return its exit code."""
    if process.poll() is None:
        process.send_signal(how)
    try:
        code = process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.wait(timeout_s)
    _started.pop(process.pid, None)
    return code


def kill9(process: subprocess.Popen[Any]) -> None:
    """End a process as a power cut would, and wait until it is gone."""
    process.kill()
    process.wait(10)
    _started.pop(process.pid, None)


def stop_pid(pid: int, timeout_s: float = 10.0) -> None:
    """End a process that is not our child, by its pid: SIGTERM, then SIGKILL. One that is gone already is fine."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
        if wait_until(lambda: not pid_alive(pid), timeout_s):
            return
    raise TimeoutError(f"process {pid} survived SIGKILL for {timeout_s} s")


def pid_alive(pid: int) -> bool:
    """Whether a process runs under this pid; a zombie does not run."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in ("Z", "X")


def pids_working_in(folder: Path) -> list[int]:
    """The processes whose working directory is `folder`: a server and everything it has forked."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if Path(os.readlink(entry / "cwd")) == folder and pid_alive(int(entry.name)):
                    found.append(int(entry.name))
    return found


def wait_until(true: Callable[[], bool], timeout_s: float, every_s: float = 0.02) -> bool:
    """Ask again and again until the answer is yes; False when it was not within `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(every_s)
    return True


def end_leftovers() -> list[str]:
    """Kill what is still alive of all that was started and say what it was."""
    left = [f"{name} (pid {pid})" for pid, (name, process) in _started.items() if process.poll() is None]
    for _, process in list(_started.values()):
        if process.poll() is None:
            kill9(process)
    _started.clear()
    return left
