"""The service as the command line sees it: one call, and failures that are types."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from service.cli.access import VARIABLE, Access, Speaker
from service.cli.failures import CommandFailed, Refused, Unreachable, WrongUse
from service.cli.words import Words

ANSWER_S = 60.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 5.0


@dataclass(frozen=True)
class Deadline:
    """A moment on the monotonic clock after which waiting ends."""

    at: float
    timeout_s: float
    monotonic: Callable[[], float]

    def over(self) -> bool:
        """Whether it has passed."""
        return self.monotonic() >= self.at

    @property
    def left_s(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self.at - self.monotonic())


class Away(CommandFailed):
    """The service answered 503 to the end: its log or record is away and it took nothing. Repeat the command later."""


class Service:
    """The running service over HTTP."""

    def __init__(
        self,
        access: Access,
        words: Words,
        sleep: Callable[[float], None],
        transport: httpx.BaseTransport | None,
    ) -> None:
        self.access = access
        self._words = words
        self._sleep = sleep
        self._reached = False
        self._http = httpx.Client(base_url=access.url, timeout=ANSWER_S, transport=transport)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def speaks(self, who: Speaker) -> bool:
        """Whether there is a key for it."""
        return who in self.access.keys

    def call(
        self,
        method: str,
        path: str,
        *,
        who: Speaker,
        body: object = None,
        raw: bytes | None = None,
        media: str = "application/json",
        params: Mapping[str, object] | None = None,
        deadline: Deadline | None = None,
        answer_s: float | None = ANSWER_S,
    ) -> Any:
        """Ask and return the JSON answer; None where there is none to return.

        With a ``deadline``, 503 is asked again with growing pauses until then, and so is a connection that breaks
        after the service was reached once: every request of this command line may be repeated without harm.

        Args:
            path: only its path and query are used, so a status address is followed on the host that was asked.
            answer_s: how long one answer may take; None for as long as it takes.

        Raises:
            Refused: the service said no.
            Away: it said 503 to the end.
            Unreachable: nothing answers there.
            WrongUse: there is no key for ``who``.
        """
        key = self.access.keys.get(who)
        if key is None:
            raise WrongUse(self._words("no_key", role=who, variable=VARIABLE[who]))
        split = urlsplit(path)
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        content = raw if body is None else json.dumps(body, ensure_ascii=False).encode()
        if content is not None:
            headers["Content-Type"] = media
        request = self._http.build_request(
            method,
            split.path + (f"?{split.query}" if split.query else ""),
            content=content,
            headers=headers,
            params={n: str(v) for n, v in params.items() if v is not None} if params else None,
            timeout=answer_s,
        )
        return self._answer(self._send(request, deadline))

    def _send(self, request: httpx.Request, deadline: Deadline | None) -> httpx.Response:
        pause = FIRST_PAUSE_S
        while True:
            again = deadline is not None and not deadline.over()
            try:
                response = self._http.send(request)
            except httpx.TransportError as exc:
                if not (again and self._reached):
                    raise Unreachable(self._words("unreachable", url=self.access.url)) from exc
            else:
                self._reached = True
                if response.status_code != 503 or not again:
                    return response
                pause = max(pause, _retry_after(response))
            self._sleep(min(pause, LONGEST_PAUSE_S, deadline.left_s if deadline else 0.0))
            pause *= 2

    def _answer(self, response: httpx.Response) -> Any:
        if response.status_code == 204:
            return None
        try:
            content = response.json()
        except ValueError as exc:
            if response.is_success and not response.content:
                return None
            where = str(response.url.copy_with(path="/", query=None))
            raise Refused(
                response.status_code, self._words("foreign", url=where, status=response.status_code)
            ) from exc
        if response.is_success:
            return content
        problem = content if isinstance(content, dict) else {}
        detail = str(problem.get("detail") or problem.get("title") or f"status {response.status_code}")
        if response.status_code == 503:
            raise Away(self._words("away", reason=detail))
        errors = problem.get("errors")
        raise Refused(response.status_code, detail, errors if isinstance(errors, list) else [])


def _retry_after(response: httpx.Response) -> float:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else 0.0
