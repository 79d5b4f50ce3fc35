"""A small town for the tests of this folder: a service that they share, an agency, and firms that listen to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.servers.smtp_sink import RecordingSink
from tests.support.commands import Commands
from tests.support.office import Agency, Office
from tests.support.papers import event, firm, policy, wish
from tests.support.service import ServiceProcess, running


@dataclass
class Town:
    """A running service, its operator's office, one agency, and the mail server that takes what it sends."""

    service: ServiceProcess
    office: Office
    agency: Agency
    sink: RecordingSink
    folder: Path

    def commands(self) -> Commands:
        """The command line with the agency's two keys."""
        return Commands(self.service, self.folder, self.agency.publisher, self.agency.reviewer)

    def operators_commands(self) -> Commands:
        """The command line with the operator's key."""
        return Commands(self.service, self.folder, self.office.operator_key)

    def enrol(self, subscriber_id: str, word: str, *channels: str) -> str:
        """Put a firm with one consented address that wants every policy in which ``word`` stands; returns its key."""
        path = f"/api/v1/subscribers/{subscriber_id}"
        self.office.ask("PUT", path, json=firm(f"{subscriber_id}公司", self.address(subscriber_id)))
        wishes = {"subscriptions": [wish(word, *channels)]}
        self.office.ask("PUT", f"{path}/subscriptions", json=wishes)
        given = {"role": "subscriber", "holder": subscriber_id, "subscriber_id": subscriber_id}
        return str(self.office.ask("POST", "/api/v1/keys", json=given)["key"])

    @staticmethod
    def address(subscriber_id: str) -> str:
        """Where that firm takes mail."""
        return f"{subscriber_id.lower()}@example.com"

    def push(self, policy_id: str, word: str, **changes: Any) -> dict[str, Any]:
        """Publish, release and wait; returns the funnel."""
        self.office.publish(self.agency, policy(policy_id, word, **changes))
        return self.office.wait_complete(self.agency, policy_id)

    def say(
        self, kind: str, data: dict[str, Any], event_id: str | None = None, key: str | None = None
    ) -> dict[str, Any]:
        """Emit an event with the publisher's key; returns the answer."""
        return self.office.ask(
            "POST", "/api/v1/events", key or self.agency.publisher, json=event(data, kind, event_id)
        )

    def messages(self, subscriber_id: str) -> list[dict[str, Any]]:
        """The firm's inbox, newest first."""
        return list(self.office.ask("GET", f"/api/v1/space/{subscriber_id}/messages")["messages"])

    def mails(self, subscriber_id: str) -> list[bytes]:
        """The mails that the firm got, oldest first."""
        wanted = f"<{self.address(subscriber_id)}>".encode()
        return [mail for mail in self.sink.messages() if wanted in mail]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town whose service sends real mail to a sink of ours."""
    folder = tmp_path_factory.mktemp("town")
    sink = RecordingSink(folder / "sink", keep=True)
    sink.start()
    try:
        with running(folder / "service", ZHENGDA_SMTP_URL=sink.url) as service:
            office = Office(service.url, service.keys.operator_key)
            yield Town(service, office, office.create_agency(), sink, folder)
    finally:
        sink.close()
