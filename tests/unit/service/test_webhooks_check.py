"""The doctor about webhooks: it counts endpoints, reads no answer of theirs, and says what keeps pushes from going."""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import insert

from config.database import Record, open_record
from config.database.migrate import migrate
from config.database.schema import suppressions
from config.settings import Settings
from service.webhooks_check import check_webhooks, judged
from subscribers.contacts import open_vault
from subscribers.endpoint_survey import EndpointSurvey
from subscribers.leaving import erase
from subscribers.model import SubscriberIn
from subscribers.registry import put_subscriber
from tests.support.flow import NOW

KEY = Fernet.generate_key().decode()
CONSENT = {"basis": "对接协议", "at": NOW - timedelta(days=9), "evidence": "协议 7"}


@pytest.fixture
async def settings(empty_record_url: str, tmp_path: Path) -> Settings:
    given = Settings(database=empty_record_url, data=tmp_path, master_keys=KEY)
    record = open_record(given.database_url)
    try:
        await migrate(record)
        await fill(record)
    finally:
        await record.close()
    return given


async def fill(record: Record) -> None:
    """Four endpoints that count: two confirmed, one of them http; one disabled; one that waits. And one erased."""
    vault = await open_vault(record, KEY)
    urls: dict[str, tuple[str, dict[str, Any] | None]] = {
        "S-1": ("https://a.example.cn/hooks", CONSENT),
        "S-2": ("HTTP://b.example.cn/hooks", CONSENT),
        "S-3": ("https://c.example.cn/hooks", CONSENT),
        "S-4": ("https://d.example.cn/hooks", None),
        "S-5": ("http://e.example.cn/hooks", CONSENT),
    }
    async with record.write() as conn:
        for who, (url, consent) in urls.items():
            contact = {"channel": "webhook", "address": url} | ({"consent": consent} if consent else {})
            given = SubscriberIn.model_validate({"name": f"{who} 公司", "contacts": [contact]})
            await put_subscriber(conn, vault, who, given, shards=4, now=NOW, actor="tests")
        gone = {"channel": "webhook", "reason": "gone", "at": NOW}
        blind = vault.blind_index("webhook", urls["S-3"][0])
        await conn.execute(insert(suppressions).values(**gone, blind_index=blind))
        await erase(conn, "S-5", now=NOW, actor="tests")


async def test_endpoints_are_counted_by_how_they_stand(settings: Settings) -> None:
    check = await check_webhooks(settings)
    assert check.detail == (
        "2 confirmed, 1 to be confirmed, 1 disabled, 1 of them http://; open besides public addresses: nothing"
    )
    assert (check.status, "https://" in check.advice) == ("warning", True)


async def test_without_the_keys_urls_stay_closed_and_are_counted_all_the_same(settings: Settings) -> None:
    check = await check_webhooks(settings.model_copy(update={"master_keys": None}))
    assert check.status == "ok"
    assert check.detail.startswith("2 confirmed, 1 to be confirmed, 1 disabled; ")


async def test_keys_of_another_record_are_a_failure(settings: Settings) -> None:
    other = Fernet.generate_key().decode()
    check = await check_webhooks(settings.model_copy(update={"master_keys": other}))
    assert (check.status, other in repr(check)) == ("failed", False)


async def test_a_record_without_tables_is_left_to_its_own_line(empty_record_url: str, tmp_path: Path) -> None:
    check = await check_webhooks(Settings(database=empty_record_url, data=tmp_path))
    assert check.status in ("ok", "warning")
    assert "confirmed" not in check.detail


@pytest.mark.parametrize(
    ("unencrypted", "opened", "status", "advice"),
    [
        (0, [], "ok", ""),
        (None, [], "ok", ""),
        (2, [], "warning", "https://"),
        (2, ["10.20.0.0/16"], "ok", ""),
        (0, ["10.20.0.0/16", "::/0"], "warning", "::/0 lets anybody's URL"),
    ],
)
def test_what_keeps_pushes_from_going_or_lets_them_go_anywhere_is_a_warning(
    unencrypted: int | None, opened: list[str], status: str, advice: str
) -> None:
    networks = tuple(map(ip_network, opened))
    check = judged(EndpointSurvey(3, 1, 0, unencrypted), networks)
    assert (check.status, bool(check.advice)) == (status, bool(advice))
    assert advice in check.advice
    assert all(network in check.detail for network in opened)
