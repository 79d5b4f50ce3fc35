"""Text messages over SMPP end to end: the service as an operator starts it, and npm's SMSC as its carrier."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.servers.npm_smsc import NpmSmsc
from tests.servers.processes import wait_until
from tests.support.office import Agency, Office
from tests.support.papers import CONSENT, policy, wish
from tests.support.service import running

pytestmark = [pytest.mark.smsc, pytest.mark.slow]

MORNING = {"ZHENGDA_CLOCK_START": "2026-03-02T10:00:00+08:00", "ZHENGDA_CLOCK_SPEED": "1"}
APPLY = {"apply_url": "https://apply.example.cn/", "labels": ["action:apply"]}


def enrol(office: Office, subscriber_id: str, number: str) -> None:
    contact = {"channel": "sms", "address": number, "consent": CONSENT}
    path = f"/api/v1/subscribers/{subscriber_id}"
    office.ask(
        "PUT", path, json={"name": f"{subscriber_id}公司", "contacts": [contact], "profile_matching": False}
    )
    office.ask("PUT", f"{path}/subscriptions", json={"subscriptions": [wish("竹笋", "sms")]})


def rows(office: Office, agency: Agency, policy_id: str) -> list[dict[str, Any]]:
    return office.deliveries(agency, policy_id, channel="sms")


def test_a_text_is_delivered_by_its_parts_an_outage_is_waited_for_and_a_reply_ends_it(
    tmp_path: Path, smsc: Callable[..., NpmSmsc]
) -> None:
    carrier = smsc(stat="DELIVRD", reportAs="dec", tlv=False)
    with running(tmp_path, ZHENGDA_SMS_URL=carrier.url("&binds=2"), **MORNING) as service:
        office = Office(service.url, service.keys.operator_key)
        agency = office.create_agency()
        assert carrier.wait("bind", 2), "the lines stand before anything is to be sent"
        enrol(office, "Jia-1", "13800138001")
        enrol(office, "Yi-1", "13800138002")
        office.publish(agency, policy("bamboo", "竹笋", **APPLY))
        assert wait_until(
            lambda: [row["state"] for row in rows(office, agency, "bamboo")] == ["delivered"] * 2, 30
        ), rows(office, agency, "bamboo")
        assert {one["to"] for one in carrier.said("text")} == {"8613800138001", "8613800138002"}
        assert all(one["text"].endswith("退订回T") and one["parts"] > 1 for one in carrier.said("text"))

        carrier.order(mo={"from": "8613800138001", "text": "ＴＤ。", "coding": 8})
        path = "/api/v1/subscribers/Jia-1"
        assert wait_until(lambda: office.ask("GET", path)["opted_out"] == ["sms"], 60)

        carrier.kill()
        office.publish(agency, policy("shoots", "竹笋", **APPLY))
        assert wait_until(lambda: len(rows(office, agency, "shoots")) == 1, 60)
        carrier.start()
        assert wait_until(
            lambda: [row["state"] for row in rows(office, agency, "shoots")] == ["delivered"], 120
        ), rows(office, agency, "shoots")
        assert [one["to"] for one in carrier.said("text")].count("8613800138002") == 2
