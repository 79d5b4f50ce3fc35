"""Names of endpoints that no name server answers for."""

import asyncio
import socket
import threading
from typing import Any

import pytest

from channels.webhook.connecting import GuardedBackend


async def test_names_that_nobody_answers_for_hold_up_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()

    def resolver(*_: Any, **__: Any) -> list[Any]:
        answered.wait(20.0)
        raise socket.gaierror("no answer")

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    backend = GuardedBackend((), public=True)
    # More than the loop has threads, on any machine.
    waiting = [asyncio.create_task(backend.connect_tcp(f"{n}.example", 443)) for n in range(64)]
    try:
        await asyncio.sleep(0.05)
        async with asyncio.timeout(60):
            assert await asyncio.to_thread(sum, [1, 2]) == 3
    finally:
        answered.set()
        ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(one).__name__ for one in ended} == {"ConnectError"}
