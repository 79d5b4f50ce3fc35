"""One consuming process per group, by a lock that cannot be left behind."""

from __future__ import annotations

import fcntl
import os
from urllib.parse import quote


class GroupLock:
    """An exclusive lock beside the log's file. The kernel frees it when its holder ends, kill -9 included.

    Args:
        log_path: The log's file.
        group: The consumer group (the Faust app's id).
    """

    def __init__(self, log_path: str, group: str) -> None:
        self.path = f"{log_path}.{quote(group, safe='')}.lock"
        self._fd: int | None = None

    def take(self) -> bool:
        """Try to get the lock, without waiting; True if it is ours (also if it already was)."""
        if self._fd is not None:
            return True
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return False
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd
        return True

    def release(self) -> None:
        """Give the lock to whoever waits; harmless when it is not ours."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
