"""Text messages end to end: the service as an operator starts it, a real Kannel, a carrier that the test plays."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from config.clock import SHANGHAI
from tests.servers.kannel import Carrier, KannelServer
from tests.servers.processes import wait_until
from tests.support.office import Agency, Office
from tests.support.papers import CONSENT, policy, wish
from tests.support.service import running

pytestmark = [pytest.mark.kannel, pytest.mark.slow]

MORNING, NIGHT = "2026-03-02T10:00:00+08:00", "2026-03-02T21:30:00+08:00"
APPLY = {"apply_url": "https://apply.example.cn/", "labels": ["action:apply"]}
QUIET_S = 2.0  # long enough for what must not come


class Exchange:
    """A service at a time of day, its agency, and the carrier behind its gateway."""

    def __init__(self, office: Office, agency: Agency, carrier: Carrier) -> None:
        self.office, self.agency, self.carrier = office, agency, carrier

    def enrol(self, subscriber_id: str, number: str, *channels: str) -> None:
        """A firm with a number, which wants what speaks of 竹笋."""
        contact = {"channel": "sms", "address": number, "consent": CONSENT}
        given = {"name": f"{subscriber_id}公司", "contacts": [contact], "profile_matching": False}
        path = f"/api/v1/subscribers/{subscriber_id}"
        self.office.ask("PUT", path, json=given)
        self.office.ask("PUT", f"{path}/subscriptions", json={"subscriptions": [wish("竹笋", *channels)]})

    def publish(self, policy_id: str, **changes: Any) -> None:
        """Publish and release."""
        self.office.publish(self.agency, policy(policy_id, "竹笋", **changes))

    def rows(self, policy_id: str, **wanted: str) -> list[dict[str, Any]]:
        """The ledger's rows of a policy."""
        return self.office.deliveries(self.agency, policy_id, **wanted)

    def wait_state(self, policy_id: str, state: str, timeout_s: float = 30.0) -> dict[str, Any]:
        """Wait until the policy's one row for sms is in this state."""

        def there() -> bool:
            return [row["state"] for row in self.rows(policy_id, channel="sms")] == [state]

        assert wait_until(there, timeout_s), self.rows(policy_id)
        return self.rows(policy_id, channel="sms")[0]


@contextmanager
def exchange(folder: Path, kannel: KannelServer, start: str, speed: str = "1") -> Iterator[Exchange]:
    clock = {"ZHENGDA_CLOCK_START": start, "ZHENGDA_CLOCK_SPEED": speed}
    with running(folder, ZHENGDA_SMS_URL=kannel.url, ZHENGDA_SMS_SIGNATURE="云山政策", **clock) as service:
        office = Office(service.url, service.keys.operator_key)
        carrier = kannel.start(office.ask("GET", "/api/v1/sms/gateway")["incoming_url"])
        yield Exchange(office, office.create_agency(), carrier)


def test_a_text_goes_out_is_reported_and_a_reply_stops_the_next_within_a_second(
    tmp_path: Path, kannel: KannelServer
) -> None:
    with exchange(tmp_path, kannel, MORNING) as town:
        town.enrol("Jia-1", "13800138001", "sms", "space")
        town.enrol("Yi-1", "13800138002", "sms")
        town.publish("bamboo", **APPLY)
        funnel = town.office.wait_complete(town.agency, "bamboo")
        assert (funnel["matched"], funnel["planned"]) == (2, 3)
        assert wait_until(lambda: {r["state"] for r in town.rows("bamboo")} == {"delivered"}, 20), town.rows(
            "bamboo"
        )
        (text,) = town.carrier.texts("+8613800138001")
        assert text.startswith("【云山政策】示范市工业和信息化局发布《")
        assert text.endswith("退订回T")

        said_at = time.monotonic()
        town.carrier.answer("+8613800138001", "ＴＤ。")
        path = "/api/v1/subscribers/Jia-1"
        assert wait_until(lambda: town.office.ask("GET", path)["opted_out"] == ["sms"], 60)
        heard_s = time.monotonic() - said_at
        town.publish("shoots", **APPLY)
        town.office.wait_complete(town.agency, "shoots")
        assert wait_until(lambda: len(town.carrier.texts("+8613800138002")) == 2, 60)
        time.sleep(QUIET_S)
        assert len(town.carrier.texts("+8613800138001")) == 1
        assert {(row["subscriber_id"], row["channel"]) for row in town.rows("shoots")} == {
            ("Jia-1", "space"),
            ("Yi-1", "sms"),
        }
        print(f"the reply counted after {heard_s:.2f} s")


def test_what_one_cannot_act_on_never_goes_by_sms_nor_is_it_foreseen(
    tmp_path: Path, kannel: KannelServer
) -> None:
    with exchange(tmp_path, kannel, MORNING) as town:
        town.enrol("Jia-1", "13800138001", "sms", "space")
        data = policy(
            "notice", "竹笋", body="各有关单位：\n现将竹笋产业情况通报如下。", labels=["action:inform"]
        )
        seen = town.office.ask("POST", "/api/v1/policies/preview", town.agency.publisher, json=data)
        assert (seen["matched"], seen["by_channel"]) == (1, {"space": 1})
        town.office.publish(town.agency, data)
        funnel = town.office.wait_complete(town.agency, "notice")
        assert (funnel["matched"], funnel["planned"], funnel["reached"]) == (1, 1, 1)
        time.sleep(QUIET_S)
        assert town.carrier.taken() == []


def test_at_half_past_nine_in_the_evening_a_text_waits_until_eight(
    tmp_path: Path, kannel: KannelServer
) -> None:
    with exchange(tmp_path, kannel, NIGHT, speed="900") as town:
        town.enrol("Jia-1", "13800138001", "sms")
        town.publish("bamboo", **APPLY)
        held = town.wait_state("bamboo", "held", 10)
        assert held["reason"] == "sms_hours"
        assert datetime.fromisoformat(held["due_at"]) == datetime(2026, 3, 3, 8, tzinfo=SHANGHAI)
        assert town.carrier.taken() == []
        sent = datetime.fromisoformat(town.wait_state("bamboo", "delivered", 60)["sent_at"])
        assert datetime(2026, 3, 3, 8, tzinfo=SHANGHAI) <= sent < datetime(2026, 3, 3, 21, tzinfo=SHANGHAI)
        assert len(town.carrier.texts("+8613800138001")) == 1
