"""A hundred thousand rows, a thousand of them wrong, through the command line; what it costs the service."""

import csv
from pathlib import Path

import pytest

from tests.support.commands import Commands
from tests.support.lists import firms, watching, write_csv
from tests.support.service import running

ROWS = 100_000
WRONG = 1_000
MOST_MB = 300


@pytest.mark.slow
@pytest.mark.alone
def test_a_hundred_thousand_rows_are_imported_in_bounded_time_and_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.support.commands.TIMEOUT_S", 600.0)
    path = write_csv(tmp_path / "firms.csv", firms(ROWS, wrong=WRONG))
    with running(tmp_path / "service") as service:
        commands = Commands(service, tmp_path, service.keys.operator_key)
        with watching(service) as seen:
            done = commands.run("subscribers", "import", str(path))
        print(
            f"{ROWS} rows in {seen.took_s:.1f} s ({ROWS / seen.took_s:.0f} rows/s), {seen.grown_mb:.0f} MB more "
            f"memory, /healthz at most {seen.slowest_s:.2f} s"
        )
        assert done.returncode == 5, done.stderr
        assert done.stdout.startswith(
            f"{ROWS} rows read: {ROWS - WRONG} subscribers in, {WRONG} rows refused"
        )
        with (tmp_path / "firms.csv.refused.csv").open(encoding="utf-8-sig", newline="") as file:
            found = list(csv.DictReader(file))
        every = ROWS // WRONG
        assert [int(row["line"]) for row in found] == [1 + every * (at + 1) for at in range(WRONG)]
        assert all(row["reason"] for row in found)
        assert seen.grown_mb <= MOST_MB
