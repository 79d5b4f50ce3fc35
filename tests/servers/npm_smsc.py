"""An SMSC of the tests' own, on npm's `smpp`: `smsc/smsc.js` runs, says what happens and takes orders."""

import json
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.servers.ports import free_port
from tests.servers.processes import kill9, spawn, stop, wait_until

FOLDER = Path(__file__).parent / "smsc"
SYSTEM_ID, PASSWORD, SENDER = "gov", "secret12", "10690001"


def smsc_program() -> tuple[str | None, str]:
    """The path of `node`, or None and why the SMSC cannot run."""
    node = shutil.which("node")
    if node is None:
        return None, "node is not installed (Debian: nodejs, npm)"
    if not (FOLDER / "node_modules" / "smpp").is_dir():
        return None, "npm's smpp is not there (make smsc)"
    return node, ""


class NpmSmsc:
    """One SMSC on a free port of 127.0.0.1; it keeps its port when it is started again."""

    def __init__(self, node: str, **options: Any) -> None:
        self.node = node
        self.port = free_port()
        self.options = {"port": self.port, "password": PASSWORD, **options}
        self.events: list[dict[str, Any]] = []
        self._asked = self._echoed = 0
        self._process: subprocess.Popen[Any] | None = None
        self._reader: threading.Thread | None = None

    def url(self, options: str = "", password: str = PASSWORD, scheme: str = "smpp") -> str:
        """As ZHENGDA_SMS_URL takes it."""
        return f"{scheme}://{SYSTEM_ID}:{password}@127.0.0.1:{self.port}?from={SENDER}{options}"

    def start(self) -> "NpmSmsc":
        """Start it and wait until it listens."""
        process = spawn(
            "smsc",
            [self.node, FOLDER / "smsc.js", json.dumps(self.options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        listening = self.count("listening")
        self._process = process
        self._reader = threading.Thread(target=self._read, args=(process,), daemon=True)
        self._reader.start()
        if not self.wait("listening", listening + 1):
            raise TimeoutError("the SMSC did not start")
        return self

    def order(self, **what: Any) -> None:
        """Give an order (see `smsc.js`)."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        self._process.stdin.flush()

    def said(self, event: str) -> list[dict[str, Any]]:
        """What has happened of this kind by now, in order."""
        self._catch_up()
        return self._heard(event)

    def count(self, event: str) -> int:
        """How often it happened."""
        return len(self.said(event))

    def wait(self, event: str, times: int = 1, timeout_s: float = 10.0) -> bool:
        """Wait until it has happened so often; for threads, not for the event loop."""
        return wait_until(lambda: len(self._heard(event)) >= times, timeout_s)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(kill9)

    def close(self) -> None:
        """Stop it; nothing happens when it does not run."""
        self._end(stop)

    def _heard(self, event: str) -> list[dict[str, Any]]:
        return [one for one in list(self.events) if one["event"] == event]

    def _catch_up(self) -> None:
        """Hear all that it has printed so far: an echo comes behind it."""
        if self._process is None:
            return  # it was read to its end
        self._asked += 1
        self.order(echo=self._asked)
        if not wait_until(lambda: self._echoed >= self._asked, 60.0, 0.002):
            raise TimeoutError("the SMSC does not answer")

    def _end(self, how: Callable[[subprocess.Popen[Any]], Any]) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        how(process)
        assert self._reader is not None
        self._reader.join(5.0)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def _read(self, process: subprocess.Popen[Any]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "echo":
                self._echoed = event["mark"]
            else:
                self.events.append(event)
