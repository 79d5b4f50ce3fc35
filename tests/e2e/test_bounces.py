"""What comes back, end to end: the service as an operator starts it, and a real Postfix that returns mail by LMTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.ports import free_port
from tests.servers.postfix import BOUNCES, FAR, PostfixServer, need_postfix
from tests.servers.processes import wait_until
from tests.support.office import Agency, Office
from tests.support.papers import CONSENT, policy, wish
from tests.support.service import running

pytestmark = [pytest.mark.postfix, pytest.mark.slow]

LATER = {
    f"gone@{FAR}": "error:5.1.1 User unknown",
    f"full@{FAR}": "error:5.2.2 Mailbox full",
    f"spam@{FAR}": "error:5.7.1 Message refused by policy",
    f"slow@{FAR}": "retry:4.2.1 Try again later",
}


class Exchange:
    """A service, its agency, and what it asks."""

    def __init__(self, office: Office, agency: Agency, mail: PostfixServer) -> None:
        self.office, self.agency, self.mail = office, agency, mail

    def enrol(self, name: str, word: str) -> None:
        """A firm with the mailbox ``name``, which wants what speaks of ``word``."""
        contact = {"channel": "email", "address": f"{name}@{FAR}", "consent": CONSENT}
        given = {"name": f"{name}公司", "contacts": [contact], "profile_matching": False}
        path = f"/api/v1/subscribers/{name}"
        self.office.ask("PUT", path, json=given)
        self.office.ask("PUT", f"{path}/subscriptions", json={"subscriptions": [wish(word, "email")]})

    def push(self, policy_id: str, word: str) -> dict[str, Any]:
        """Publish and release; returns the row of e-mail when it has ended."""
        self.office.publish(self.agency, policy(policy_id, word))

        def ended() -> bool:
            return [row["state"] for row in self.rows(policy_id)] in (["failed"], ["suppressed"])

        assert wait_until(ended, 40.0), f"{self.rows(policy_id)}\n{self.mail.said()}"
        return self.rows(policy_id)[0]

    def rows(self, policy_id: str) -> list[dict[str, Any]]:
        return self.office.deliveries(self.agency, policy_id, channel="email")

    def suppressed(self, name: str) -> str | None:
        """Why nothing goes to the mailbox ``name``."""
        body = {"address": f"{name}@{FAR}"}
        answer = self.office.call("POST", "/api/v1/suppressions/find", json=body)
        return str(answer.json()["reason"]) if answer.is_success else None


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    folder: Path = tmp_path_factory.mktemp("bounces")
    port = free_port()
    mail = PostfixServer(need_postfix(), bounces=port, lmtp=True, later=LATER, lifetime_s=3)
    mail.start()
    settings = {
        "ZHENGDA_SMTP_URL": mail.url,
        "ZHENGDA_MAIL_FROM": "push@example.gov.cn",
        "ZHENGDA_BOUNCE_DOMAIN": BOUNCES,
        "ZHENGDA_BOUNCE_LISTEN": f"lmtp://127.0.0.1:{port}",
    }
    try:
        with running(folder, **settings) as service:
            office = Office(service.url, service.keys.operator_key)
            yield Exchange(office, office.create_agency(), mail)
    finally:
        mail.close()


def test_a_dead_mailbox_fails_the_push_is_suppressed_and_gets_no_other(exchange: Exchange) -> None:
    exchange.enrol("gone", "竹笋")
    row = exchange.push("P-gone", "竹笋")
    assert (row["state"], row["reason"], row["attempts"]) == ("failed", "gone", 1)
    assert exchange.suppressed("gone") == "gone"
    again = exchange.push("P-gone-2", "竹笋")
    assert (again["state"], again["reason"], again["attempts"]) == ("suppressed", "contact_suppressed", 0)
    counts = exchange.office.ask("GET", "/api/v1/bounces")["counts"]
    assert counts["gone"] == 1


def test_a_mailbox_that_is_full_three_times_is_suppressed_and_not_before(exchange: Exchange) -> None:
    exchange.enrol("full", "茶叶")
    for number in range(3):
        assert exchange.suppressed("full") is None
        assert exchange.push(f"P-full-{number}", "茶叶")["reason"] == "full"
    assert exchange.suppressed("full") == "unreachable"
    assert exchange.push("P-full-3", "茶叶")["reason"] == "contact_suppressed"


def test_a_text_that_is_refused_stops_its_campaign_and_suppresses_nobody(exchange: Exchange) -> None:
    exchange.enrol("spam", "蚕桑")
    assert exchange.push("P-spam", "蚕桑")["reason"] == "content"
    assert exchange.suppressed("spam") is None
    stopped = exchange.office.ask(
        "POST",
        "/api/v1/policies/P-spam/campaign/stop",
        exchange.agency.publisher,
        json={"reason": "looking"},
    )
    (campaign,) = stopped["campaigns"]
    assert campaign["state"] == "stopped"
    assert campaign["reason"].startswith("returned: "), "the bounce stopped it, not this question"


def test_what_the_mail_server_gives_up_on_fails_and_blames_nobody(exchange: Exchange) -> None:
    exchange.enrol("slow", "菌菇")
    assert exchange.push("P-slow", "菌菇")["reason"] == "expired"
    assert exchange.suppressed("slow") is None
