"""A firm that joins while applications are still taken finds the policy in its space, and nowhere else."""

import time
from pathlib import Path

import pytest

from tests.e2e.conftest import Town
from tests.servers.processes import wait_until
from tests.servers.smtp_sink import RecordingSink
from tests.support.office import Office
from tests.support.service import running

QUIET_S = 2.0  # long enough for what must not come
OPEN = {"opens": "2026-03-01", "closes": "2099-03-31"}
OVER = {"opens": "2026-01-01", "closes": "2026-01-31"}


def test_a_late_joiner_gets_what_is_still_open_once_and_without_a_mail(town: Town) -> None:
    town.enrol("Geng-1", "山药", "space")
    town.push("yam", "山药", apply_window=OPEN)
    town.push("yam-over", "山药", apply_window=OVER)
    town.push("yam-plain", "山药")
    town.enrol("Geng-2", "山药", "email")
    assert wait_until(lambda: town.messages("Geng-2"), 60)
    message = town.messages("Geng-2")[0]
    assert (message["policy_id"], message["occurrence"]) == ("yam", "policy")
    assert message["reasons"][0]["because"] == "订阅“关于山药”"
    town.enrol("Geng-2", "山药", "email", "space")
    funnel = town.office.wait_complete(town.agency, "yam")
    assert (funnel["matched"], funnel["reached"], funnel["reach_rate"]) == (2, 2, 1.0)
    time.sleep(QUIET_S)
    assert [one["policy_id"] for one in town.messages("Geng-2")] == ["yam"]
    assert [one["policy_id"] for one in town.messages("Geng-1")] == ["yam-plain", "yam"]
    assert town.mails("Geng-2") == []


@pytest.mark.slow
def test_a_worker_that_is_killed_in_between_gives_it_once_all_the_same(tmp_path: Path) -> None:
    sink = RecordingSink(tmp_path / "sink", keep=True)
    soon = {"ZHENGDA_LEASE_S": "3", "ZHENGDA_LOST_AFTER_S": "3"}  # what the killed one had claimed comes back
    with running(tmp_path / "service", **soon) as service:
        office = Office(service.url, service.keys.operator_key)
        town = Town(service, office, office.create_agency(), sink, tmp_path)
        town.push("radish", "萝卜", apply_window=OPEN)
        for number in range(3):
            town.enrol(f"Xin-{number}", "萝卜")
            service.kill9()
            service.start()
        for number in range(3):
            assert wait_until(lambda who=f"Xin-{number}": town.messages(who), 60), f"Xin-{number}"
        time.sleep(QUIET_S)
        assert [len(town.messages(f"Xin-{number}")) for number in range(3)] == [1, 1, 1]
        funnel = office.wait_complete(town.agency, "radish")
        assert (funnel["matched"], funnel["planned"], funnel["reached"]) == (3, 3, 3)
