"""What somebody sees who types `make run` for the first time, stops it, and starts it again."""

import json
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from service.demo.enterprises import demo_subscribers
from service.demo.policies import demo_policies
from tests.servers.processes import wait_until
from tests.support.office import Agency, Office
from tests.support.service import ServiceProcess

ENOUGH_OPEN = 11
LOADED_S = 120.0
QUIET_S = 3.0
ANY_DAY = date(2026, 3, 1)  # of the policies only the ids are wanted
LINK = re.compile(r"/unsubscribe/[^*\s\"\\]")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    service = ServiceProcess(tmp_path_factory.mktemp("demo"), ZHENGDA_DEMO="1")
    try:
        yield service.start()
    finally:
        service.close()


def test_the_demo_is_delivered_shown_masked_and_not_sent_again(demo: ServiceProcess) -> None:
    office, agency = people(demo)
    funnels = delivered(demo, office, agency)
    released = [one for one in funnels.values() if one["state"] == "released"]
    assert len(released) >= ENOUGH_OPEN
    assert sum(one["delivered"] for one in released) > 1_000
    assert all(one["delivered"] > 0 for one in released), "a demo policy reached nobody"
    the_first_page_shows(demo, {one["title"] for one in released})
    the_outbox_is_masked(demo)

    keys, lines, rows = demo.keys, outbox_lines(demo), ledger(office, agency, funnels)
    assert demo.stop(signal.SIGINT) == 0
    assert demo.valkey_pids() == [], "Valkey outlived an orderly stop"
    start_again_and_compare(demo, keys, lines, rows, list(funnels))
    demo.kill9()
    start_again_and_compare(demo, keys, lines, rows, list(funnels))


def people(demo: ServiceProcess) -> tuple[Office, Agency]:
    """The operator's office and the demo's agency."""
    keys = demo.keys
    assert keys.publisher_key
    assert keys.reviewer_key
    return Office(demo.url, keys.operator_key), Agency("demo", keys.publisher_key, keys.reviewer_key)


def delivered(demo: ServiceProcess, office: Office, agency: Agency) -> dict[str, dict[str, Any]]:
    """Wait until every demo policy is complete; returns the funnels."""
    wanted = [str(one["policy_id"]) for one in demo_policies(ANY_DAY)]
    assert wait_until(lambda: bool(demo.events("demo.loaded")), LOADED_S, every_s=0.2), demo.last_words()
    return {policy_id: office.wait_complete(agency, policy_id) for policy_id in wanted}


def the_first_page_shows(demo: ServiceProcess, titles: set[str]) -> None:
    page = httpx.get(f"{demo.url}/").text
    shown = [title for title in titles if title in page]
    assert len(shown) >= 5, page


def the_outbox_is_masked(demo: ServiceProcess) -> None:
    """No file holds an address, a number or a token; the page for operators shows the same."""
    secrets = [contact.address for one in demo_subscribers() for contact in one.subscriber.contacts]
    files = [path for path in (demo.data / "outbox").rglob("*") if path.is_file()]
    assert files
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert "***" in text
        assert not LINK.search(text), f"an unsubscribe token stands in {path}"
        mails = set(re.findall(r"[\w.+-]+@[\w.-]+", text))
        assert not mails & set(secrets)
        assert not [
            secret for secret in secrets if secret.startswith("+86") and secret.removeprefix("+86") in text
        ]


def outbox_lines(demo: ServiceProcess) -> Counter[str]:
    """How often each delivery stands in the outbox."""
    lines: Counter[str] = Counter()
    for path in (demo.data / "outbox").rglob("*.jsonl"):
        lines.update(
            json.loads(line)["delivery_id"] for line in path.read_text(encoding="utf-8").splitlines()
        )
    return lines


def ledger(office: Office, agency: Agency, policies: Any) -> dict[str, tuple[str, int]]:
    """State and attempts of every delivery."""
    rows = [row for policy_id in policies for row in office.deliveries(agency, policy_id)]
    return {row["delivery_id"]: (row["state"], row["attempts"]) for row in rows}


def start_again_and_compare(
    demo: ServiceProcess,
    keys: Any,
    lines: Counter[str],
    rows: dict[str, tuple[str, int]],
    policies: list[str],
) -> None:
    assert set(lines.values()) == {1}
    demo.start()
    office, agency = people(demo)
    again = demo.keys
    assert (again.operator_key, again.publisher_key, again.reviewer_key) == (
        keys.operator_key,
        keys.publisher_key,
        keys.reviewer_key,
    )
    time.sleep(QUIET_S)
    assert outbox_lines(demo) == lines
    assert ledger(office, agency, policies) == rows
    assert len(demo.valkey_pids()) == 1
