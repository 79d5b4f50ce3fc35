"""Ports for test servers."""

import contextlib
import os
import random
import socket

from tests.servers.processes import wait_until

# Below what the kernel gives to outgoing connections (32768 and up on Linux), so that none of them takes the port of a
# server that is down for a moment; processes that share the tests each have a stretch of their own.
FIRST, STRETCH, STRETCHES = 16_000, 2_000, 8
_own_stretch = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % STRETCHES
_given: set[int] = set()


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port that nobody listens on now, and that was not given out before in this process."""
    stretch = range(FIRST + _own_stretch * STRETCH, FIRST + (_own_stretch + 1) * STRETCH)
    for port in random.SystemRandom().sample(stretch, len(stretch)):
        if port not in _given and _can_be_had(host, port):
            _given.add(port)
            return port
    raise OSError(f"no free port from {stretch.start} to {stretch.stop}")


def _can_be_had(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def port_answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether somebody accepts connections on this port."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1.0):
        return True
    return False


def wait_for_port(port: int, timeout_s: float = 15.0, host: str = "127.0.0.1") -> bool:
    """Wait until somebody listens; False when nobody did in time."""
    return wait_until(lambda: port_answers(port, host), timeout_s)
