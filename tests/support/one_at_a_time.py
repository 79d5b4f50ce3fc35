"""Policies pushed one after another, each watched until its last ledger row, as an agency would see it over HTTP."""

import math
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import httpx

from tests.support.office import Agency

STEP_S = 60.0
POLL_S = 0.02
REST_S = (
    0.1  # between looks at a running push: the looks are work for the service, the times come from its rows
)


@dataclass(frozen=True)
class Pushed:
    """What became of one policy.

    Attributes:
        got: ledger rows by (subscriber, channel).
        planned_s: from the release's 202 to the last row being planned; None without rows.
        ended_s: from the release's 202 to the last row being sent or delivered; None without rows.
        states: rows by state.
    """

    policy_id: str
    labels: list[dict[str, Any]]
    got: Counter[tuple[str, str]]
    planned_s: float | None
    ended_s: float | None
    states: Counter[str]


@dataclass(frozen=True)
class Latency:
    """How long releases took, in seconds; of policies that reached somebody."""

    policies: int
    rows: int
    planned_p50_s: float
    planned_p95_s: float
    ended_p50_s: float
    ended_p95_s: float
    ended_max_s: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


class Pusher:
    """One agency's people and the operator at one service, over connections that stay open."""

    def __init__(self, url: str, operator_key: str, agency: Agency) -> None:
        self._client = httpx.Client(base_url=url, timeout=30.0)
        self._operator = _bearer(operator_key)
        self._publisher = _bearer(agency.publisher)
        self._reviewer = _bearer(agency.reviewer)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def enrol(self, subscribers: Mapping[str, Mapping[str, Any]]) -> None:
        """Put subscribers and their subscriptions, as `tests.support.crowd` makes them."""
        for subscriber_id, given in subscribers.items():
            address = f"/api/v1/subscribers/{subscriber_id}"
            self._put(address, given["subscriber"])
            self._put(f"{address}/subscriptions", {"subscriptions": given["subscriptions"]})

    def publish(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Emit ``policy.published`` and wait for the gate; returns its status, or the refusal's detail."""
        event = {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": "/tests",
            "type": "policy.published",
        }
        answer = self._client.post(
            "/api/v1/events", json=event | {"data": dict(data)}, headers=self._publisher
        )
        if answer.status_code != 202:
            return {"status": "refused", "reason": answer.json().get("detail", answer.text)}
        status = answer.json()["status_url"]
        return self._until(status, lambda found: found["status"] != "received")

    def release(self, policy_id: str) -> Pushed:
        """Release a policy as soon as it is labelled, and follow it until its last row has ended."""
        address = f"/api/v1/policies/{policy_id}"
        view = self._until(address, lambda found: found["state"] == "waiting")
        answer = self._client.post(f"{address}/release", json={}, headers=self._reviewer)
        taken = time.time()
        assert answer.status_code == 202, f"{policy_id}: {answer.status_code} {answer.text}"
        self._until(f"{address}/funnel", lambda found: found["complete"], every_s=REST_S)
        rows = self._rows(f"{address}/deliveries")
        planned = [_seconds(row["planned_at"]) - taken for row in rows]
        ends = (row["delivered_at"] or row["sent_at"] or row["ended_at"] for row in rows)
        ended = [_seconds(end) - taken for end in ends if end]  # at night a text message is held
        return Pushed(
            policy_id,
            view["labels"],
            Counter((row["subscriber_id"], row["channel"]) for row in rows),
            max(planned, default=None),
            max(ended, default=None),
            Counter(row["state"] for row in rows),
        )

    def _put(self, path: str, body: Mapping[str, Any]) -> None:
        answer = self._client.put(path, json=body, headers=self._operator)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"

    def _until(self, path: str, good: Any, every_s: float = POLL_S) -> dict[str, Any]:
        deadline = time.monotonic() + STEP_S
        while True:
            answer = self._client.get(path, headers=self._publisher)
            found = answer.json()
            if answer.status_code == 200 and good(found):
                return dict(found)
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} after {STEP_S:g} s: {answer.status_code} {str(found)[:2000]}")
            time.sleep(every_s)

    def _rows(self, path: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        params: dict[str, str] = {"limit": "500"}
        while True:
            page = self._client.get(path, headers=self._publisher, params=params).json()
            rows += page["deliveries"]
            if not page["next"]:
                return rows
            params["after"] = page["next"]


def latency(pushed: Sequence[Pushed]) -> Latency:
    """The percentiles (nearest rank) of policies that reached somebody."""
    reached = [one for one in pushed if one.got]
    planned = sorted(one.planned_s for one in reached if one.planned_s is not None)
    ended = sorted(one.ended_s for one in reached if one.ended_s is not None)
    return Latency(
        policies=len(reached),
        rows=sum(one.got.total() for one in reached),
        planned_p50_s=_rank(planned, 0.5),
        planned_p95_s=_rank(planned, 0.95),
        ended_p50_s=_rank(ended, 0.5),
        ended_p95_s=_rank(ended, 0.95),
        ended_max_s=_rank(ended, 1.0),
    )


def _rank(ordered: Sequence[float], share: float) -> float:
    return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 4)


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
