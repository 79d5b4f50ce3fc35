"""What may be wrong on this machine, one line a check, each with what to do about it."""

import asyncio
import os
import resource
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from config.calendar import CalendarError, load_calendar
from config.clock import SHANGHAI, Clock, aware
from config.database import Record, open_record
from config.settings import Settings, SettingsError
from config.taxonomies import TaxonomyDataError, load_lexicon
from config.unknown_settings import unknown_settings
from service.alerts_check import check_alerts
from service.bounces_check import check_bounces
from service.check import Check, Status
from service.index_check import check_index
from service.sms_check import check_sms
from service.tables_check import check_tables
from service.templates_check import check_templates
from service.webhooks_check import check_webhooks

__all__ = ["Check", "Status", "examine"]

PATIENCE_S = 5.0
LEAST_FREE_BYTES = 200 * 2**20
GOOD_FREE_BYTES = 2 * 2**30
LARGEST_SKEW_S = 2.0
FILES_WANTED = 4096
FILES_NEEDED = 512
DECEMBER = 12  # by then the next year's arrangement has been announced


async def examine(settings: Settings, clock: Clock) -> list[Check]:
    """Look at everything that the settings name; nothing is changed but a file written and removed."""
    looks: tuple[Callable[[], Awaitable[Check]], ...] = (
        lambda: asyncio.to_thread(check_data, settings.data),
        lambda: check_record(settings, clock),
        lambda: check_alerts(settings),
        lambda: asyncio.to_thread(check_index, settings.index_directory, clock),
        lambda: check_log(settings),
        lambda: check_redis(settings),
        lambda: check_smtp(settings),
        lambda: asyncio.to_thread(check_dkim, settings),
        lambda: check_bounces(settings),
        lambda: check_sms(settings),
        lambda: check_webhooks(settings),
        lambda: asyncio.to_thread(check_open_files),
        lambda: asyncio.to_thread(check_calendar, settings.calendar, clock),
        lambda: asyncio.to_thread(check_lexicon, settings.lexicon),
        lambda: asyncio.to_thread(check_templates, settings.templates),
        lambda: asyncio.to_thread(check_tables, settings),
    )
    return [check_names(os.environ), *await asyncio.gather(*(f() for f in looks))]


def check_names(environ: Mapping[str, str]) -> Check:
    """Whether something reads every ``ZHENGDA_*`` variable; a wrong value has ended the command before this."""
    strange = unknown_settings(environ)
    if not strange:
        return Check("settings", "ok", "every ZHENGDA_* setting can be used")
    told = ", ".join(f"{name} (did you mean {near}?)" if near else name for name, near in strange)
    return Check("settings", "warning", f"nothing reads {told}", "see docs/settings.md for the names")


def check_calendar(file: Path | None, clock: Clock) -> Check:
    """Whether the holidays are known that reminders and deadlines count by."""
    name = "calendar"
    try:
        calendar = load_calendar(file)
    except CalendarError as exc:
        return Check(name, "failed", str(exc), "mend it, or unset ZHENGDA_CALENDAR")
    today = clock.now().astimezone(SHANGHAI).date()
    wanted = [today.year, today.year + 1] if today.month == DECEMBER else [today.year]
    if missing := [str(year) for year in wanted if not calendar.known(year)]:
        advice = (
            "tell them by ZHENGDA_CALENDAR (docs/operations.md); until then what is counted is provisional"
        )
        return Check(name, "warning", f"the holidays of {' and '.join(missing)} are not known", advice)
    return Check(name, "ok", f"the holidays of {wanted[-1]} are known")


def check_lexicon(directory: Path | None) -> Check:
    """Whether the rules can be read that turn texts into labels."""
    try:
        lexicon = load_lexicon(office=directory)
    except TaxonomyDataError as exc:
        return Check("lexicon", "failed", str(exc), "mend it, or unset ZHENGDA_LEXICON")
    return Check("lexicon", "ok", f"rules {lexicon.version}")


def check_data(data: Path) -> Check:
    """Whether the data directory can be written to and has room."""
    name = "disk"
    place = next(folder for folder in (data.resolve(), *data.resolve().parents) if folder.exists())
    probe = place / f".zhengda-doctor.{os.getpid()}"
    try:
        probe.write_bytes(b"x" * 4096)
        probe.unlink()
    except OSError as exc:
        advice = "let the service's user write there, or set ZHENGDA_DATA"
        return Check(name, "failed", f"{place}: {exc.strerror}", advice)
    free = shutil.disk_usage(place).free
    there = "is there" if place == data.resolve() else "can be made"
    detail = f"{data} {there}, writable, {free / 2**30:.1f} GiB free"
    if free < LEAST_FREE_BYTES:
        return Check(name, "failed", detail, "free some space: below 200 MiB the log may refuse events")
    if free < GOOD_FREE_BYTES:
        return Check(name, "warning", detail, "give it more room: the log keeps every policy event")
    return Check(name, "ok", detail)


async def check_record(settings: Settings, clock: Clock) -> Check:
    """Whether the record answers, is migrated, and agrees about the time."""
    name = "record"
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return Check(name, "ok", f"{url.database} will be made by the first start")
    record = open_record(settings.database_url)
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await _ask_record(record, clock)
    except (SQLAlchemyError, OSError, TimeoutError) as exc:
        shown = url.render_as_string(hide_password=True)
        return Check(
            name, "failed", f"{shown}: {_short(exc)}", "start the database, or correct ZHENGDA_DATABASE"
        )
    finally:
        await record.close()


