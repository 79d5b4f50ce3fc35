"""Text messages over CMPP end to end: the service as an operator starts it, and an ISMG that comes, goes and comes."""

from pathlib import Path
from typing import Any

import pytest

from tests.servers.ismg_thread import IsmgThread
from tests.servers.processes import wait_until
from tests.support.office import Agency, Office
from tests.support.papers import CONSENT, policy, wish
from tests.support.service import running

pytestmark = pytest.mark.slow

MORNING = {"ZHENGDA_CLOCK_START": "2026-03-02T10:00:00+08:00", "ZHENGDA_CLOCK_SPEED": "1"}
APPLY = {"apply_url": "https://apply.example.cn/", "labels": ["action:apply"]}


def enrol(office: Office, subscriber_id: str, number: str) -> None:
    contact = {"channel": "sms", "address": number, "consent": CONSENT}
    path = f"/api/v1/subscribers/{subscriber_id}"
    office.ask(
        "PUT", path, json={"name": f"{subscriber_id}公司", "contacts": [contact], "profile_matching": False}
    )
    office.ask("PUT", f"{path}/subscriptions", json={"subscriptions": [wish("竹笋", "sms")]})


def states(office: Office, agency: Agency, policy_id: str) -> list[str]:
    rows: list[dict[str, Any]] = office.deliveries(agency, policy_id, channel="sms")
    return [row["state"] for row in rows]


@pytest.mark.parametrize("scheme", ["cmpp", "cmpp2"])
def test_the_service_starts_without_its_gateway_sends_when_it_comes_and_hears_who_leaves(
    tmp_path: Path, scheme: str
) -> None:
    with (
        IsmgThread() as carrier,
        running(tmp_path, ZHENGDA_SMS_URL=carrier.ismg.url(scheme), **MORNING) as service,
    ):
        office = Office(service.url, service.keys.operator_key)
        agency = office.create_agency()
        enrol(office, "Jia-1", "13800138001")
        enrol(office, "Yi-1", "13800138002")
        carrier.start()
        assert wait_until(lambda: bool(carrier.ismg.lines), 40), (tmp_path / "service.log").read_text()[
            -3000:
        ]
        office.publish(agency, policy("bamboo", "竹笋", **APPLY))
        assert wait_until(lambda: states(office, agency, "bamboo") == ["delivered"] * 2, 30), states(
            office, agency, "bamboo"
        )
        sent = [number for _, submit in carrier.ismg.submits for number in submit.numbers]
        assert set(sent) == {"13800138001", "13800138002"}
        assert "".join(carrier.ismg.texts()).endswith("退订回T")

        carrier.call(carrier.ismg.reply("8613800138001", "ＴＤ。".encode("utf-16-be")))
        path = "/api/v1/subscribers/Jia-1"
        assert wait_until(lambda: office.ask("GET", path)["opted_out"] == ["sms"], 60)
        assert wait_until(lambda: carrier.ismg.answers[-1].result == 0, 60)

        carrier.stop()
        office.publish(agency, policy("shoots", "竹笋", **APPLY))
        assert wait_until(lambda: len(states(office, agency, "shoots")) == 1, 60)
        carrier.start()
        assert wait_until(lambda: states(office, agency, "shoots") == ["delivered"], 120), states(
            office, agency, "shoots"
        )
        assert {submit.numbers for _, submit in carrier.ismg.submits} == {("13800138002",)}
