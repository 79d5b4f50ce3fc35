import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from service.supervisor import ValkeySupervisor, ValkeyWillNotStart
from tests.servers.processes import kill9, pid_alive, pids_working_in, spawn, wait_until

PARENT = """
import asyncio, sys
from pathlib import Path
from service.supervisor import ValkeySupervisor

async def main():
    valkey = ValkeySupervisor(Path(sys.argv[1]))
    await valkey.start()
    print("pid", valkey.pid, flush=True)
    await valkey.watch()

asyncio.run(main())
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path, and no server left on it afterwards whatever the test did."""
    with tempfile.TemporaryDirectory(prefix="zhengda-valkey-") as name:
        path = Path(name).resolve() / "valkey"
        yield path
        for pid in pids_working_in(path):
            os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: not pids_working_in(path), 60)


@pytest.fixture
async def watching() -> AsyncIterator[Callable[[ValkeySupervisor], None]]:
    """Runs `watch` beside the test and ends it afterwards."""
    tasks: list[asyncio.Task[None]] = []
    yield lambda valkey: tasks.append(asyncio.create_task(valkey.watch(every_s=0.05)))
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def put(url: str, key: str, value: str) -> None:
    async with Redis.from_url(url) as client:
        await client.set(key, value)


async def get(url: str, key: str) -> str | None:
    async with Redis.from_url(url, decode_responses=True) as client:
        value: str | None = await client.get(key)
        return value


