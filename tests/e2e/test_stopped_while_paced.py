"""A service stopped in order while its mails wait for their turn, and started again: none lost, late or twice."""

import time
from pathlib import Path

import pytest

from tests.servers.processes import wait_until
from tests.servers.smtp_sink import RecordingSink
from tests.support.office import Office
from tests.support.papers import firm, policy, wish
from tests.support.service import running

pytestmark = [pytest.mark.slow]

FIRMS = 20


def test_mails_that_wait_for_their_turn_at_a_stop_go_at_the_next_start(tmp_path: Path) -> None:
    sink = RecordingSink(tmp_path / "sink")
    sink.start()
    paced = {"ZHENGDA_SMTP_URL": sink.url, "ZHENGDA_EMAIL_PER_SECOND": "0.5"}
    try:
        with running(tmp_path / "service", **paced) as service:
            office = Office(service.url, service.keys.operator_key)
            agency = office.create_agency()
            for n in range(FIRMS):
                office.ask("PUT", f"/api/v1/subscribers/F-{n}", json=firm(f"公司{n}", f"f-{n}@example.com"))
                wishes = {"subscriptions": [wish("停机", "email")]}
                office.ask("PUT", f"/api/v1/subscribers/F-{n}/subscriptions", json=wishes)
            office.publish(agency, policy("stopped", "停机"))
            assert wait_until(lambda: len(sink.received()) >= 1, 60)
            began = time.monotonic()
            service.stop()
            assert time.monotonic() - began < 8, "it waited for turns"
            service.change(ZHENGDA_EMAIL_PER_SECOND="50")
            service.start()
            assert wait_until(lambda: len(sink.received()) >= FIRMS, 30), (
                "what was claimed waits for its lease"
            )

            def states() -> set[tuple[str, int]]:
                return {(row["state"], row["attempts"]) for row in office.deliveries(agency, "stopped")}

            assert wait_until(lambda: states() == {("sent", 1)}, 60), states()
        assert len({one.message_id for one in sink.received()}) == len(sink.received()) == FIRMS
    finally:
        sink.close()
