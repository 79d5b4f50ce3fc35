"""Answers HTTP on the service's own loop, and tells the machine where."""

import asyncio
import errno
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import nullcontext

import uvicorn

from service.api.app import create_app
from service.discovery import discovery_path, write_discovery
from service.first_start import Keys
from service.house import House

# The name is not found (a resolver's number, which the socket passes on), or the address is another machine's.
NOT_OURS = (socket.EAI_NONAME, socket.EAI_AGAIN, socket.EAI_FAIL, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


class PortTaken(Exception):
    """ZHENGDA_HOST and ZHENGDA_PORT cannot be listened on; nothing was started.

    Another program listens on the port (stop it, or set another), the user may not have the port, or the host is no
    name or address of this machine.
    """


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; taken before anything else is started.

    Raises:
        PortTaken: somebody else has the port, or the host is none of this machine's; the message says what to set.
    """
    try:
        return socket.create_server((host, port), backlog=1024)
    except OSError as exc:
        if exc.errno in NOT_OURS:
            why = "set ZHENGDA_HOST to an address of this machine, e.g. 127.0.0.1, or 0.0.0.0 for all"
        elif exc.errno == errno.EACCES:
            why = "set ZHENGDA_PORT to one that this user may have, e.g. 8300"
        else:
            why = "set ZHENGDA_PORT to a free port"
        said = (exc.strerror or str(exc)).partition(" (while")[
            0
        ]  # Python adds the address, which stands here
        raise PortTaken(f"cannot listen on {host}:{port} ({said}): {why}") from exc


def url_of(listening: socket.socket) -> str:
    """Return the address that this machine reaches it by."""
    host, port = listening.getsockname()[:2]
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"


async def answer(
    house: House, keys: Keys, listening: socket.socket, health: Callable[[], Mapping[str, str]]
) -> None:
    """Serve until cancelled."""
    config = uvicorn.Config(
        create_app(house, health),
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
    )
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext  # type: ignore[method-assign, assignment]  # signals are ours
    write_discovery(
        discovery_path(house.settings.data),
        url=url_of(listening),
        pid=os.getpid(),
        operator_key=keys.operator,
        reviewer_key=keys.reviewer,
        publisher_key=keys.publisher,
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await asyncio.shield(serving)
    finally:
        # Live inboxes never end by themselves: do not wait for them.
        server.should_exit = server.force_exit = True
        await asyncio.gather(serving, return_exceptions=True)