async def eventually(true: Callable[[], bool], timeout_s: float = 60.0) -> bool:
    return await asyncio.to_thread(wait_until, true, timeout_s)


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def orphan(folder: Path) -> int:
    """Let another process start the server, kill that process with -9, and return the server's pid."""
    parent = spawn("a service", [sys.executable, "-c", PARENT, folder], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    try:
        return next(int(line.split()[1]) for line in parent.stdout if line.startswith("pid "))
    finally:
        kill9(parent)
        parent.stdout.close()


async def test_the_server_answers_on_the_url_and_nowhere_else(folder: Path) -> None:
    valkey = ValkeySupervisor(folder)
    url = await valkey.start()
    assert url == f"unix://{folder}/valkey.sock"
    async with Redis.from_url(url, decode_responses=True) as client:
        settings = await client.config_get("port", "appendonly", "save", "maxmemory")
    assert settings == {"port": "0", "appendonly": "yes", "save": "", "maxmemory": str(64 * 1024**2)}
    assert folder.stat().st_mode & 0o077 == 0
    await valkey.stop()


async def test_a_clean_stop_leaves_no_server_and_keeps_what_was_written(folder: Path) -> None:
    valkey = ValkeySupervisor(folder)
    await put(await valkey.start(), "kept", "yes")
    first = valkey.pid
    await valkey.stop()
    assert pids_working_in(folder) == []
    assert not (folder / "valkey.sock").exists()
    assert await get(await valkey.start(), "kept") == "yes"
    assert valkey.pid != first
    await valkey.stop()


async def test_stopping_twice_or_without_a_start_is_quiet(folder: Path) -> None:
    valkey = ValkeySupervisor(folder)
    await valkey.stop()
    await valkey.start()
    await valkey.stop()
    await valkey.stop()
    assert valkey.pid is None


async def test_a_server_that_outlived_its_killed_parent_is_adopted(folder: Path) -> None:
    survivor = orphan(folder)
    assert pid_alive(survivor)
    valkey = ValkeySupervisor(folder)
    await valkey.start()
    assert (valkey.pid, valkey.adopted) == (survivor, True)
    assert pids_working_in(folder) == [survivor]
    await valkey.stop()
    assert pids_working_in(folder) == []


async def test_a_socket_that_nobody_serves_is_replaced(folder: Path) -> None:
    kill(orphan(folder))
    assert await eventually(lambda: pids_working_in(folder) == [])
    assert (folder / "valkey.sock").exists()
    valkey = ValkeySupervisor(folder)
    await valkey.start()
    assert not valkey.adopted
    assert pids_working_in(folder) == [valkey.pid]
    await valkey.stop()


async def test_starts_at_the_same_moment_share_one_server(folder: Path) -> None:
    rivals = [ValkeySupervisor(folder) for _ in range(8)]
    await asyncio.gather(*(rival.start() for rival in rivals))
    assert len({rival.pid for rival in rivals}) == 1
    assert pids_working_in(folder) == [rivals[0].pid]
    assert sum(not rival.adopted for rival in rivals) == 1
    for rival in rivals:
        await rival.stop()


async def test_a_killed_server_comes_back_with_what_it_had(
    folder: Path, watching: Callable[[ValkeySupervisor], None]
) -> None:
    valkey = ValkeySupervisor(folder)
    url = await valkey.start()
    watching(valkey)
    await put(url, "kept", "yes")
    first = valkey.pid
    kill(first)
    assert await eventually(lambda: valkey.pid != first)
    assert await get(url, "kept") == "yes"
    assert pids_working_in(folder) == [valkey.pid]
    await valkey.stop()


async def test_an_adopted_server_that_is_killed_comes_back_too(
    folder: Path, watching: Callable[[ValkeySupervisor], None]
) -> None:
    survivor = orphan(folder)
    valkey = ValkeySupervisor(folder)
    await valkey.start()
    watching(valkey)
    kill(survivor)
    assert await eventually(lambda: valkey.pid not in (None, survivor))
    assert not valkey.adopted
    await valkey.stop()


async def test_the_watch_ends_with_the_stop_and_starts_nothing(folder: Path) -> None:
    valkey = ValkeySupervisor(folder)
    await valkey.start()
    watch = asyncio.create_task(valkey.watch(every_s=0.01))
    await valkey.stop()
    await asyncio.wait_for(watch, 60)
    assert pids_working_in(folder) == []


async def test_a_server_that_hangs_gets_no_second_one_beside_it(folder: Path) -> None:
    survivor = orphan(folder)
    os.kill(survivor, signal.SIGSTOP)
    valkey = ValkeySupervisor(folder, start_timeout_s=0.5)
    with pytest.raises(ValkeyWillNotStart, match=r"lives on .* did not answer"):
        await valkey.start()
    assert pids_working_in(folder) == [survivor]
    os.kill(survivor, signal.SIGCONT)
    await valkey.start()
    assert valkey.pid == survivor
    await valkey.stop()


async def test_a_server_that_cannot_run_is_reported_with_its_own_words(folder: Path) -> None:
    (folder / "appendonlydir").mkdir(parents=True)
    (folder / "appendonlydir" / "appendonly.aof.manifest").write_text("this is no manifest\n")
    valkey = ValkeySupervisor(folder)
    with pytest.raises(ValkeyWillNotStart, match=r"(?s)ended with code 1:.*manifest"):
        await valkey.start()
    assert pids_working_in(folder) == []


async def test_a_server_is_tried_again_until_what_is_wrong_is_mended(
    folder: Path, watching: Callable[[ValkeySupervisor], None]
) -> None:
    valkey = ValkeySupervisor(folder)
    await valkey.start()
    manifest = folder / "appendonlydir" / "appendonly.aof.manifest"
    whole = manifest.read_text()
    manifest.write_text("this is no manifest\n")
    first = valkey.pid
    kill(first)
    watching(valkey)
    assert await eventually(lambda: "this is no manifest" in (folder / "valkey.log").read_text())
    manifest.write_text(whole)
    assert await eventually(lambda: valkey.pid != first)
    await valkey.stop()


async def test_a_path_too_long_for_a_socket_is_reached_through_a_short_link(folder: Path) -> None:
    deep = folder / ("政" * 30) / "valkey"
    valkey = ValkeySupervisor(deep)
    url = await valkey.start()
    link = Path(url.removeprefix("unix://")).parent
    assert len(url.removeprefix("unix://")) <= 100
    assert link.readlink() == deep
    await put(url, "reached", "yes")
    again = ValkeySupervisor(deep)
    await again.start()
    assert again.pid == valkey.pid
    await again.stop()
    await valkey.stop()
    assert not link.is_symlink()


async def test_a_link_that_leads_elsewhere_is_not_followed(folder: Path, tmp_path: Path) -> None:
    valkey = ValkeySupervisor(folder / ("x" * 120))
    link = Path(valkey.url.removeprefix("unix://")).parent
    link.symlink_to(tmp_path)
    try:
        with pytest.raises(ValkeyWillNotStart, match="is not this service's link"):
            await valkey.start()
    finally:
        link.unlink()


@pytest.mark.slow
async def test_nothing_acknowledged_is_lost_over_many_kills(
    folder: Path, watching: Callable[[ValkeySupervisor], None]
) -> None:
    valkey = ValkeySupervisor(folder)
    url = await valkey.start()
    watching(valkey)
    acknowledged = 0
    for _ in range(6):
        for _ in range(500):
            await put(url, f"key:{acknowledged}", "x")
            acknowledged += 1
        first = valkey.pid
        kill(first)
        assert await eventually(lambda first=first: valkey.pid != first, 20.0)
    async with Redis.from_url(url) as client:
        assert await client.dbsize() == acknowledged
    assert pids_working_in(folder) == [valkey.pid]
    await valkey.stop()
