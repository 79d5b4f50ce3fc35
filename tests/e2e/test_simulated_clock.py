"""A day in nine seconds: only domain time runs; leases, retries and sessions take as long as they take."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.ports import free_port
from tests.servers.processes import wait_until
from tests.servers.smtp_sink import RecordingSink
from tests.support.office import Agency, Office
from tests.support.papers import firm, policy, wish
from tests.support.service import ServiceProcess, running

pytestmark = [pytest.mark.slow, pytest.mark.alone]

SPEED = 10_000
START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SIMULATED = {"ZHENGDA_CLOCK_SPEED": str(SPEED), "ZHENGDA_CLOCK_START": START.isoformat()}
SESSION = timedelta(hours=12)


def pushed(service: ServiceProcess, word: str = "时钟") -> tuple[Office, Agency]:
    """An office whose one firm is sent one policy by e-mail."""
    office = Office(service.url, service.keys.operator_key)
    agency = office.create_agency()
    office.ask("PUT", "/api/v1/subscribers/Zi-1", json=firm("子公司", "zi-1@example.com"))
    office.ask("PUT", "/api/v1/subscribers/Zi-1/subscriptions", json={"subscriptions": [wish(word, "email")]})
    office.publish(agency, policy("clock", word))
    return office, agency


def row_of(office: Office, agency: Agency) -> dict[str, Any]:
    rows = office.deliveries(agency, "clock")
    return rows[0] if rows else {}


def test_a_refused_connection_is_tried_again_after_a_real_minute_and_a_session_outlives_its_domain_hours(
    tmp_path: Path,
) -> None:
    nobody = f"smtp://127.0.0.1:{free_port()}"
    with running(tmp_path / "service", ZHENGDA_SMTP_URL=nobody, **SIMULATED) as service:
        running_since = time.monotonic()
        office, agency = pushed(service)
        with httpx.Client(base_url=service.url) as browser:
            opened = time.monotonic()
            headers = {"Origin": service.url}
            answer = browser.post("/login", data={"key": office.operator_key}, headers=headers)
            assert answer.status_code in (200, 303), answer.text
            assert wait_until(lambda: row_of(office, agency).get("attempts") == 1, 60)
            row = row_of(office, agency)
            assert row["state"] == "planned"
            planned, due = (datetime.fromisoformat(row[name]) for name in ("planned_at", "due_at"))
            assert planned > START
            assert due - planned >= timedelta(minutes=1) * SPEED  # a week of domain time
            # Real seconds in which the session's twelve hours pass on the domain clock.
            time.sleep(max(0.0, opened + 1.5 * SESSION.total_seconds() / SPEED - time.monotonic()))
            assert browser.get("/outbox").status_code == 200
            assert row_of(office, agency)["attempts"] == 1
        ran_s = time.monotonic() - running_since
        service.stop()
        service.start()
        # A restart goes on in the same time: nothing of it is lost, and nothing comes twice.
        shown = service.events("clock.simulated")
        first, again = (datetime.fromisoformat(one["now"]) for one in shown)
        assert again - first >= timedelta(seconds=ran_s) * SPEED
        assert row_of(office, agency)["attempts"] == 1


def test_a_claim_lasts_its_real_seconds_whatever_the_domain_clock_says(tmp_path: Path) -> None:
    lease_s = 8.0
    sink = RecordingSink(tmp_path / "sink", keep=True, delay_s=5.0)
    sink.start()
    try:
        given = {"ZHENGDA_SMTP_URL": sink.url, "ZHENGDA_LEASE_S": str(lease_s), **SIMULATED}
        with running(tmp_path / "service", **given) as service:
            office, agency = pushed(service)
            assert wait_until(lambda: row_of(office, agency).get("state") == "claimed", 30, every_s=0.02)
            claimed = time.monotonic()
            service.kill9()
            service.start()
            assert row_of(office, agency)["state"] == "claimed", "its lease ended with the domain's seconds"
            assert wait_until(lambda: row_of(office, agency).get("attempts") == 2, 60)
            assert time.monotonic() - claimed >= lease_s - 1.0
            assert wait_until(lambda: row_of(office, agency).get("state") == "sent", 60)
    finally:
        sink.close()
