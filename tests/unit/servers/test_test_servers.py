"""The test servers themselves: a wrong server would make every other test lie."""

import smtplib
from email.message import EmailMessage

import asyncpg
import pytest
from redis import Redis

from tests.servers.postgres import PostgresServer
from tests.servers.processes import need, pid_alive
from tests.servers.redis import RedisServer
from tests.servers.smtp_sink import RecordingSink, SmtpSink, smtp_sink_program


def message(to: str, number: int = 1) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "office@example.cn", to, "政策"
    mail["Message-ID"] = f"<{number}@example.cn>"
    mail.set_content("正文")
    return mail


async def test_a_commit_survives_the_death_of_postgresql(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("create table kept (n int); insert into kept values (42)")
    old = postgres_server.pid
    postgres_server.kill9()
    assert postgres_server.pid is None
    postgres_server.restart()
    assert postgres_server.pid not in (None, old)
    connection = await asyncpg.connect(postgres_url)
    assert await connection.fetchval("select n from kept") == 42
    await connection.close()


async def test_each_test_has_a_postgresql_database_of_its_own(postgres_server: PostgresServer) -> None:
    one, two = postgres_server.create_database(), postgres_server.create_database()
    connection = await asyncpg.connect(one)
    await connection.execute("create table mine (n int)")
    other = await asyncpg.connect(two)
    assert await other.fetchval("select to_regclass('mine')") is None
    await connection.close()
    await other.close()
    postgres_server.drop_database(one)
    postgres_server.drop_database(two)


def test_redis_keeps_its_keys_through_a_kill(redis_server: RedisServer, redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        client.set("kept", "yes")
    old = redis_server.pid
    redis_server.kill9()
    assert old is not None
    assert not pid_alive(old)
    redis_server.restart()
    with Redis.from_url(redis_url) as client:
        assert client.get("kept") == b"yes"


def test_the_record_fixture_names_both_databases(record_url: str) -> None:
    assert record_url.split(":")[0] in ("sqlite", "postgresql")


async def test_an_emptied_postgresql_keeps_its_tables_and_forgets_rows_and_guests(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    guest = await asyncpg.connect(postgres_url)
    await guest.execute("create table kept (n int); insert into kept values (42)")
    transaction = guest.transaction()
    await transaction.start()
    await guest.execute("insert into kept values (43)")
    postgres_server.freeze_tables(postgres_url)
    postgres_server.empty_tables(postgres_url)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        await guest.execute("commit")
    connection = await asyncpg.connect(postgres_url)
    assert await connection.fetchval("select count(*) from kept") == 0
    with pytest.raises(asyncpg.RaiseError, match="take empty_record_url"):
        await connection.execute("drop table kept")
    await connection.close()


def test_the_fast_sink_counts_what_it_takes(smtp_sink: SmtpSink) -> None:
    with smtplib.SMTP("127.0.0.1", smtp_sink.port) as client:
        for number in range(3):
            client.send_message(message("a@example.cn", number))
    assert smtp_sink.count == 3


def test_the_fast_sink_keeps_messages_when_asked() -> None:
    program = smtp_sink_program()
    if program is None:
        need("smtp-sink is not installed (Debian: postfix)")
        return
    sink = SmtpSink(program, keep=True)
    sink.start()
    with smtplib.SMTP("127.0.0.1", sink.port) as client:
        client.send_message(message("kept@example.cn"))
    assert "X-Rcpt-Args: <kept@example.cn>" in sink.dump
    sink.close()


def test_the_recording_sink_remembers_over_a_kill(recording_sink: RecordingSink) -> None:
    for number in (1, 2):
        with smtplib.SMTP("127.0.0.1", recording_sink.port) as client:
            client.send_message(message("a@example.cn", number))
        recording_sink.kill9()
        recording_sink.restart()
    taken = [(one.rcpt, one.message_id) for one in recording_sink.received()]
    assert taken == [("a@example.cn", "<1@example.cn>"), ("a@example.cn", "<2@example.cn>")]
    assert len(recording_sink.messages()) == 2


def test_the_recording_sink_refuses_whom_it_was_told_to_refuse(recording_sink: RecordingSink) -> None:
    recording_sink.reply("gone@example.cn", "550 5.1.1 no such user")
    recording_sink.reply("spam@example.cn", "554 5.7.1 DT:SPM", stage="data")
    with smtplib.SMTP("127.0.0.1", recording_sink.port) as client:
        with pytest.raises(smtplib.SMTPRecipientsRefused, match="no such user"):
            client.send_message(message("gone@example.cn"))
        with pytest.raises(smtplib.SMTPDataError, match="DT:SPM"):
            client.send_message(message("spam@example.cn"))
        recording_sink.reply("gone@example.cn", None)
        client.send_message(message("gone@example.cn"))
    assert [one.rcpt for one in recording_sink.received()] == ["gone@example.cn"]
