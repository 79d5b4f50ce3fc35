"""One POST to somebody else's server: bounded in time, in what is read of the answer, and in how many at once."""

import asyncio
import ssl
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice

import httpcore
import httpx

from channels.errors import PermanentError, TemporaryError, TransportError, UnknownOutcomeError
from channels.guards.breaker import Breaker, Patience
from channels.leaving import leaving
from channels.mask import mask_contacts
from channels.webhook.answers import Answer
from channels.webhook.connecting import pool
from channels.webhook.places import Network, PlaceRefused
from config.logging import get_logger

log = get_logger(__name__)

ANSWER_S = 15.0  # for the whole of it: a byte a second does not make it longer
CONNECT_S = 5.0
MOST_READ = 4096  # bytes of an answer; the rest is not waited for
AT_ONCE = 32
OF_ONE = 4  # at the same server
ORIGINS = 1000  # servers that are remembered, and those that are being asked at the moment beyond it
# Waits of a minute at most: the retry table has the longer ones, and there each try counts.
SOON = Patience(in_a_row=3, share=0.9, first_wait_s=5.0, longest_wait_s=60.0, trial_s=30.0)
AGENT = "Zhengda-Webhooks/1"

Headers = Sequence[tuple[str, str]]
Posted = Answer | TransportError


@dataclass
class _Origin:
    """What is known of one server: how many requests it may have at once, how many it has, whether it is left alone."""

    breaker: Breaker
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(OF_ONE))
    asked: int = 0  # requests under way and those that wait for room


class Poster:
    """Sends bodies to URLs.

    Args:
        opened: networks that the operator opened; what is not encrypted goes only there.
        random: 0 to 1, for the jitter of the breakers.
        tls: how certificates are checked; the usual authorities by default.
        answer_s: the longest that one request takes, in seconds.
    """

    def __init__(
        self,
        opened: Sequence[Network],
        random: Callable[[], float],
        *,
        tls: ssl.SSLContext | None = None,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._opened = opened
        self._random = random
        self._tls = tls
        self._answer_s = answer_s
        self._room = asyncio.Semaphore(AT_ONCE)
        self._origins: OrderedDict[str, _Origin] = OrderedDict()
        self._pools: dict[str, httpcore.AsyncConnectionPool] = {}

    async def close(self) -> None:
        """Give back connections; it can be used again afterwards."""
        pools, self._pools = self._pools, {}
        for one in pools.values():
            await one.aclose()

    async def post(self, url: str, headers: Headers, body: bytes, until: float) -> Posted | None:
        """Send ``body`` and return the answer, or why there is none.

        Args:
            url: absolute.
            headers: beside those of HTTP itself.
            body: JSON.
            until: by `time.monotonic`; None is returned where its turn has not come by then, or
                the service is being stopped.
        """
        target = _target(url)
        if target is None:
            return PermanentError("the URL of the endpoint cannot be used")
        origin = self._origin(f"{target.scheme!r}{target.host!r}{target.port}")
        origin.asked += 1
        try:
            # In this order: who waits for a slow server takes no room from others.
            async with origin.room, self._room:
                if leaving() or time.monotonic() > until:
                    return None
                if not origin.breaker.allows(time.monotonic()):
                    return TemporaryError("the endpoint did not answer lately and is left alone for a moment")
                return await self._tell(origin.breaker, target, headers, body)
        finally:
            origin.asked -= 1

    async def _tell(self, breaker: Breaker, target: httpcore.URL, headers: Headers, body: bytes) -> Posted:
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._answer_s):
                answer = await self._request(target, headers, body, began)
        except PlaceRefused as exc:
            breaker.succeeded(time.monotonic())
            return PermanentError(str(exc))
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout) as exc:
            breaker.failed(time.monotonic())
            return TemporaryError(f"the endpoint takes no connection ({type(exc).__name__})")
        except TimeoutError:
            breaker.failed(time.monotonic())
            return UnknownOutcomeError(f"the endpoint did not answer within {self._answer_s:g} s")
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as exc:
            breaker.failed(time.monotonic())
            return UnknownOutcomeError(f"the connection ended before the answer ({type(exc).__name__})")
        except Exception as exc:  # noqa: BLE001 - raised, it would take the whole batch with it, again at each lease's end
            # Its words may hold the URL, its type does not.
            log.error("webhook_post_failed", error=type(exc).__name__)
            breaker.failed(time.monotonic())
            return UnknownOutcomeError(f"unexpected {type(exc).__name__}")
        breaker.succeeded(time.monotonic())
        return answer

    async def _request(self, target: httpcore.URL, headers: Headers, body: bytes, began: float) -> Answer:
        own = [("host", _host(target)), ("user-agent", AGENT), ("accept", "application/json, text/plain")]
        sent = [*own, ("content-type", "application/json"), ("content-length", str(len(body))), *headers]
        waits = {"connect": CONNECT_S, "read": self._answer_s, "write": self._answer_s, "pool": CONNECT_S}
        async with self._pool(target.scheme).stream(
            "POST",
            target,
            headers=[(name.encode(), value.encode()) for name, value in sent],
            content=body,
            extensions={"timeout": waits},
        ) as response:
            said = b""
            async for chunk in response.aiter_stream():
                said += chunk
                if len(said) >= MOST_READ:
                    break
        named = {name.lower(): value for name, value in response.headers}
        text = mask_contacts(said[:MOST_READ].decode("utf-8", "replace"))
        took_ms = round((time.monotonic() - began) * 1000)
        return Answer(response.status, text, named.get(b"retry-after", b"").decode("latin-1"), took_ms)

    def _origin(self, name: str) -> _Origin:
        """Return what is known of a server; for a new one the longest unused is forgotten, never one being asked."""
        found = self._origins.pop(name, None) or _Origin(Breaker(self._random, SOON))
        if (over := len(self._origins) + 1 - ORIGINS) > 0:
            idle = (old for old, one in self._origins.items() if not one.asked)
            for old in list(islice(idle, over)):
                del self._origins[old]
        self._origins[name] = found
        return found

    def _pool(self, scheme: bytes) -> httpcore.AsyncConnectionPool:
        name = scheme.decode()
        if name not in self._pools:
            self._tls = self._tls or httpx.create_ssl_context()
            self._pools[name] = pool(self._opened, public=name == "https", tls=self._tls)
        return self._pools[name]


def _target(url: str) -> httpcore.URL | None:
    """Return the URL as it is connected to, its name in ASCII; None for one that is no web address."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return None
    if parsed.scheme not in ("http", "https") or not parsed.raw_host:
        return None
    return httpcore.URL(
        scheme=parsed.raw_scheme, host=parsed.raw_host, port=parsed.port, target=parsed.raw_path
    )


def _host(target: httpcore.URL) -> str:
    name = target.host.decode("ascii")
    name = f"[{name}]" if ":" in name else name
    return name if target.port is None else f"{name}:{target.port}"
