"""The doctor names what is wrong and what to do, and touches nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.clock import Clock, ManualClock, SystemClock
from config.database import open_record
from config.database.migrate import migrate
from config.settings import Settings
from service import doctor
from service.doctor import (
    Check,
    check_calendar,
    check_data,
    check_log,
    check_names,
    check_record,
    check_redis,
    check_smtp,
    examine,
)
from service.templates_check import check_templates
from streams.transport.store import Log
from tests.servers.ports import free_port
from tests.servers.redis import RedisServer
from tests.servers.smtp_sink import RecordingSink

CLOCK: Clock = SystemClock()


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Settings]:
    return lambda **given: Settings(**{"data": tmp_path / "data", **given})


async def test_a_machine_where_nothing_has_started_yet_is_well_and_stays_untouched(
    settings: Callable[..., Settings], tmp_path: Path
) -> None:
    checks = await examine(settings(), CLOCK)
    assert [check.name for check in checks] == [
        "settings",
        "disk",
        "record",
        "alerts",
        "index",
        "log",
        "redis",
        "smtp",
        "dkim",
        "bounces",
        "sms",
        "webhooks",
        "files",
        "calendar",
        "lexicon",
        "templates",
        "tables",
    ]
    assert not [check for check in checks if check.status == "failed"]
    assert list(tmp_path.iterdir()) == []


async def test_a_directory_that_cannot_be_written_to_is_named() -> None:
    check = check_data(Path("/proc/zhengda"))
    assert (check.status, "/proc" in check.detail, bool(check.advice)) == ("failed", True, True)


@pytest.mark.parametrize(
    ("today", "status"),
    [
        (datetime(2026, 11, 22, tzinfo=UTC), "ok"),
        (datetime(2026, 11, 30, 17, tzinfo=UTC), "warning"),  # December in Shanghai, and 2027 is not known
        (datetime(2031, 6, 1, tzinfo=UTC), "warning"),
    ],
)
async def test_holidays_that_nobody_has_told_are_a_warning_in_time(today: datetime, status: str) -> None:
    check = check_calendar(None, ManualClock(today))
    assert (check.status, "ZHENGDA_CALENDAR" in check.advice) == (status, status == "warning")


async def test_a_calendar_file_that_cannot_be_used_is_a_failure(tmp_path: Path) -> None:
    check = check_calendar(tmp_path / "gone.toml", CLOCK)
    assert (check.status, "gone.toml" in check.detail) == ("failed", True)


async def test_too_little_room_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 100 * 2**20}))
    assert check_data(tmp_path).status == "failed"


async def test_a_record_is_asked_for_its_schema_and_its_time(
    settings: Callable[..., Settings], empty_record_url: str
) -> None:
    given = settings(database=empty_record_url)
    record = open_record(given.database_url)
    try:
        async with record.write() as conn:
            await conn.exec_driver_sql("CREATE TABLE x (y INTEGER)")
        assert (await check_record(given, CLOCK)).status == "warning"
        await migrate(record)
    finally:
        await record.close()
    assert (await check_record(given, CLOCK)).status == "ok"


@pytest.mark.postgres
async def test_a_clock_that_differs_from_the_databases_is_a_failure(
    settings: Callable[..., Settings], postgres_url: str
) -> None:
    slow = ManualClock(datetime.now(UTC) - timedelta(seconds=90))
    check = await check_record(settings(database=postgres_url), slow)
    assert check.status == "failed"
    assert "NTP" in check.advice


async def test_servers_that_are_away_are_named_without_their_passwords(
    settings: Callable[..., Settings],
) -> None:
    port = free_port()
    given = settings(
        broker=f"kafka://127.0.0.1:{port}",
        database=f"postgresql://zhengda:secret@127.0.0.1:{port}/zhengda",
        redis=f"redis://:secret@127.0.0.1:{port}/0",
        smtp_url=f"smtp://user:secret@127.0.0.1:{port}",
    )
    failed = [check for check in await examine(given, CLOCK) if check.status == "failed"]
    assert [check.name for check in failed] == ["record", "log", "redis", "smtp"]
    assert all(check.advice for check in failed)
    assert "secret" not in repr(failed)


async def test_a_redis_and_a_mail_server_that_answer_are_well(
    settings: Callable[..., Settings], redis_server: RedisServer, recording_sink: RecordingSink
) -> None:
    assert await check_redis(settings(redis=redis_server.url)) == Check("redis", "ok", "127.0.0.1 answers")
    assert (await check_smtp(settings(smtp_url=recording_sink.url))).status == "ok"
    assert recording_sink.received() == []


async def test_a_damaged_log_is_a_failure_and_a_sound_one_is_not(
    settings: Callable[..., Settings], tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "log.db"
    Log(str(file)).close()
    assert (await check_log(settings())).status == "ok"
    file.write_bytes(b"not a database, but long enough to be one" * 100)
    assert (await check_log(settings())).status == "failed"


def test_the_command_exits_1_when_anything_fails_and_lists_every_wrong_setting(
    zhengda_doctor: Callable[[], tuple[int, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, found = zhengda_doctor()
    assert (code, found["checks"][-1]["name"], found["checks"][-1]["status"]) == (0, "service", "ok")
    monkeypatch.setenv("ZHENGDA_PORT", "many")
    monkeypatch.setenv("ZHENGDA_REDIS", "memcached://x")
    code, found = zhengda_doctor()
    assert code == 1
    assert [check["status"] for check in found["checks"]] == ["failed", "failed"]


@pytest.fixture
def zhengda_doctor(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[[], tuple[int, Any]]:
    import json

    from service.cli import run
    from service.cli.face import Face

    monkeypatch.setenv("ZHENGDA_DATA", str(tmp_path / "data"))

    def healthy(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"status": "ok", "checks": {}})

    def ask() -> tuple[int, Any]:
        code = run(["doctor", "--json"], Face({"ZHENGDA_URL": "http://x"}, httpx.MockTransport(healthy)))
        return code, json.loads(capsys.readouterr().out)

    return ask


@pytest.mark.parametrize(("scheme", "port"), [("smtp", 25), ("smtps", 465), ("smtp+starttls", 587)])
async def test_the_mail_server_is_asked_on_the_port_that_mail_goes_to(
    settings: Callable[..., Settings], scheme: str, port: int
) -> None:
    # An address of this machine on which nobody listens.
    check = await check_smtp(settings(smtp_url=f"{scheme}://127.83.83.83"))
    assert (check.status, check.detail.startswith(f"127.83.83.83:{port}: ")) == ("failed", True)


async def test_templates_of_the_office_are_looked_at(tmp_path: Path) -> None:
    assert check_templates(None).status == "ok"
    layout = tmp_path / "sms" / "layout.txt.jinja"
    layout.parent.mkdir()
    for text, status, said in (
        (
            "【{{ signature }}】{% block news %}{% endblock %}（{{ slots.why }}）退订回T",
            "ok",
            "sms/layout.txt.jinja",
        ),
        ("【{{ signature }}】{% block news %}{% endblock %}（{{ slots.why }}）", "warning", "how to leave"),
        ("{% block news %}", "failed", f"{layout}:1: "),
    ):
        layout.write_text(text, encoding="utf-8")
        check = check_templates(tmp_path)
        assert (check.status, said in check.detail) == (status, True)
    assert check_templates(tmp_path / "nowhere").status == "failed"


def test_a_variable_that_nothing_reads_is_told_with_the_one_it_looks_like() -> None:
    told = check_names({"ZHENGDA_EMAIL_PER_SECONDS": "3", "HOME": "/"})
    assert (told.status, told.name) == ("warning", "settings")
    assert "ZHENGDA_EMAIL_PER_SECONDS (did you mean ZHENGDA_EMAIL_PER_SECOND?)" in told.detail
    assert check_names({"ZHENGDA_PORT": "8300", "ZHENGDA_KEY": "k"}).status == "ok"
