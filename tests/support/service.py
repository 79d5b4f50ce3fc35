"""The real service as a process of the tests' own: started as an operator starts it, stopped in order or by kill -9.

with running(tmp_path, ZHENGDA_SMTP_URL=sink.url) as service:
    office = Office(service.url, service.keys.operator_key)   # tests/support/office.py
    …
    service.kill9()
    service.start()
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from service.discovery import Discovery, discovery_path, read_discovery
from tests.servers.ports import free_port
from tests.servers.processes import kill9, pids_working_in, spawn, stop, stop_pid, wait_until

PROGRAM = (sys.executable, "-c", "from service.cli import main; main()", "up")
READY_S = 60.0
STOP_S = 30.0


class ServiceProcess:
    """``zhengda up`` with a data folder and a port that stay the same over restarts.

    Args:
        folder: made when missing; data and log lie in it.
        roles: all by default; single ones need settings for a shared log, record and Redis.
        settings: ``ZHENGDA_*`` variables, on top of: no demo, JSON logs, a free port. No other ``ZHENGDA_*`` variable
            of the tests' own environment reaches the service.
    """

    def __init__(self, folder: Path, *, roles: Sequence[str] = (), **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.data = (folder / "data").resolve()
        self.roles = tuple(roles)
        self.port = free_port()
        self.log = folder / "service.log"
        self._settings = {
            "ZHENGDA_DATA": str(self.data),
            "ZHENGDA_PORT": str(self.port),
            "ZHENGDA_DEMO": "0",
            "ZHENGDA_LOG_FORMAT": "json",
            **settings,
        }
        self._process: subprocess.Popen[Any] | None = None

    @property
    def url(self) -> str:
        """Where it answers; known before it runs."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The pid while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def keys(self) -> Discovery:
        """What ``service.json`` says: the operator's key, and the demo's with ZHENGDA_DEMO=1."""
        found = read_discovery(discovery_path(self.data))
        assert found is not None, f"no service.json in {self.data}:\n{self.last_words()}"
        return found

    def change(self, **settings: str) -> None:
        """Set ``ZHENGDA_*`` variables for the next start."""
        self._settings |= settings

    def start(self, *, wait: bool = True, timeout_s: float = READY_S) -> "ServiceProcess":
        """Start it and wait until it is ready for work (see `wait_ready`)."""
        assert self.pid is None, "it runs already"
        own = {name: value for name, value in os.environ.items() if not name.startswith("ZHENGDA_")}
        roles = [part for role in self.roles for part in ("--role", role)]
        with self.log.open("ab") as out:
            self._process = spawn(
                "zhengda " + " ".join(self.roles or ("all",)),
                [*PROGRAM, *roles],
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                env=own | self._settings,
            )
        if wait:
            self.wait_ready(timeout_s)
        return self

    def wait_ready(self, timeout_s: float = READY_S) -> None:
        """Wait until /healthz says ok: the record answers and, in a worker, the streams hold their partitions.

        Raises:
            TimeoutError: it ended or did not come up; the message has the end of its log.
        """
        if (
            not wait_until(lambda: self.pid is None or self.healthy(), timeout_s, every_s=0.05)
            or not self.pid
        ):
            raise TimeoutError(
                f"{self.name} not ready after {timeout_s:g} s, {self.health()}\n{self.last_words()}"
            )

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"zhengda {' '.join(self.roles) or 'all roles'} ({self.folder.name})"

    def health(self) -> dict[str, Any]:
        """What /healthz answers; empty while it does not."""
        with suppress(httpx.TransportError):
            answer = httpx.get(f"{self.url}/healthz", timeout=5.0)
            if answer.status_code == 200:
                return dict(answer.json())
        return {}

    def healthy(self) -> bool:
        """Whether it says that everything is ok."""
        return self.health().get("status") == "ok"

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end and return its exit code; -9 if it had to be killed after `STOP_S`."""
        assert self._process is not None, "it was not started"
        process, self._process = self._process, None
        return stop(process, how, STOP_S)

    def kill9(self) -> None:
        """End it as a power cut would. An embedded Valkey lives on, as it does in earnest."""
        assert self._process is not None, "it was not started"
        kill9(self._process)
        self._process = None

    def close(self) -> None:
        """Leave nothing behind: neither the service nor a Valkey that outlived it."""
        if self._process is not None:
            self.stop()
        for pid in self.valkey_pids():
            stop_pid(pid)

    def valkey_pids(self) -> list[int]:
        """The embedded Valkey's processes on this data folder; never more than one."""
        return pids_working_in(self.data / "valkey")

    def events(self, name: str) -> list[dict[str, Any]]:
        """The lines of its log with this event, oldest first, over all its lives."""
        found = []
        for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines():
            with suppress(ValueError):
                said = json.loads(line)
                if isinstance(said, dict) and said.get("event") == name:
                    found.append(said)
        return found

    def last_words(self, chars: int = 4000) -> str:
        """The end of its log."""
        return (
            self.log.read_text(encoding="utf-8", errors="replace")[-chars:]
            if self.log.exists()
            else "(no log)"
        )


@contextmanager
def running(folder: Path, *, roles: Sequence[str] = (), **settings: str) -> Iterator[ServiceProcess]:
    """A service that is ready for work; afterwards nothing of it is left."""
    service = ServiceProcess(folder, roles=roles, **settings)
    try:
        yield service.start()
    finally:
        service.close()
