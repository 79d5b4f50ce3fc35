"""Connections that go where they were checked to go: the name is resolved once, and what was checked is connected to.

A second resolution would let a name server answer with a public address first and with an inner one then (DNS
rebinding). TLS is still asked for the name, by whoever uses the connection.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial

import httpcore

from channels.webhook.places import Network, PlaceRefused, may_go_to

CONNECTIONS = 64
IDLE = 32
IDLE_S = 5.0
RESOLVERS = 16


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves, checks every address that it gets, and connects to one of those.

    Args:
        opened: networks that the operator opened.
        public: whether public addresses may be connected to.
    """

    def __init__(self, opened: Sequence[Network], *, public: bool) -> None:
        self._opened = opened
        self._public = public
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of ``host`` that answers.

        Raises:
            PlaceRefused: one of its addresses may not be gone to.
            httpcore.ConnectError: it has no address, or none answers.
            httpcore.ConnectTimeout: none answers in time.
        """
        found = await _addresses(host, port)
        for address in found:
            if not may_go_to(address, self._opened, public=self._public):
                raise PlaceRefused(
                    "the name of the endpoint leads to an address that is not open to webhooks"
                )
        last: Exception = httpcore.ConnectError("the name of the endpoint has no address")
        for address in found:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                last = exc
        raise last

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: a webhook never goes to a socket of this machine.

        Raises:
            PlaceRefused: always.
        """
        raise PlaceRefused("a webhook goes to no socket of this machine")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)


def pool(opened: Sequence[Network], *, public: bool, tls: ssl.SSLContext) -> httpcore.AsyncConnectionPool:
    """Return connections that are guarded; no proxy of the environment is used, no redirect followed."""
    return httpcore.AsyncConnectionPool(
        ssl_context=tls,
        max_connections=CONNECTIONS,
        max_keepalive_connections=IDLE,
        keepalive_expiry=IDLE_S,
        network_backend=GuardedBackend(opened, public=public),
    )


@cache
def _resolvers() -> ThreadPoolExecutor:
    """Return threads for names alone: one that no server answers for holds its thread for half a minute.

    The loop's own threads sign mails and read bounces; endpoints of strangers must not take those.
    """
    return ThreadPoolExecutor(RESOLVERS, thread_name_prefix="webhook-names")


async def _addresses(host: str, port: int) -> list[str]:
    ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        found = await asyncio.get_running_loop().run_in_executor(_resolvers(), ask)
    except (OSError, UnicodeError) as exc:
        raise httpcore.ConnectError("the name of the endpoint cannot be resolved") from exc
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
