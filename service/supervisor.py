"""Starts the Valkey that a single machine needs for coordination, adopts one that outlived us, and keeps it alive."""

import asyncio
import contextlib
import subprocess
import time
from pathlib import Path

import structlog

from service.valkey import ValkeyFolder, ValkeyWillNotStart

__all__ = ["ValkeySupervisor", "ValkeyWillNotStart"]

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 30.0
STEADY_AFTER_S = 10.0

log = structlog.get_logger(__name__)


class ValkeySupervisor:
    """Keeps one Valkey server on a Unix socket in `folder`.

    ``start`` returns the URL for a Redis client; run ``watch`` as a task beside the service; ``stop`` ends the
    server, an adopted one too.

    Args:
        folder: made when missing, for this user only.
        maxmemory_mb: when full, keys with a time to live are evicted, the least recently used first.
        start_timeout_s: how long a server may take to answer, loading its append-only file included.
    """

    def __init__(self, folder: Path, *, maxmemory_mb: int = 64, start_timeout_s: float = 15.0) -> None:
        self.pid: int | None = None
        """The server's process id while it is known to live."""
        self.adopted = False
        """Whether the server was there already when `start` came."""
        self._folder = ValkeyFolder(folder, maxmemory_mb)
        self._start_timeout_s = start_timeout_s
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = asyncio.Event()
        self._turn = asyncio.Lock()

    @property
    def url(self) -> str:
        """The URL as ``redis.asyncio.Redis.from_url`` takes it; known before `start`, and it never changes."""
        return self._folder.url

    async def start(self) -> str:
        """Start the server, or adopt the one that lives, and return its URL once it answers.

        Raises:
            ValkeyWillNotStart: it ended at once, or did not answer in time.
        """
        async with self._turn:
            self._stopped.clear()
            await self._start()
        return self.url

    async def stop(self) -> None:
        """End the server in order, its file flushed, and wait until it is gone; without one nothing happens."""
        async with self._turn:
            self._stopped.set()
            if self._folder.somebody_lives():
                await self._folder.shut_down(self.pid)
            await self._folder.hang_up()
            if self._process is not None:
                await asyncio.to_thread(self._process.wait)
                self._process = None
            self._folder.tidy()
            self.pid = None

    async def watch(self, every_s: float = 0.5) -> None:
        """Bring the server back whenever it is gone, with growing pauses, until `stop` is called.

        The first death is answered at once, the next ones after 0.2, 0.4, ... 30 s, and after ten quiet seconds
        the count begins anew. Failures are logged and never end the watch.
        """
        pause_s, back_at = 0.0, time.monotonic()
        while not await self._stopped_within(every_s):
            if self.pid is not None and await self._folder.ask_pid() == self.pid:
                if time.monotonic() - back_at > STEADY_AFTER_S:
                    pause_s = 0.0
                continue
            if self._stopped.is_set():
                return
            log.warning("valkey does not answer, starting it again", pid=self.pid, pause_s=pause_s)
            if await self._stopped_within(pause_s):
                return
            pause_s = min(max(pause_s * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S)
            await self._start_again(pause_s)
            back_at = time.monotonic()

    async def _start_again(self, next_pause_s: float) -> None:
        async with self._turn:
            if self._stopped.is_set():
                return
            try:
                await self._start()
            except ValkeyWillNotStart as error:
                log.error("valkey did not come back", error=str(error), next_try_in_s=next_pause_s)

    async def _start(self) -> None:
        deadline = time.monotonic() + self._start_timeout_s
        self._folder.prepare()
        self._bury()
        while True:
            pid = await self._folder.ask_pid()
            if pid is not None:
                self.adopted = self._process is None or self._process.pid != pid
                self.pid = pid
                log.info("valkey answers", pid=pid, adopted=self.adopted, url=self.url)
                return
            code = self._bury()
            if code is not None:
                raise ValkeyWillNotStart(f"Valkey ended with code {code}:\n{self._folder.last_words()}")
            if self._process is None:
                self._process = self._folder.launch_if_nobody_lives()
            if time.monotonic() > deadline:
                raise ValkeyWillNotStart(
                    f"a Valkey lives on {self._folder.path} and did not answer for {self._start_timeout_s:g} s:\n"
                    + self._folder.last_words()
                )
            await asyncio.sleep(0.02)

    def _bury(self) -> int | None:
        """Forget our child if it has ended, and say with which code."""
        code = None if self._process is None else self._process.poll()
        if code is not None:
            self._process = None
        return code

    async def _stopped_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), seconds)
        return self._stopped.is_set()
