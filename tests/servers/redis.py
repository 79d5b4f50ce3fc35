"""A Redis of the tests' own, with its log on disk, that can be killed and started again."""

import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from tests.servers.ports import free_port
from tests.servers.processes import kill9, spawn, stop, wait_until


def redis_program() -> str | None:
    """The path of `redis-server` (or `valkey-server`); None when this machine has neither."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


class RedisServer:
    """One Redis on a free port of 127.0.0.1; what it acknowledged is there again after `kill9` and `restart`."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="zhengda-redis-")).resolve()
        self._process: subprocess.Popen[Any] | None = None

    @property
    def url(self) -> str:
        """Database 0, as ZHENGDA_REDIS takes it."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int | None:
        """The pid of the server while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        # What was answered is on the disk: a write that waits for the last second's would be lost by a kill.
        durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
        with (self.folder / "log").open("ab") as log:
            self._process = spawn(
                "redis", [self.program, *settings, *durable], stdout=log, stderr=log, cwd=self.folder
            )
        if not wait_until(self._ready, 15.0):
            raise TimeoutError(
                "Redis did not start:\n" + (self.folder / "log").read_text(errors="replace")[-2000:]
            )

    def flush(self) -> None:
        """Forget everything, so that one test does not see another's keys."""
        with Redis.from_url(self.url) as client:
            client.flushall()

    def kill9(self) -> None:
        """Kill the server with -9."""
        assert self._process is not None, "Redis was not started"
        kill9(self._process)
        self._process = None

    def restart(self) -> None:
        """Start again on the same port and data, after a crash or after an orderly stop."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """Stop in order; nothing happens when it does not run."""
        if self._process is not None:
            stop(self._process, signal.SIGTERM)
            self._process = None

    def close(self) -> None:
        """Stop and remove the folder."""
        self.stop()
        shutil.rmtree(self.folder)

    def _ready(self) -> bool:
        if self.pid is None:
            return False
        try:
            with Redis.from_url(self.url, socket_timeout=1.0) as client:
                return bool(client.ping())
        except RedisError:
            return False