async def _ask_record(record: Record, clock: Clock) -> Check:
    from service.migrating import newest_revision, revision_of

    async with record.read() as conn:
        revision = await revision_of(conn)
        skew = 0.0
        if record.dialect == "postgresql":
            theirs: datetime | None = await conn.scalar(select(func.clock_timestamp()))
            skew = (aware(theirs) - clock.now()).total_seconds() if theirs else 0.0
    if abs(skew) > LARGEST_SKEW_S:
        advice = "set both clocks by NTP: due times and quiet hours depend on them"
        return Check("record", "failed", f"its clock differs from this machine's by {skew:+.1f} s", advice)
    if revision != newest_revision():
        advice = "the next start of the service migrates it; make a backup first"
        return Check(
            "record", "warning", f"{record.dialect}, schema {revision}, newest {newest_revision()}", advice
        )
    return Check("record", "ok", f"{record.dialect}, schema {revision}, clock within {LARGEST_SKEW_S:.0f} s")


async def check_log(settings: Settings) -> Check:
    """Whether the log can be read (embedded) or its brokers answer (Kafka)."""
    from service.backup_log import log_path

    path = log_path(settings)
    if path is not None:
        return await asyncio.to_thread(_check_embedded_log, path)
    from aiokafka.admin import AIOKafkaAdminClient
    from aiokafka.errors import KafkaError

    servers = settings.broker.split("://", 1)[1].replace(";", ",").replace("kafka://", "")
    admin = AIOKafkaAdminClient(bootstrap_servers=servers, request_timeout_ms=int(PATIENCE_S * 1000))
    try:
        async with asyncio.timeout(PATIENCE_S * 2):
            await admin.start()
            topics = await admin.list_topics()
    except (KafkaError, OSError, TimeoutError) as exc:
        return Check(
            "log", "failed", f"{servers}: {_short(exc)}", "start the brokers, or correct ZHENGDA_BROKER"
        )
    finally:
        await admin.close()
    return Check("log", "ok", f"Kafka at {servers}, {len(topics)} topics")


def _check_embedded_log(path: Path) -> Check:
    if not path.exists():
        return Check("log", "ok", f"{path} will be made by the first start")
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=PATIENCE_S)) as log:
            (answer,) = log.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as exc:
        return Check("log", "failed", f"{path}: {exc}", "restore the last backup into an empty ZHENGDA_DATA")
    if answer != "ok":
        return Check(
            "log", "failed", f"{path}: {answer}", "restore the last backup into an empty ZHENGDA_DATA"
        )
    return Check("log", "ok", f"{path}, {path.stat().st_size / 2**20:.1f} MiB, sound")


async def check_redis(settings: Settings) -> Check:
    """Whether Redis answers; the embedded one is the service's own affair."""
    if settings.embedded_redis:
        return Check("redis", "ok", "embedded: the service starts and keeps its own Valkey")
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    client = Redis.from_url(settings.redis, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S)
    place = urlsplit(settings.redis).hostname or urlsplit(settings.redis).path
    try:
        await client.ping()
    except (RedisError, OSError) as exc:
        advice = "start it, or correct ZHENGDA_REDIS; without it only speed is lost, never a message"
        return Check("redis", "failed", f"{place}: {_short(exc)}", advice)
    finally:
        await client.aclose()
    return Check("redis", "ok", f"{place} answers")


async def check_smtp(settings: Settings) -> Check:
    """Whether the mail server greets us; nothing is sent."""
    if settings.smtp_url is None:
        advice = "set ZHENGDA_SMTP_URL when mail is to leave this machine"
        return Check("smtp", "warning", "none is set: mail goes to the sandbox", advice)
    from aiosmtplib import SMTP, SMTPException

    from channels.email.smtp import SmtpServer

    try:
        server = SmtpServer.from_url(settings.smtp_url)
    except ValueError as exc:
        return Check("smtp", "failed", str(exc), "correct ZHENGDA_SMTP_URL")
    host, port = server.host, server.port
    client = SMTP(
        hostname=host,
        port=port,
        use_tls=server.security == "smtps",
        start_tls=server.security == "smtp+starttls",
        timeout=PATIENCE_S,
    )
    try:
        await client.connect()
        await client.ehlo()
        await client.quit()
    except (SMTPException, OSError) as exc:
        advice = "start it, or correct ZHENGDA_SMTP_URL; until then mail waits"
        return Check("smtp", "failed", f"{host}:{port}: {_short(exc)}", advice)
    finally:
        client.close()
    return Check("smtp", "ok", f"{host}:{port} greets")


def check_dkim(settings: Settings) -> Check:
    """Whether mails can be signed; that the record stands in the DNS is not looked at."""
    from channels.email import signer_of

    try:
        signer = signer_of(settings)
    except SettingsError as exc:
        return Check("dkim", "failed", str(exc), "correct it; `zhengda dkim FILE` makes a key")
    if signer is None:
        return Check("dkim", "ok", "mails leave unsigned (ZHENGDA_DKIM_KEY); the mail server may sign them")
    return Check("dkim", "ok", f"mails are signed ({signer.algorithm}), see {signer.record()[0]}")


def check_open_files() -> Check:
    """Whether enough files and connections may be open at once."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    detail, advice = (
        f"{soft} files may be open at once",
        f"ulimit -n {min(hard, 65536)}, or LimitNOFILE= in systemd",
    )
    if soft < FILES_NEEDED:
        return Check("files", "failed", detail, advice)
    return Check(
        "files", "warning" if soft < FILES_WANTED else "ok", detail, advice if soft < FILES_WANTED else ""
    )


def _short(exc: BaseException) -> str:
    lines = str(getattr(exc, "orig", None) or exc).splitlines()
    return lines[0][:200] if lines else type(exc).__name__
