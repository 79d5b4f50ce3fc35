"""One process with everything in it: killed with -9 under load, and its Valkey too."""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.servers.processes import wait_until
from tests.servers.smtp_sink import RecordingSink
from tests.support.crash import Account, Load, assert_nothing_lost, crash_round, subscriber_rows
from tests.support.office import Office
from tests.support.record import claimed
from tests.support.service import ServiceProcess, running

pytestmark = [pytest.mark.slow, pytest.mark.alone]

SUBSCRIBERS = 1_500


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, mail: RecordingSink) -> Iterator[ServiceProcess]:
    settings = {"ZHENGDA_SMTP_URL": mail.url, "ZHENGDA_LEASE_S": "10", "ZHENGDA_LOST_AFTER_S": "5"}
    with running(tmp_path_factory.mktemp("embedded"), **settings) as service:
        office = Office(service.url, service.keys.operator_key)
        assert office.import_subscribers(subscriber_rows(SUBSCRIBERS)) == SUBSCRIBERS
        yield service


def database_url(service: ServiceProcess) -> str:
    return f"sqlite+aiosqlite:///{service.data / 'record.db'}"


def load_on(service: ServiceProcess, mail: RecordingSink, seed: int, name: str) -> Load:
    office = Office(service.url, service.keys.operator_key)
    agency = office.create_agency(f"agency-{name}")
    return Load(office, agency, mail, database_url(service), SUBSCRIBERS, seed, name)


def test_a_killed_service_loses_nothing(
    service: ServiceProcess, mail: RecordingSink, seed: int, accounts: list[Account]
) -> None:
    def kill() -> set[tuple[str, str]]:
        service.kill9()
        return claimed(database_url(service))

    def restore() -> None:
        service.start()
        assert len(service.valkey_pids()) == 1, "a second Valkey on the same data"

    load = load_on(service, mail, seed, "service")
    accounts.append(crash_round(load, "whole service", 4, kill, restore))
    assert_nothing_lost(accounts[-1])


def test_a_killed_valkey_is_brought_back_and_nothing_is_lost(
    service: ServiceProcess, mail: RecordingSink, seed: int, accounts: list[Account]
) -> None:
    killed: list[int] = []

    def kill() -> set[tuple[str, str]]:
        (pid,) = service.valkey_pids()
        os.kill(pid, signal.SIGKILL)
        killed.append(pid)
        return claimed(database_url(service))

    def restore() -> None:
        back = wait_until(lambda: service.valkey_pids() not in ([], killed[-1:]), 60)
        assert back, f"Valkey did not come back\n{service.last_words()}"

    load = load_on(service, mail, seed, "valkey")
    accounts.append(crash_round(load, "embedded Valkey", 4, kill, restore))
    assert_nothing_lost(accounts[-1])
    assert len(service.valkey_pids()) == 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill-9"])
def test_stopped_in_mid_flow_and_started_again_everything_arrives_and_no_second_valkey_is_left(
    service: ServiceProcess, mail: RecordingSink, seed: int, how: signal.Signals
) -> None:
    load = load_on(service, mail, seed, f"stop-{how.name.lower()}")
    load.release_one()
    load.wait_for_mail()
    if how is signal.SIGKILL:
        service.kill9()
        assert len(service.valkey_pids()) == 1, "kill -9 leaves its Valkey, to be adopted"
        in_flight = len(claimed(database_url(service)))
    else:
        assert service.stop(how) == 0
        assert service.valkey_pids() == []
        in_flight = len(claimed(database_url(service)))
        assert in_flight == 0, "what was sent before an orderly stop is written down"
    service.start()
    load.wait_complete(60.0)
    assert_nothing_lost(load.settle(Account("stopped", claimed=in_flight)))
    assert len(service.valkey_pids()) == 1
