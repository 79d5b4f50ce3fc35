"""A service for the command line's tests: it answers over httpx.MockTransport as docs/faces.md says."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

Answer = Callable[[httpx.Request], httpx.Response]


def problem(status: int, detail: str, **more: Any) -> httpx.Response:
    """An RFC 9457 answer."""
    body = {"type": "about:blank", "title": "x", "status": status, "detail": detail, **more}
    return httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json"})


@dataclass
class FakeService:
    """Takes events, answers about them at the second question, labels at once, completes after some funnels.

    `refuse` maps a policy_id to the reason with which the gate refuses it, `wrong` to a 422's detail. `away` is how
    many requests are answered 503 first.
    """

    refuse: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    away: int = 0
    never_complete: bool = False
    funnels_until_complete: int = 2
    events: list[dict[str, Any]] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    seen: list[tuple[str, str, str]] = field(default_factory=list)
    routes: dict[tuple[str, str], Answer] = field(default_factory=dict)
    imported: list[list[str]] = field(default_factory=list)
    refused_rows: dict[str, str] = field(default_factory=dict)
    _status: dict[str, dict[str, Any]] = field(default_factory=dict)
    _asked: dict[str, int] = field(default_factory=dict)

    def transport(self) -> httpx.MockTransport:
        """What the command line's client sends through."""
        return httpx.MockTransport(self._answer)

    def keys_used(self, method: str, path: str) -> set[str]:
        """The bearer keys that came with requests to a route."""
        return {key for m, p, key in self.seen if (m, p) == (method, path)}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        method, path = request.method, request.url.path
        self.seen.append((method, path, key))
        if self.away > 0:
            self.away -= 1
            return httpx.Response(503, json={"detail": "the log is away"}, headers={"Retry-After": "1"})
        if (method, path) in self.routes:
            return self.routes[method, path](request)
        parts = path.removeprefix("/api/v1/").split("/")
        match method, *parts:
            case "POST", "events":
                return self._take(json.loads(request.content))
            case "GET", "events", event_id:
                return self._event(event_id)
            case "GET", "policies", policy_id:
                return httpx.Response(200, json=self._policy(policy_id))
            case "POST", "policies", policy_id, "release":
                return self.release(policy_id)
            case "GET", "policies", policy_id, "funnel":
                return httpx.Response(200, json=self._funnel(policy_id))
            case "POST", "subscribers", "import":
                return self._import(request.content.decode())
        return problem(404, f"no {method} {path}")

    def _take(self, event: Mapping[str, Any]) -> httpx.Response:
        policy_id = str(event["data"].get("policy_id"))
        if policy_id in self.wrong:
            return problem(422, self.wrong[policy_id])
        event_id, source = str(event["id"]), str(event["source"])
        self.events.append(dict(event))
        reason = self.refuse.get(policy_id)
        self._status[event_id] = {
            "event_id": event_id,
            "source": source,
            "type": event["type"],
            "status": "refused" if reason else "accepted",
            "reason": reason,
            "policy_id": policy_id,
            "revision": 1,
        }
        return self._taken(event_id, source)

    def _taken(self, event_id: str, source: str) -> httpx.Response:
        url = f"/api/v1/events/{event_id}?source={source}"
        body = {"event_id": event_id, "source": source, "status": "received", "status_url": url}
        return httpx.Response(202, json=body)

    def _event(self, event_id: str) -> httpx.Response:
        self._asked[event_id] = self._asked.get(event_id, 0) + 1
        if self._asked[event_id] == 1:
            return problem(404, "not known yet")
        if self._asked[event_id] == 2:
            return httpx.Response(200, json=self._status[event_id] | {"status": "received"})
        return httpx.Response(200, json=self._status[event_id])

    def _policy(self, policy_id: str) -> dict[str, Any]:
        state = "released" if policy_id in self.released else "waiting"
        return {"policy_id": policy_id, "revision": 1, "state": state}

    def release(self, policy_id: str) -> httpx.Response:
        """Take a release as the service does."""
        self.released.append(policy_id)
        event_id = f"release-{policy_id}"
        self._status[event_id] = {"event_id": event_id, "status": "accepted", "reason": None}
        return self._taken(event_id, "/reviewers")

    def _funnel(self, policy_id: str) -> dict[str, Any]:
        name = f"funnel {policy_id}"
        self._asked[name] = self._asked.get(name, 0) + 1
        complete = not self.never_complete and self._asked[name] >= self.funnels_until_complete
        waiting = {"planned": 0 if complete else 3, "claimed": 0, "held": 0}
        state = "released" if policy_id in self.released else "waiting"
        return {
            "policy_id": policy_id,
            "revision": 1,
            "state": state,
            "complete": complete,
            "matched": 7,
            "waiting": waiting,
        }

    def _import(self, body: str) -> httpx.Response:
        lines = body.splitlines()
        self.imported.append(lines)
        refused = [
            {"line": number, "reason": reason}
            for number, line in enumerate(lines, 1)
            for start, reason in self.refused_rows.items()
            if line.startswith(start)
        ]
        return httpx.Response(200, json={"imported": len(lines) - 1 - len(refused), "refused": refused})
