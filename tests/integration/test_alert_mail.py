"""The mail to the operator over a real server; and what the doctor and the face say of alerts."""

from email import message_from_bytes, policy
from pathlib import Path

import dkim
from cryptography.hazmat.primitives.asymmetric import rsa

from channels.email import SmtpServer
from channels.email.dkim import Signer
from channels.email.plain import send_plain
from config.database import open_record
from config.database.migrate import migrate
from config.settings import Settings
from service.alerts_check import check_alerts
from streams.alerts import raise_alert, resolve
from tests.servers.api_world import NOW, World
from tests.servers.ports import free_port
from tests.servers.smtp_sink import RecordingSink

LATE = {
    "agency_id": "sheet",
    "policy_id": "P-1",
    "occurrence": "policy",
    "title": "扶持办法",
    "channel": "email",
    "step": "sent",
    "late": 3,
    "of": 4,
    "within_s": 3600.0,
}
SENDER = "政达政策推送 <push@example.gov.cn>"


async def test_the_operator_gets_a_mail_that_no_machine_answers(recording_sink: RecordingSink) -> None:
    server = SmtpServer.from_url(recording_sink.url)
    text = "sms:kannel is down\n.\n..到此为止\n"
    assert await send_plain(server, SENDER, "op@example.gov.cn", "政达告警：外部通道不可用", text)
    (raw,) = recording_sink.messages()
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["subject"] == "政达告警：外部通道不可用"
    assert mail["from"].addresses[0].display_name == "政达政策推送"
    assert mail["auto-submitted"] == "auto-generated"
    assert mail.get_content().splitlines() == text.splitlines()


async def test_what_is_signed_can_be_verified(recording_sink: RecordingSink) -> None:
    server = SmtpServer.from_url(recording_sink.url)
    signer = Signer(rsa.generate_private_key(65537, 2048), "example.gov.cn", "s1")
    subject, text = "政达告警：内容被拒，推送已停止" * 4, "推送\n" * 40
    assert await send_plain(server, SENDER, "op@example.gov.cn", subject, text, signer=signer)
    (raw,) = recording_sink.messages()
    assert dkim.verify(raw, dnsfunc=lambda _name, timeout=5: signer.record()[1].encode())
    assert not dkim.verify(
        raw.replace(b"op@", b"ox@"), dnsfunc=lambda _name, timeout=5: signer.record()[1].encode()
    )


async def test_a_server_that_is_away_or_refuses_is_no_exception(recording_sink: RecordingSink) -> None:
    away = SmtpServer.from_url(f"smtp://127.0.0.1:{free_port()}")
    assert not await send_plain(away, SENDER, "op@example.gov.cn", "x", "y")
    recording_sink.reply("op@example.gov.cn", "550 5.1.1 no such user")
    there = SmtpServer.from_url(recording_sink.url)
    assert not await send_plain(there, SENDER, "op@example.gov.cn", "x", "y")


async def test_the_doctor_tells_of_open_alerts_and_of_none(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    assert (await check_alerts(settings)).status == "ok"
    record = open_record(settings.database_url)
    await migrate(record)
    assert (await check_alerts(settings)).detail == "none is open"
    async with record.write() as conn:
        for n in range(5):
            await raise_alert(conn, "far_side", f"sms:{n}", f"sms:{n} is down", NOW)
    found = await check_alerts(settings)
    assert (found.status, found.advice) == ("warning", "see `zhengda alerts`")
    assert found.detail.count("is down") == 3
    assert found.detail.endswith("and 2 more")
    await record.close()


async def test_the_doctor_names_a_late_policy_by_its_title(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    record = open_record(settings.database_url)
    await migrate(record)
    async with record.write() as conn:
        await raise_alert(conn, "late", "c-1|email|sent", "sheet/P-1 (policy): 3 of 4", NOW, LATE)
    await record.close()
    told = (await check_alerts(settings)).detail
    assert told == "《扶持办法》 (sheet/P-1, policy): 3 of 4 messages by email were not sent within 1 h"


async def test_the_face_lists_what_is_open_and_on_request_what_is_over(world: World) -> None:
    async with world.house.record.write() as conn:
        await raise_alert(conn, "account", "sms:aliyun", "no credit", NOW, {"why": "isv.OUT_OF_SERVICE"})
        await raise_alert(conn, "far_side", "email", "down", NOW)
        await resolve(conn, "far_side", ["email"], NOW)
    (one,) = (await world.call("operator", "GET", "/api/v1/alerts")).json()["alerts"]
    assert (one["kind"], one["subject"], one["details"]) == (
        "account",
        "sms:aliyun",
        {"why": "isv.OUT_OF_SERVICE"},
    )
    assert one["raised_at"] == "2026-03-02T04:00:00.000Z"
    both = (await world.call("operator", "GET", "/api/v1/alerts?ended=true")).json()["alerts"]
    assert {one["kind"] for one in both} == {"account", "far_side"}


async def test_operators_read_alerts_on_a_page(world: World) -> None:
    html = {"Accept": "text/html"}
    empty = await world.call("operator", "GET", "/alerts", headers=html)
    assert "没有未结束的告警" in empty.text
    async with world.house.record.write() as conn:
        await raise_alert(conn, "halted", "c-1", "<554> refused", NOW, {"policy_id": "P-1"})
        await raise_alert(conn, "far_side", "email", "down", NOW)
        await resolve(conn, "far_side", ["email"], NOW)
    page = (await world.call("operator", "GET", "/alerts", headers=html)).text
    assert "内容被拒，推送已停止" in page
    assert "&lt;554&gt; refused" in page
    assert "外部通道不可用" not in page
    whole = (await world.call("operator", "GET", "/alerts?ended=true", headers=html)).text
    assert "外部通道不可用" in whole
    assert "结束</p>" in whole


async def test_the_page_tells_in_chinese_what_is_late_and_what_is_down(world: World) -> None:
    async with world.house.record.write() as conn:
        await raise_alert(conn, "late", "c-1|email|sent", "sheet/P-1 (policy): 3 of 4", NOW, LATE)
        why = {"reason": "the gateway takes no connection (ConnectError)"}
        await raise_alert(conn, "far_side", "sms:kannel", "sms:kannel is down", NOW, why)
    page = (await world.call("operator", "GET", "/alerts", headers={"Accept": "text/html"})).text
    assert '<span class="title">《扶持办法》</span>' in page
    assert "<p>《扶持办法》（sheet/P-1，政策）：电子邮件共 4 条，其中 3 条未在 1 小时内发出</p>" in page
    assert '<span class="title">短信（sms:kannel）</span>' in page
    assert "<p>短信（sms:kannel）不可用：无法连接网关（ConnectError）</p>" in page
    assert "is down" not in page
    alerts = (await world.call("operator", "GET", "/api/v1/alerts")).json()["alerts"]
    kept = {"sheet/P-1 (policy): 3 of 4", "sms:kannel is down"}
    assert {one["detail"] for one in alerts} == kept, "machines read what they read before"
