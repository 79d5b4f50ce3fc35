"""Interpretations and FAQs with a real service and the command line: before their policy and after it."""

from pathlib import Path

import httpx
import pytest

from tests.servers.processes import wait_until
from tests.servers.smtp_sink import RecordingSink
from tests.support.commands import Commands
from tests.support.office import Office
from tests.support.papers import firm, policy, wish
from tests.support.service import ServiceProcess, running

PATIENCE_S = 60.0
TEXT = "这份文件解决什么问题？第一次认定的软件企业可以拿到钱。"
QUESTIONS = {"title": "常见问题", "items": [{"question": "外市企业可以吗？", "answer": "可以，以迁入为准。"}]}


def test_what_explains_a_policy_is_reviewed_and_reaches_exactly_who_got_it(
    tmp_path: Path, recording_sink: RecordingSink
) -> None:
    settings = {"ZHENGDA_SMTP_URL": recording_sink.url, "ZHENGDA_UNINTERPRETED": "hold"}
    with running(tmp_path / "service", **settings) as service:
        office = Office(service.url, service.keys.operator_key)
        agency = office.create_agency()
        staff = Commands(service, tmp_path, agency.publisher, agency.reviewer)
        subscribe(office, "early", "early@example.com")
        text = tmp_path / "text.txt"
        text.write_text(TEXT, encoding="utf-8")
        questions = staff.file("faq.json", QUESTIONS)

        staff.json("publish", staff.file("policy.json", policy("P-1", "解释")))
        held = staff.run("release", "P-1")
        assert (held.returncode, "publish an interpretation first" in held.stderr) == (1, True), held.stderr
        first = staff.json(
            "interpret", "P-1", "--title", "一图读懂", "--file", str(text), "--form", "chart", "--id", "I-1"
        )
        assert (first["status"], first["id"]) == ("accepted", "I-1")
        assert "一图读懂" not in public_page(service, agency.agency_id)
        assert staff.json("release", "P-1")["reason"] is None
        office.wait_complete(agency, "P-1")
        assert mails(recording_sink) == ["early@example.com"]
        assert "一图读懂" in public_page(service, agency.agency_id)

        subscribe(office, "late", "late@example.com")
        staff.json("faq", "P-1", "--file", questions, "--id", "F-1")
        (waiting,) = staff.json("explanations", "--state", "waiting")["explanations"]
        assert (waiting["id"], waiting["policy_state"]) == ("F-1", "released")
        assert staff.json("release", "P-1", "--faq", "F-1")["status"] == "accepted"
        assert wait_until(lambda: len(mails(recording_sink)) == 2, PATIENCE_S), service.last_words()
        assert mails(recording_sink) == ["early@example.com"] * 2
        assert "外市企业可以吗？" in public_page(service, agency.agency_id)
        occurrences = {row["occurrence"] for row in office.deliveries(agency, "P-1")}
        assert occurrences == {"policy", "faq:F-1:1"}
        shown = staff.json("show", "P-1")
        assert (shown["interpretation"], shown["faqs"][0]["state"]) == ("present", "released")
        assert staff.json("figures")["interpretation"]["rate"] == pytest.approx(1.0)


def subscribe(office: Office, who: str, email: str) -> None:
    """A firm that wants by e-mail whatever explains something."""
    office.ask("PUT", f"/api/v1/subscribers/{who}", json=firm(who, email))
    office.ask(
        "PUT", f"/api/v1/subscribers/{who}/subscriptions", json={"subscriptions": [wish("解释", "email")]}
    )


def mails(sink: RecordingSink) -> list[str]:
    """To whom mail went, in order."""
    return [one.rcpt for one in sink.received()]


def public_page(service: ServiceProcess, agency_id: str) -> str:
    """The policy's page as anybody sees it; empty while there is none."""
    answer = httpx.get(f"{service.url}/policies/{agency_id}/P-1")
    return answer.text if answer.status_code == 200 else ""
