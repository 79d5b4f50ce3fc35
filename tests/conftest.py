"""Fixtures that every test may use: the servers, and the databases made on them.

Each server is started once per session by the first test that asks for it, and where the tests are shared out
(`-n 2`) once per process: the processes know nothing of each other. Where its program is missing the test is skipped
with the reason; with REQUIRE_SERVERS=1 (continuous integration) it fails instead.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from config.database import record as record_module
from tests.servers.chromium import Chromium, chromium_program
from tests.servers.kafka import KafkaServer, kafka_jars
from tests.servers.kannel import KannelServer, kannel_programs
from tests.servers.npm_smsc import NpmSmsc, smsc_program
from tests.servers.postfix import PostfixServer, need_postfix
from tests.servers.postgres import PostgresServer, postgres_programs
from tests.servers.processes import end_leftovers, need, servers_required
from tests.servers.redis import RedisServer, redis_program
from tests.servers.smtp_sink import RecordingSink, SmtpSink, smtp_sink_program
from tests.support.blank import blank_sqlite, make_tables
from tests.support.compiled import compiling_once

EITHER_DATABASE = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
SERVER_MARKERS = ("kafka", "postgres", "redis", "kannel", "smsc", "postfix", "chromium")
MARKER_OF_FIXTURE = {
    "postgres_server": "postgres",
    "redis_server": "redis",
    "kafka_server": "kafka",
    "kannel": "kannel",
    "smsc": "smsc",
    "postfix": "postfix",
    "chromium": "chromium",
}

LEFT = pytest.StashKey[list[str]]()
LEFT_OUTPUT = "zhengda_left"


def pytest_configure(config: pytest.Config) -> None:
    """Tracebacks in the tests' own log are plain: structlog's default prints every local value of every frame."""
    config.stash[LEFT] = []
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, renderer]
    )


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_the_disk() -> Iterator[None]:
    """A record on SQLite in the tests' own process is not synced: the machine is not what these tests end."""
    settings_of_production = record_module._sqlite_connect

    def connect(connection: Any, entry: Any) -> None:
        settings_of_production(connection, entry)
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_module, "_sqlite_connect", connect)
        yield


@pytest.fixture(scope="session", autouse=True)
def _statements_are_compiled_once() -> Iterator[None]:
    """The records of the tests' own process share their compiled SQL: each test opens one anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_module, "create_async_engine", compiling_once(record_module.create_async_engine))
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL for the whole session; who kills it has to restart it."""
    programs = postgres_programs()
    if programs is None:
        need("PostgreSQL's server programs are not installed (Debian: postgresql)")
        return
    server = PostgresServer(programs)
    server.start()
    yield server
    server.close()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """An empty PostgreSQL database of the test's own."""
    url = postgres_server.create_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(scope="session")
def postgres_with_tables(postgres_server: PostgresServer) -> str:
    """A database with the record's tables; `record_url` empties them for each test."""
    url = postgres_server.create_database()
    make_tables(url)
    postgres_server.freeze_tables(url)
    return url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis for the whole session; who kills it has to restart it."""
    program = redis_program()
    if program is None:
        need("redis-server is not installed (Debian: redis-server)")
        return
    server = RedisServer(program)
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[KafkaServer]:
    """A Kafka broker for the whole session; who kills it has to restart it. Tests keep apart by topic and group."""
    jars, reason = kafka_jars()
    if jars is None:
        need(reason)
        return
    server = KafkaServer(jars)
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def chromium() -> Chromium:
    """A browser that prints pages."""
    program = chromium_program()
    if program is None:
        need("Chromium is not installed (Debian: chromium)")
    assert program is not None
    return Chromium(program)


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The session's Redis, empty."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture(params=EITHER_DATABASE)
def empty_record_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables, once as an SQLite file and once on PostgreSQL, as ZHENGDA_DATABASE takes it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'record.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=EITHER_DATABASE)
def record_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A record of the test's own with its tables and nothing in them, on either database, as ZHENGDA_DATABASE takes it.

    It was migrated once, and copied (SQLite) or emptied (PostgreSQL) since: migrating takes longer than most tests.
    """
    if request.param == "sqlite":
        (tmp_path / "record.db").write_bytes(blank_sqlite())
        return f"sqlite:///{tmp_path / 'record.db'}"
    url: str = request.getfixturevalue("postgres_with_tables")
    server: PostgresServer = request.getfixturevalue("postgres_server")
    server.empty_tables(url)
    return url


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    """Postfix's smtp-sink, started: the fast one."""
    program = smtp_sink_program()
    if program is None:
        need("smtp-sink is not installed (Debian: postfix)")
        return
    sink = SmtpSink(program)
    sink.start()
    yield sink
    sink.close()


@pytest.fixture
def recording_sink(tmp_path: Path) -> Iterator[RecordingSink]:
    """A mail server that writes down every recipient, started: the exact one."""
    sink = RecordingSink(tmp_path / "recording-sink", keep=True)
    sink.start()
    yield sink
    sink.close()


@pytest.fixture
def kannel() -> Iterator[KannelServer]:
    """A Kannel of the test's own, not started: the test says where replies go, then starts it."""
    programs = kannel_programs()
    if programs is None:
        need("Kannel's bearerbox and smsbox are not installed (Debian: kannel)")
        return
    server = KannelServer(programs)
    yield server
    server.close()


@pytest.fixture
def postfix() -> Iterator[Callable[..., PostfixServer]]:
    """Starts a Postfix with what the test says (see `PostfixServer`), as often as it is called; all end with it."""
    program = need_postfix()
    started: list[PostfixServer] = []

    def start(**options: Any) -> PostfixServer:
        started.append(PostfixServer(program, **options))
        started[-1].start()
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def smsc() -> Iterator[Callable[..., NpmSmsc]]:
    """Starts an SMSC with what the test says (see `smsc.js`), as often as it is called; all end with it."""
    node, reason = smsc_program()
    if node is None:
        need(reason)
        return
    started: list[NpmSmsc] = []

    def start(**options: Any) -> NpmSmsc:
        started.append(NpmSmsc(node, **options))
        return started[-1].start()

    yield start
    for server in started:
        server.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that uses a server carries its marker, written or not, so that `-m postgres` finds them all."""
    for item in items:
        for fixture, marker in MARKER_OF_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()) and item.get_closest_marker(marker) is None:
                item.add_marker(marker)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Where servers are required, a server test that was skipped for whatever reason has failed."""
    report: pytest.TestReport = yield
    marked = [name for name in SERVER_MARKERS if item.get_closest_marker(name)]
    if servers_required() and marked and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"a {marked[0]} test was skipped where servers are required: {report.longreprtext}"
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """One of the processes that share the tests has ended: hear what its tests had left running."""
    node.config.stash[LEFT] += getattr(node, "workeroutput", {}).get(LEFT_OUTPUT, [])


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Nothing that a test started may outlive the tests."""
    left = session.config.stash[LEFT] + end_leftovers()
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[LEFT_OUTPUT] = left  # the exit code is the other process's, and so is the terminal
    elif left:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(
                "\nFAILED: left running after the tests: " + ", ".join(left), red=True, bold=True
            )
