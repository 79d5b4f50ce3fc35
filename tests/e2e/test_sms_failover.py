"""Two gateways end to end: a carrier's line by SMPP, a Kannel behind it, and a ledger that knows what became of all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.servers.kannel import KannelServer
from tests.servers.npm_smsc import NpmSmsc
from tests.servers.processes import wait_until
from tests.support.office import Agency, Office
from tests.support.papers import CONSENT, policy, wish
from tests.support.service import running

pytestmark = [pytest.mark.kannel, pytest.mark.smsc, pytest.mark.slow]

MORNING = "2026-03-02T10:00:00+08:00"
APPLY = {"apply_url": "https://apply.example.cn/", "labels": ["action:apply"]}
FIRMS = 5


def number(firm: int) -> str:
    return f"1380013{firm:03d}5"  # the SMSC of the tests delivers to numbers that end so


def enrol(office: Office) -> None:
    for firm in range(FIRMS):
        contact = {"channel": "sms", "address": number(firm), "consent": CONSENT}
        given = {"name": f"第{firm}公司", "contacts": [contact], "profile_matching": False}
        path = f"/api/v1/subscribers/Firm-{firm}"
        office.ask("PUT", path, json=given)
        office.ask("PUT", f"{path}/subscriptions", json={"subscriptions": [wish("竹笋", "sms")]})


def states(office: Office, agency: Agency, policy_id: str) -> list[str]:
    rows: list[dict[str, Any]] = office.deliveries(agency, policy_id)
    return sorted(str(row["state"]) for row in rows)


def test_when_the_carriers_line_is_gone_kannel_carries_on_and_nobody_gets_anything_twice(
    tmp_path: Path, kannel: KannelServer, smsc: Callable[..., NpmSmsc]
) -> None:
    line = smsc(reportMs=-1, twice=True)
    urls = f"{line.url()} {kannel.url}"
    clock = {"ZHENGDA_CLOCK_START": MORNING, "ZHENGDA_CLOCK_SPEED": "1"}
    with running(tmp_path, ZHENGDA_SMS_URL=urls, **clock) as service:
        office = Office(service.url, service.keys.operator_key)
        told = office.ask("GET", "/api/v1/sms/gateway")
        assert told["gateways"] == ["smpp", "kannel"]
        carrier = kannel.start(told["incoming_url"])
        agency = office.create_agency()
        enrol(office)

        # Reports come before the answers, and each of them twice.
        office.publish(agency, policy("bamboo", "竹笋", **APPLY))
        assert wait_until(lambda: states(office, agency, "bamboo") == ["delivered"] * FIRMS, 30), states(
            office, agency, "bamboo"
        )
        assert (line.count("text"), carrier.taken()) == (FIRMS, [])

        line.kill()
        office.publish(agency, policy("shoots", "竹笋", **APPLY))
        assert wait_until(lambda: states(office, agency, "shoots") == ["delivered"] * FIRMS, 60), states(
            office, agency, "shoots"
        )
        assert [len(carrier.texts(f"+86{number(firm)}")) for firm in range(FIRMS)] == [1] * FIRMS

        bound = line.count("bind")
        line.start()
        assert line.wait("bind", bound + 1, 60)
        line.order(mo={"from": f"86{number(0)}", "to": "10690001", "text": "退订", "coding": 8})
        path = "/api/v1/subscribers/Firm-0"
        assert wait_until(lambda: office.ask("GET", path)["opted_out"] == ["sms"], 10)
