"""What every command is given: the environment, the service, a place to print, and time."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import typer
from rich.console import Console

from service.cli.access import data_directory, find_access
from service.cli.client import Deadline, Service
from service.cli.words import Words, is_chinese

WIDE = 200  # columns where standard output is no terminal, so that ids are not folded


@dataclass(frozen=True)
class Face:
    """The world of one command; tests hand in another one."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    transport: httpx.BaseTransport | None = None
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic

    @property
    def words(self) -> Words:
        """The sentences in the caller's language."""
        return Words(is_chinese(self.environ))

    @property
    def data(self) -> Path:
        """The service's data directory on this machine."""
        return data_directory(self.environ)

    @property
    def out(self) -> Console:
        """Standard output: what was asked for."""
        plain = Console(highlight=False, soft_wrap=False)
        return plain if plain.is_terminal else Console(highlight=False, width=WIDE)

    @property
    def err(self) -> Console:
        """Standard error: progress and the one line that says why."""
        return Console(stderr=True, highlight=False, soft_wrap=True)

    def deadline(self, timeout_s: float) -> Deadline:
        """Return the moment ``timeout_s`` from now."""
        return Deadline(self.monotonic() + timeout_s, timeout_s, self.monotonic)

    @contextmanager
    def service(self, *, deciding: bool = False) -> Iterator[Service]:
        """Yield the service; connections are closed at the end.

        Args:
            deciding: the command only decides, see `find_access`.

        Raises:
            Unreachable: there is no address.
        """
        access = find_access(self.environ, self.words, deciding=deciding)
        service = Service(access, self.words, self.sleep, self.transport)
        try:
            yield service
        finally:
            service.close()

    def pauses(self, deadline: Deadline) -> Iterator[None]:
        """Yield at once and then after growing pauses, until ``deadline`` is over."""
        pause = 0.02
        yield
        while not deadline.over():
            self.sleep(min(pause, deadline.left_s))
            pause = min(pause * 1.3, 0.5)
            yield


def face_of(ctx: typer.Context) -> Face:
    """Return the face that `service.cli.run` put into the context."""
    return ctx.find_object(Face) or Face()
