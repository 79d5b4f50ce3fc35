"""What agencies and operators do, over HTTP, with the patience of a client that sends again while a service is away."""

import csv
import io
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

AWAY = (502, 503, 504)
PATIENCE_S = 60.0
FUNNEL_S = 120.0
ANSWER_S = 15.0  # a long import needs more


@dataclass(frozen=True)
class Agency:
    """An agency and the keys of its two people."""

    agency_id: str
    publisher: str
    reviewer: str


class Office:
    """One client for everything that a test does through the API.

    Every call is sent again while nobody answers or the answer is 503, for ``patience_s`` seconds: the operations used
    here may safely be repeated. ``url`` may be changed when the service moved.
    """

    def __init__(
        self,
        url: str,
        operator_key: str | None,
        *,
        patience_s: float = PATIENCE_S,
        answer_s: float = ANSWER_S,
    ) -> None:
        assert operator_key, "the service made no operator key"
        self.url = url
        self.operator_key = operator_key
        self.patience_s = patience_s
        self.answer_s = answer_s

    def call(self, method: str, path: str, key: str | None = None, **given: Any) -> httpx.Response:
        """One request with the key's rights (default: the operator's); the last answer whatever it is.

        Raises:
            TimeoutError: nobody answered within the patience.
        """
        headers = {"Authorization": f"Bearer {key or self.operator_key}"} | given.pop("headers", {})
        deadline = time.monotonic() + self.patience_s
        while True:
            why: str
            try:
                answer = httpx.request(
                    method, self.url + path, headers=headers, timeout=self.answer_s, **given
                )
                if answer.status_code not in AWAY or time.monotonic() > deadline:
                    return answer
                why = f"{answer.status_code} {answer.text}"
            except httpx.TransportError as exc:
                why = repr(exc)
            if time.monotonic() > deadline:
                raise TimeoutError(f"{method} {path}: no answer for {self.patience_s:g} s, last: {why}")
            time.sleep(0.1)

    def ask(self, method: str, path: str, key: str | None = None, **given: Any) -> dict[str, Any]:
        """As `call`, for what has to succeed; returns the JSON of the answer."""
        answer = self.call(method, path, key, **given)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return dict(answer.json()) if answer.content else {}

    def create_agency(self, agency_id: str = "sheet", name: str = "示范市工业和信息化局") -> Agency:
        """Put an agency and make a key for a publisher and one for a reviewer, two different people."""
        self.ask("PUT", f"/api/v1/agencies/{agency_id}", json={"name": name})
        publisher, reviewer = (
            self.ask(
                "POST",
                "/api/v1/keys",
                json={"role": role, "holder": f"{agency_id} {role}", "agency_id": agency_id},
            )["key"]
            for role in ("publisher", "reviewer")
        )
        return Agency(agency_id, publisher, reviewer)

    def import_subscribers(self, rows: Iterable[Mapping[str, Any]]) -> int:
        """Import rows with the columns of docs/faces.md; none may be refused. Returns how many subscribers came."""
        rows = list(rows)
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
        headers = {"Content-Type": "text/csv"}
        done = self.ask(
            "POST", "/api/v1/subscribers/import", content=text.getvalue().encode(), headers=headers
        )
        assert not done["refused"], f"the import refused {done['refused'][:5]}"
        return int(done["imported"])

    def publish(self, agency: Agency, data: Mapping[str, Any], *, release: bool = True) -> str:
        """Emit ``policy.published`` and, if wished, release it; returns its event id once it is taken."""
        event = {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": "/tests",
            "type": "policy.published",
            "data": dict(data),
        }
        self.ask("POST", "/api/v1/events", agency.publisher, json=event)
        if release:
            self.release(agency, str(data["policy_id"]))
        return str(event["id"])

    def release(self, agency: Agency, policy_id: str, timeout_s: float = 60.0) -> None:
        """Release a policy as soon as it has been let in and labelled.

        Raises:
            TimeoutError: it was not within ``timeout_s``; the message has the last answer.
        """
        path = f"/api/v1/policies/{policy_id}"
        deadline = time.monotonic() + timeout_s
        while (answer := self.call("POST", f"{path}/release", agency.reviewer)).status_code != 202:
            # 404: not let in yet. 409: not labelled yet, or released by a request whose answer was lost.
            assert answer.status_code in (404, 409), (
                f"release of {policy_id}: {answer.status_code} {answer.text}"
            )
            if answer.status_code == 409 and self.ask("GET", path, agency.reviewer)["state"] == "released":
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"{policy_id} cannot be released after {timeout_s:g} s: {answer.text}")
            time.sleep(0.05)

    def funnel(self, agency: Agency, policy_id: str) -> dict[str, Any]:
        """The funnel now; empty while the policy is not known yet."""
        answer = self.call("GET", f"/api/v1/policies/{policy_id}/funnel", agency.publisher)
        assert answer.is_success or answer.status_code == 404, f"{answer.status_code} {answer.text}"
        return dict(answer.json()) if answer.is_success else {}

    def wait_complete(self, agency: Agency, policy_id: str, timeout_s: float = FUNNEL_S) -> dict[str, Any]:
        """Wait until every shard is marked and nothing is planned or claimed; returns the funnel.

        Raises:
            TimeoutError: with the funnel as it stands.
        """
        deadline = time.monotonic() + timeout_s
        while not (found := self.funnel(agency, policy_id)).get("complete"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{policy_id} is not complete after {timeout_s:g} s: {found}")
            time.sleep(0.1)
        return found

    def deliveries(self, agency: Agency, policy_id: str, **wanted: str) -> list[dict[str, Any]]:
        """Every ledger row of a policy, as ``GET …/deliveries`` gives them."""
        rows: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            params = wanted | {"limit": "500"} | ({"after": after} if after else {})
            page = self.ask(
                "GET", f"/api/v1/policies/{policy_id}/deliveries", agency.publisher, params=params
            )
            rows += page["deliveries"]
            after = page["next"]
            if not after:
                return rows
