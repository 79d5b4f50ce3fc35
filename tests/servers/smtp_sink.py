"""Where test mail goes: Postfix's `smtp-sink` for speed, and a sink of our own that remembers every recipient."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.servers.ports import free_port, wait_for_port
from tests.servers.processes import kill9, spawn, stop

COUNTER = re.compile(r"mesg=(\d+)")


def smtp_sink_program() -> str | None:
    """The path of Postfix's `smtp-sink`; None when Postfix is not installed."""
    return shutil.which("smtp-sink", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/lib/postfix/sbin")


class SmtpSink:
    """Postfix's `smtp-sink`: takes mail faster than anybody sends it, counts it, and keeps it if asked to."""

    def __init__(self, program: str, *, keep: bool = False) -> None:
        self.program = program
        self.keep = keep
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="zhengda-smtp-sink-")).resolve()
        self._process: subprocess.Popen[Any] | None = None

    @property
    def url(self) -> str:
        """As ZHENGDA_SMTP_URL takes it."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        options = ["-c", "-m", "512"]
        if self.keep:
            options += ["-D", str(self.folder / "messages")]
        if os.geteuid() == 0:
            self.folder.chmod(0o777)
            options += ["-u", "nobody"]
        with (self.folder / "counters").open("ab") as out:
            self._process = spawn(
                "smtp-sink",
                [self.program, *options, f"127.0.0.1:{self.port}", "512"],
                stdout=out,
                stderr=out,
                cwd=self.folder,
            )
        if not wait_for_port(self.port):
            raise TimeoutError(
                "smtp-sink did not start: " + (self.folder / "counters").read_text(errors="replace")
            )

    @property
    def count(self) -> int:
        """Messages taken since `start`. The sink prints it as it goes; only the end of its output is read."""
        with (self.folder / "counters").open("rb") as out:
            out.seek(max(0, out.seek(0, os.SEEK_END) - 4096))
            seen = COUNTER.findall(out.read().decode("ascii", "replace"))
        return int(seen[-1]) if seen else 0

    @property
    def dump(self) -> str:
        """All messages as they came, one after another (with `keep=True`); see smtp-sink(1) for its own headers."""
        path = self.folder / "messages"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def stop(self) -> None:
        """Stop it; nothing happens when it does not run."""
        if self._process is not None:
            stop(self._process)
            self._process = None

    def close(self) -> None:
        """Stop and remove the folder."""
        self.stop()
        shutil.rmtree(self.folder)


@dataclass(frozen=True)
class Received:
    """One recipient of one message, written down before the sender was told 250."""

    rcpt: str
    message_id: str
    at: float
    """Seconds since 1970."""


class RecordingSink:
    """A mail server in a process of its own that writes down every (recipient, Message-ID, time).

    The file only grows and outlives `kill9`, so duplicates and losses can be counted afterwards. With
    `keep=True` the messages are kept too, one file each.
    """

    def __init__(self, folder: Path | None = None, *, keep: bool = False, delay_s: float = 0.0) -> None:
        self.folder = (folder or Path(tempfile.mkdtemp(prefix="zhengda-recording-sink-"))).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.keep = keep
        self.delay_s = delay_s
        self._own_folder = folder is None
        self._replies: dict[str, dict[str, str]] = {"rcpt": {}, "data": {}}
        self._process: subprocess.Popen[Any] | None = None

    @property
    def url(self) -> str:
        """As ZHENGDA_SMTP_URL takes it."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it on its port and wait until it takes connections."""
        program = Path(__file__).with_name("recording_sink.py")
        options = ["--port", str(self.port), "--folder", str(self.folder), "--delay-s", str(self.delay_s)]
        with (self.folder / "log").open("ab") as log:
            self._process = spawn(
                "recording sink",
                [sys.executable, program, *options, *(["--keep"] if self.keep else [])],
                stdout=log,
                stderr=log,
            )
        if not wait_for_port(self.port):
            raise TimeoutError(
                "the recording sink did not start: " + (self.folder / "log").read_text(errors="replace")
            )

    def reply(self, rcpt: str, line: str | None, stage: Literal["rcpt", "data"] = "rcpt") -> None:
        """From now on answer `line` (say `550 5.1.1 no such user`) for this recipient; None takes it back.

        `*` stands for every recipient without an answer of its own. At stage `data` the refusal comes after the
        whole message, as a content filter's does. It survives a restart.
        """
        answers = self._replies[stage]
        if line is None:
            answers.pop(rcpt, None)
        else:
            answers[rcpt] = line
        new = self.folder / "replies.json.new"
        new.write_text(json.dumps(self._replies), encoding="utf-8")
        new.replace(self.folder / "replies.json")

    def received(self) -> list[Received]:
        """Everything taken so far, in order. A line cut short by a kill was never acknowledged and is left out."""
        path = self.folder / "received.jsonl"
        if not path.exists():
            return []
        whole, _, _ = path.read_text(encoding="utf-8").rpartition("\n")
        return [Received(**json.loads(line)) for line in whole.splitlines()]

    def messages(self) -> list[bytes]:
        """The kept messages, oldest first."""
        return [path.read_bytes() for path in sorted((self.folder / "kept").glob("*.eml"))]

    def kill9(self) -> None:
        """Kill it with -9."""
        assert self._process is not None, "the recording sink was not started"
        kill9(self._process)
        self._process = None

    def restart(self) -> None:
        """Start again on the same port and file."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """Stop it; nothing happens when it does not run."""
        if self._process is not None:
            stop(self._process, signal.SIGTERM)
            self._process = None

    def close(self) -> None:
        """Stop it and remove the folder if it made one."""
        self.stop()
        if self._own_folder:
            shutil.rmtree(self.folder)
