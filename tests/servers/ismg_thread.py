"""An ISMG beside a test that does not run in an event loop."""

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, TypeVar

from tests.servers.ismg import Ismg, running_ismg
from tests.servers.ports import free_port

T = TypeVar("T")


class IsmgThread:
    """Runs an `Ismg` on a port of its own, and another one there after it was stopped."""

    def __init__(self) -> None:
        self.port = free_port()
        self.ismg = Ismg()
        self.ismg.port = self.port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to listen; ``ismg`` is a new one."""
        ready = threading.Event()

        async def serve() -> None:
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            async with running_ismg(self.port) as self.ismg:
                ready.set()
                await self._stop.wait()

        self._thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
        self._thread.start()
        assert ready.wait(10.0)

    def call(self, what: Coroutine[Any, Any, T]) -> T:
        """Have the ISMG do something; return what comes of it."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(10.0)

    def stop(self) -> None:
        """Cut all connections and listen no more; nothing happens when it does not run."""
        thread, self._thread = self._thread, None
        if thread is not None:
            assert self._loop is not None
            assert self._stop is not None
            self._loop.call_soon_threadsafe(self._stop.set)
            thread.join(10.0)

    def __enter__(self) -> "IsmgThread":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
