"""API, scheduler and two workers on Kafka, PostgreSQL and Redis: each of them killed with -9 under load."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.servers.kafka import KafkaServer, kafka_jars
from tests.servers.postgres import PostgresServer
from tests.servers.processes import need, wait_until
from tests.servers.redis import RedisServer
from tests.servers.smtp_sink import RecordingSink
from tests.support.cluster import Cluster, cluster, spread
from tests.support.crash import Account, Load, assert_nothing_lost, crash_round, subscriber_rows
from tests.support.office import Office
from tests.support.record import claimed
from tests.support.service import ServiceProcess

pytestmark = [
    pytest.mark.slow,
    pytest.mark.alone,
    pytest.mark.kafka,
    pytest.mark.postgres,
    pytest.mark.redis,
]

SUBSCRIBERS = 1_500
SHARDS = 16
LEASE_S = 10.0  # above what sending a chunk takes on a busy machine


@pytest.fixture(scope="module")
def kafka() -> Iterator[KafkaServer]:
    """A broker of this module's own: the service's topics and group have fixed names."""
    jars, reason = kafka_jars()
    if jars is None:
        need(reason)
        return
    server = KafkaServer(jars)
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory,
    kafka: KafkaServer,
    postgres_server: PostgresServer,
    redis_server: RedisServer,
    mail: RecordingSink,
) -> Iterator[Cluster]:
    redis_server.flush()
    database = postgres_server.create_database()
    settings = {
        "ZHENGDA_SMTP_URL": mail.url,
        "ZHENGDA_LEASE_S": f"{LEASE_S:g}",
        "ZHENGDA_LOST_AFTER_S": "5",
        "ZHENGDA_SHARDS": str(SHARDS),
    }
    folder = tmp_path_factory.mktemp("cluster")
    with cluster(folder, kafka, postgres_server, redis_server, database, **settings) as cluster_:
        office = Office(cluster_.api.url, cluster_.api.keys.operator_key)
        assert office.import_subscribers(subscriber_rows(SUBSCRIBERS)) == SUBSCRIBERS
        yield cluster_
    postgres_server.drop_database(database)


@pytest.fixture
def on(running: Cluster) -> Cluster:
    """The cluster with everything up, whatever the test before did."""
    running.bring_back()
    return running


def load_on(on: Cluster, mail: RecordingSink, seed: int, name: str) -> Load:
    office = Office(on.api.url, on.api.keys.operator_key)
    agency = office.create_agency(f"agency-{name}")
    return Load(office, agency, mail, on.database_url, SUBSCRIBERS, seed, name)


def test_two_workers_share_the_shards_and_the_survivor_of_a_kill_reaches_everybody(
    on: Cluster, mail: RecordingSink, seed: int, accounts: list[Account]
) -> None:
    shared = wait_until(lambda: spread(on.shards(), SHARDS), 60.0, every_s=0.5)
    assert shared, f"the shards are not shared: {on.shards()}"
    print(f"\nshards: {on.shards()}")
    load, account = load_on(on, mail, seed, "two"), Account("one of two workers")
    begun = time.monotonic()
    load.release_one()
    load.wait_for_mail()
    on.workers[0].kill9()
    account.kills, account.claimed = 1, len(claimed(on.database_url))
    load.wait_complete(90.0)
    load.settle(account)
    account.seconds = time.monotonic() - begun
    accounts.append(account)
    assert_nothing_lost(account)
    alone = wait_until(lambda: on.shards()[1] == set(range(SHARDS)), 30.0, every_s=0.5)
    assert alone, f"the survivor holds only {on.shards()[1]}"


def test_killed_workers_lose_nothing(
    on: Cluster, mail: RecordingSink, seed: int, accounts: list[Account]
) -> None:
    load = load_on(on, mail, seed, "worker")

    def kill() -> set[tuple[str, str]]:
        killed.append(on.workers[len(killed) % 2])
        killed[-1].kill9()
        return claimed(on.database_url)

    def restore() -> None:
        killed[-1].start(timeout_s=90.0)

    killed: list[ServiceProcess] = []
    accounts.append(crash_round(load, "worker (one of two)", 4, kill, restore))
    assert_nothing_lost(accounts[-1])


def test_a_killed_api_and_scheduler_lose_nothing(
    on: Cluster, mail: RecordingSink, seed: int, accounts: list[Account]
) -> None:
    def kill() -> set[tuple[str, str]]:
        on.api.kill9()
        return claimed(on.database_url)

    load = load_on(on, mail, seed, "api")
    accounts.append(crash_round(load, "API and scheduler", 4, kill, lambda: on.api.start() and None))
    assert_nothing_lost(accounts[-1])


def test_a_killed_postgresql_loses_nothing(
    on: Cluster, mail: RecordingSink, seed: int, accounts: list[Account]
) -> None:
    def kill() -> set[tuple[str, str]]:
        on.postgres.kill9()
        at = datetime.now(UTC)
        on.postgres.start()
        # Nobody could claim while it was away; what is claimed since it is back has a later lease.
        return claimed(on.database_url, leased_until=at + timedelta(seconds=LEASE_S))

    load = load_on(on, mail, seed, "postgresql")
    accounts.append(crash_round(load, "PostgreSQL", 4, kill, lambda: None))
    assert_nothing_lost(accounts[-1])


def test_a_killed_kafka_loses_nothing(
    on: Cluster, mail: RecordingSink, seed: int, accounts: list[Account]
) -> None:
    def kill() -> set[tuple[str, str]]:
        on.kafka.kill9()
        return claimed(on.database_url)

    load = load_on(on, mail, seed, "kafka")
    accounts.append(crash_round(load, "Kafka", 4, kill, on.kafka.start))
    assert_nothing_lost(accounts[-1])


def test_a_killed_redis_loses_nothing(
    on: Cluster, mail: RecordingSink, seed: int, accounts: list[Account]
) -> None:
    def kill() -> set[tuple[str, str]]:
        on.redis.kill9()
        return claimed(on.database_url)

    load = load_on(on, mail, seed, "redis")
    accounts.append(crash_round(load, "Redis", 4, kill, on.redis.start))
    assert_nothing_lost(accounts[-1])
