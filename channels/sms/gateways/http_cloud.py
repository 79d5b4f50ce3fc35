"""A cloud behind HTTP: where it is, who we are there, and what it means when no answer comes."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx

from channels.errors import (
    TemporaryError,
    ThrottledError,
    TransportError,
    UnknownOutcomeError,
    UnreachableError,
)

CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 30.0
LONGEST_TIMEOUT_S = 300.0
KEPT_OPEN_S = 5.0  # a request into a connection that is just being closed has no known outcome
BUSY_S = 60.0
WORDS = frozenset({"Code", "Response"})  # one of them is in each answer of a cloud, and in nobody else's
COMMON_OPTIONS = ("plain", "timeout")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
MOST_ANSWER_BYTES = 4 * 2**20


@dataclass(frozen=True)
class Cloud:
    """An account at a cloud, as its URL names it.

    Attributes:
        base_url: ``https://host``.
        host: as the header ``Host`` says it: with a port where there is one.
        key_id: the public half of the access key.
        secret: its secret half.
        options: of the URL, by name.
        answer_timeout_s: how long one answer may take.
    """

    base_url: str
    host: str
    key_id: str
    secret: str = field(repr=False)
    options: Mapping[str, str] = field(default_factory=dict)
    answer_timeout_s: float = ANSWER_TIMEOUT_S

    @classmethod
    def from_url(cls, url: str, options: tuple[str, ...], example: str) -> "Cloud":
        """Return the account of ``scheme://KEY_ID:SECRET@host?option=…``, key and secret percent-encoded.

        ``?plain=1`` speaks HTTP without TLS, to this machine alone: for tests and for a proxy of one's own.
        ``?timeout=30`` is how many seconds one answer may take.

        Args:
            url: as ZHENGDA_SMS_URL holds it.
            options: the names that it may carry beside `COMMON_OPTIONS`.
            example: what is shown to whoever got it wrong.

        Raises:
            ValueError: no key, secret or host, a port that is none, an option that nobody knows, or plain HTTP to
                another machine. The message does not hold the secret.
        """
        parts = urlsplit(url)
        if not parts.username or not parts.password or not parts.hostname:
            raise ValueError(f"it needs a key, a secret and a host: {example}")
        given = {name: values[-1].strip() for name, values in parse_qs(parts.query).items()}
        known = (*options, *COMMON_OPTIONS)
        if unknown := sorted(given.keys() - set(known)):
            raise ValueError(f"unknown option {', '.join(unknown)}, use {', '.join(known)}")
        plain = given.pop("plain", "0") not in ("0", "")
        if plain and parts.hostname not in LOOPBACK:
            raise ValueError("plain=1 is for this machine alone: numbers and keys go over TLS")
        name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        host = f"{name}:{parts.port}" if parts.port else name
        scheme = "http" if plain else "https"
        timeout_s = _timeout(given.pop("timeout", None))
        key, secret = unquote(parts.username), unquote(parts.password)
        return cls(f"{scheme}://{host}", host, key, secret, given, timeout_s)


def _timeout(text: str | None) -> float:
    if text is None:
        return ANSWER_TIMEOUT_S
    if not text.replace(".", "", 1).isdecimal() or not 0 < float(text) <= LONGEST_TIMEOUT_S:
        raise ValueError(f"timeout takes seconds, above 0 and at most {LONGEST_TIMEOUT_S:g}")
    return float(text)


class CloudClient:
    """Posts to a cloud over connections that are kept; its errors are the channels'."""

    def __init__(self, cloud: Cloud, gateway: str, *, abreast: int = 16) -> None:
        """Nothing is opened before the first request; at most ``abreast`` of them run at once.

        ``gateway`` is the name of whom to ask where an outcome is unknown.
        """
        self.cloud = cloud
        self.gateway = gateway
        self._abreast = abreast
        self._room = asyncio.Semaphore(abreast)
        self._http: httpx.AsyncClient | None = None

    async def post(self, target: str, headers: Mapping[str, str], body: bytes) -> Mapping[str, Any]:
        """Return the JSON object that the cloud answers, whatever its status.

        Args:
            target: path and query, as they were signed.
            headers: as they were signed; ``Host`` is set to the cloud's.
            body: as it was signed.

        Raises:
            TransportError: no such answer came. It is an `UnknownOutcomeError` where the cloud may have taken what it
                was sent.
        """
        async with self._room:
            try:
                # A far side that says a byte now and then never lets a read time out: the whole has an end, too.
                async with asyncio.timeout(CONNECT_TIMEOUT_S + self.cloud.answer_timeout_s):
                    answer = await self._open().post(
                        self.cloud.base_url + target,
                        headers={**headers, "host": self.cloud.host},
                        content=body,
                    )
            except TimeoutError as exc:
                raise UnknownOutcomeError("the answer did not end in time", gateway=self.gateway) from exc
            except (httpx.ConnectError, httpx.ConnectTimeout) as exc:
                raise UnreachableError(f"the gateway takes no connection ({type(exc).__name__})") from exc
            except httpx.TransportError as exc:
                reason = f"the connection ended before the answer ({type(exc).__name__})"
                raise UnknownOutcomeError(reason, gateway=self.gateway) from exc
        return self._content(answer)

    async def close(self) -> None:
        """Give back connections; they are opened again when they are needed."""
        client, self._http = self._http, None
        if client is not None:
            await client.aclose()

    def _open(self) -> httpx.AsyncClient:
        if self._http is None:
            self._http = httpx.AsyncClient(
                timeout=httpx.Timeout(self.cloud.answer_timeout_s, connect=CONNECT_TIMEOUT_S, pool=None),
                limits=httpx.Limits(
                    max_connections=None,
                    max_keepalive_connections=self._abreast,
                    keepalive_expiry=KEPT_OPEN_S,
                ),
                trust_env=False,  # a proxy of the environment is not meant for numbers
            )
        return self._http

    def _content(self, answer: httpx.Response) -> Mapping[str, Any]:
        try:
            content = answer.json() if len(answer.content) <= MOST_ANSWER_BYTES else None
        except ValueError:
            content = None
        if isinstance(content, dict) and not WORDS.isdisjoint(content):
            return content
        raise _foreign(answer, self.gateway)


def _foreign(answer: httpx.Response, gateway: str) -> TransportError:
    """What an answer means that is not the cloud's own: something before it said it, or it broke in the middle."""
    reason = f"status {answer.status_code} without the cloud's JSON"
    if answer.status_code in (429, 503):
        wait = answer.headers.get("retry-after", "")
        return ThrottledError(reason, float(wait) if wait.isdecimal() else BUSY_S)
    if answer.is_success or answer.status_code >= 500:
        return UnknownOutcomeError(reason, gateway=gateway)
    return TemporaryError(reason)
