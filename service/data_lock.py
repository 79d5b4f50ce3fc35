"""One service at a time on a data directory: a second one would take over its Valkey and its ``service.json``."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE_NAME = "service.lock"


class DataInUse(Exception):
    """Another service already runs on this ZHENGDA_DATA. Stop it first, or give this one a directory of its own."""


@contextmanager
def sole_user(data: Path) -> Iterator[None]:
    """Hold the data directory for this process; the kernel lets go of it however the process ends.

    Raises:
        DataInUse: it is held; the message names the process.
    """
    with os.fdopen(os.open(data / FILE_NAME, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            pid = file.read().strip() or "?"
            raise DataInUse(
                f"process {pid} runs on {data} already: stop it, or set ZHENGDA_DATA and ZHENGDA_PORT for a second one"
            ) from exc
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
