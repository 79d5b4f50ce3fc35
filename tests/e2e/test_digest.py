"""A digest as a firm gets it: nothing for a day, one mail at half past eight, though the service was killed before."""

import time
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.processes import wait_until
from tests.servers.smtp_sink import RecordingSink
from tests.support.office import Agency, Office
from tests.support.papers import event, firm, policy, wish
from tests.support.service import running

pytestmark = pytest.mark.slow

START = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)  # six in the morning in Shanghai
SLOW = {"ZHENGDA_CLOCK_SPEED": "1", "ZHENGDA_CLOCK_START": START.isoformat()}
FAST = {"ZHENGDA_CLOCK_SPEED": "1200"}  # two and a half hours in eight seconds
WORD = "汇总"
QUIET_S = 2.0  # forty minutes


def test_a_day_s_policies_are_one_mail_and_leaving_by_it_ends_them(
    tmp_path: Path, recording_sink: RecordingSink
) -> None:
    folder, smtp = tmp_path / "service", recording_sink.url
    with running(folder, ZHENGDA_SMTP_URL=smtp, **SLOW) as service:
        office = Office(service.url, service.keys.operator_key)
        agency = office.create_agency()
        enrol(office, "Chen-1", "daily")
        enrol(office, "Wu-1", "instant")
        push(office, agency, "first", title="甲政策（初稿）")
        push(office, agency, "second", title="乙政策")
        push(office, agency, "first", title="甲政策（定稿）")
        push(office, agency, "third", title="丙政策")
        office.ask(
            "POST",
            "/api/v1/events",
            agency.publisher,
            json=event({"policy_id": "second"}, "policy.repealed"),
        )
        assert wait_until(lambda: len(mails(recording_sink, "Wu-1")) == 5, 30), (
            "at once: 4 pushes and a repeal"
        )
        (held,) = rows_of(office, agency, "third", "Chen-1")
        assert (held["state"], held["reason"]) == ("held", "digest")
        assert office.funnel(agency, "third")["held_for"] == {"digest": 1}
        assert mails(recording_sink, "Chen-1") == []

        service.kill9()

    with running(folder, ZHENGDA_SMTP_URL=smtp, **FAST) as service:
        office.url = service.url
        assert wait_until(lambda: bool(mails(recording_sink, "Chen-1")), 60), "no digest came"
        time.sleep(QUIET_S)
        (mail,) = mails(recording_sink, "Chen-1")
        says_what_is_new_and_why(mail)
        first, second, third = (
            rows_of(office, agency, policy_id, "Chen-1") for policy_id in ("first", "second", "third")
        )
        assert sorted(row["state"] for row in first) == ["sent", "superseded"]
        assert [row["state"] for row in second] == ["superseded"]
        assert [row["digest_id"] for row in third] == [digest_of(mail)]
        leave_by_one_click(mail)
        push(office, agency, "fourth", title="丁政策")
        assert wait_until(lambda: len(mails(recording_sink, "Wu-1")) == 6, 60)
        assert rows_of(office, agency, "fourth", "Chen-1") == []


def enrol(office: Office, subscriber_id: str, frequency: str) -> None:
    path = f"/api/v1/subscribers/{subscriber_id}"
    given = firm(f"{subscriber_id}公司", address(subscriber_id)) | {"preferences": {"frequency": frequency}}
    office.ask("PUT", path, json=given)
    office.ask("PUT", f"{path}/subscriptions", json={"subscriptions": [wish(WORD, "email")]})


def push(office: Office, agency: Agency, policy_id: str, **changes: Any) -> None:
    """Publish the next revision, release it, and wait until it was judged for everybody."""
    before = office.funnel(agency, policy_id).get("revision", 0)
    office.publish(agency, policy(policy_id, WORD, **changes), release=False)
    assert wait_until(lambda: office.funnel(agency, policy_id).get("revision") == before + 1, 60)
    office.release(agency, policy_id)
    office.wait_complete(agency, policy_id, 30.0)


def address(subscriber_id: str) -> str:
    return f"{subscriber_id.lower()}@example.com"


def mails(sink: RecordingSink, subscriber_id: str) -> list[EmailMessage]:
    wanted = f"<{address(subscriber_id)}>".encode()
    return [message_from_bytes(mail, policy=default) for mail in sink.messages() if wanted in mail]


def rows_of(office: Office, agency: Agency, policy_id: str, subscriber_id: str) -> list[dict[str, Any]]:
    rows = office.deliveries(agency, policy_id)
    return [row for row in rows if row["subscriber_id"] == subscriber_id]


def says_what_is_new_and_why(mail: EmailMessage) -> None:
    assert mail["Subject"] == "3月3日政策汇总：《甲政策（定稿）》等2项"
    text, page = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    for shown in (text, page):
        assert shown.count("甲政策（定稿）") >= 1
        assert "丙政策" in shown
        assert "初稿" not in shown.replace("甲政策（初稿） →", "")
        assert "乙政策" not in shown
        assert shown.count(f"因为您订阅了“关于{WORD}”：{WORD}，原文：“{WORD}”") == 2


def digest_of(mail: EmailMessage) -> str:
    return str(mail["Message-ID"]).strip("<>").partition("@")[0]


def leave_by_one_click(mail: EmailMessage) -> None:
    link = str(mail["List-Unsubscribe"]).strip("<>")
    answer = httpx.post(link, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200, answer.text
