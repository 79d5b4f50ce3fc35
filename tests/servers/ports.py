"""Ports for test servers."""

import contextlib
import socket

from tests.servers.processes import wait_until


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port that nobody listens on now, chosen by the kernel."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def port_answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether somebody accepts connections on this port."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1.0):
        return True
    return False


def wait_for_port(port: int, timeout_s: float = 15.0, host: str = "127.0.0.1") -> bool:
    """Wait until somebody listens; False when nobody did in time."""
    return wait_until(lambda: port_answers(port, host), timeout_s)
