"""Crash tests print one table at the end: what was killed how often, and what came of it."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.smtp_sink import RecordingSink
from tests.support.crash import Account

SEED = "ZHENGDA_CRASH_SEED"

_accounts: list[Account] = []


@pytest.fixture
def accounts() -> list[Account]:
    """Where a test leaves its rows of the table."""
    return _accounts


@pytest.fixture
def seed() -> int:
    """Of the moments of the kills; a new one each time, ZHENGDA_CRASH_SEED repeats one."""
    return int(os.environ.get(SEED) or random.SystemRandom().randrange(10**6))


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordingSink]:
    """A mail server that writes down every recipient and Message-ID."""
    folder: Path = tmp_path_factory.mktemp("mail")
    sink = RecordingSink(folder)
    sink.start()
    yield sink
    sink.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table, also where the tests passed and their output is not shown."""
    if _accounts:
        terminalreporter.section("crash suite")
        terminalreporter.write_line(Account.head())
        for account in _accounts:
            terminalreporter.write_line(str(account))
        kills = sum(account.kills for account in _accounts)
        lost = sum(account.lost for account in _accounts)
        duplicates = sum(account.duplicates for account in _accounts)
        claimed = sum(account.claimed for account in _accounts)
        terminalreporter.write_line(
            f"{kills} kills, {lost} lost, {duplicates} duplicates of at most {claimed} (rows claimed at the kills)"
        )
