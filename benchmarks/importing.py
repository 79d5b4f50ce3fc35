"""A hundred thousand rows into a running service through the command line: speed, memory, and how well it answers.

For a CSV and for a workbook the real service is started (``embedded://`` with SQLite) and ``zhengda subscribers
import`` brings the list in, one row in a hundred wrong; meanwhile /healthz is asked five times a second and the memory
of the service and its Valkey is read. In the same run the same rows go into a plain SQLite file by one ``executemany``
per table, as they stand: no checks, no encryption, no log, no index. That is the limit. Prints a table and writes JSON.

Run it with ``python benchmarks/importing.py [--rows 100000] [--only csv] [--json FILE]``.
"""

import argparse
import json
import os
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import tests.support.commands
from tests.support.commands import Commands
from tests.support.lists import firms, watching, write_csv, write_workbook
from tests.support.service import running

LONGEST_S = 3600.0
AT_REST_S = 0.5
WRITERS = {"csv": write_csv, "xlsx": write_workbook}
TABLES = {
    "subscribers": ("subscriber_id", "企业名称", "region", "industries", "size", "qualifications", "staff"),
    "contacts": ("subscriber_id", "email", "手机号", "consent_basis", "consent_at", "consent_evidence"),
    "subscriptions": ("subscriber_id", "subscription_name", "subscription_criteria", "channels"),
}


@dataclass(frozen=True)
class Row:
    """One file's figures; memory in MB of 1024 kB, of the service and its Valkey."""

    kind: str
    rows: int
    refused: int
    seconds: float
    rows_per_s: float
    limit_per_s: float
    ratio: float
    before_mb: float
    most_mb: float
    healthz_slowest_s: float
    service_cpu_s: float  # of processor, until it had also told its indexes of everybody
    command_cpu_s: float  # of processor; a workbook is taken apart here, beside the service
    load_before: float  # of the machine, over the minute before: other work takes from these figures


def limit(rows: Iterable[Mapping[str, str]], folder: Path) -> float:
    """Rows per second of SQLite alone, durable at the end."""
    given = list(rows)
    with closing(sqlite3.connect(folder / "plain.db")) as plain:
        plain.execute("PRAGMA journal_mode=WAL")
        began = time.perf_counter()
        for table, columns in TABLES.items():
            plain.execute(f"CREATE TABLE {table} ({', '.join(columns)}, PRIMARY KEY (subscriber_id))")
            values = [tuple(row[name] for name in columns) for row in given]
            plain.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(columns))})", values)
        plain.commit()
        return len(given) / (time.perf_counter() - began)


def measure(kind: str, count: int, folder: Path) -> Row:
    """Bring one file in."""
    wrong = count // 100
    path = WRITERS[kind](folder / f"firms.{kind}", firms(count, wrong=wrong))
    load = os.getloadavg()[0]
    peer = limit(firms(count, wrong=wrong), folder)
    with running(folder / "service") as service:
        commands = Commands(service, folder, service.keys.operator_key)
        began, began_command = _processor_s(service.pid), _children_s()
        with watching(service) as seen:
            done = commands.run("subscribers", "import", str(path))
        command_s, service_s = _children_s() - began_command, _at_rest_s(service.pid) - began
        said = f"{count} rows read: {count - wrong} subscribers in, {wrong} rows refused"
        assert done.stdout.startswith(said), f"{done.stdout} {done.stderr}"
    speed = count / seen.took_s
    return Row(
        kind=kind,
        rows=count,
        refused=wrong,
        seconds=round(seen.took_s, 1),
        rows_per_s=round(speed),
        limit_per_s=round(peer),
        ratio=round(speed / peer, 4),
        before_mb=round(seen.began_mb),
        most_mb=round(max(seen.most_mb, seen.ended_mb)),
        healthz_slowest_s=round(seen.slowest_s, 3),
        service_cpu_s=round(service_s, 1),
        command_cpu_s=round(command_s, 1),
        load_before=round(load, 1),
    )


def _children_s() -> float:
    """Seconds of processor of the commands that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _processor_s(pid: int | None) -> float:
    """Seconds of processor of a process that runs."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _at_rest_s(pid: int | None) -> float:
    """Seconds of processor of a process, once it uses less than a fifth of one."""
    before = _processor_s(pid)
    while True:
        time.sleep(AT_REST_S)
        now = _processor_s(pid)
        if now - before < AT_REST_S / 5:
            return now
        before = now


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--only", choices=tuple(WRITERS))
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results/importing.json"))
    given = parser.parse_args()
    tests.support.commands.TIMEOUT_S = LONGEST_S
    rows = []
    for kind in (given.only,) if given.only else tuple(WRITERS):
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measure(kind, given.rows, Path(folder)))
    print(
        f"{'file':6}{'rows':>9}{'s':>8}{'rows/s':>9}{'limit/s':>10}{'MB before':>11}{'MB most':>9}{'healthz s':>11}"
        f"{'service cpu s':>15}{'command cpu s':>15}"
    )
    for row in rows:
        print(
            f"{row.kind:6}{row.rows:9,}{row.seconds:8.1f}{row.rows_per_s:9,.0f}{row.limit_per_s:10,.0f}"
            f"{row.before_mb:11,.0f}{row.most_mb:9,.0f}{row.healthz_slowest_s:11.2f}"
            f"{row.service_cpu_s:15.1f}{row.command_cpu_s:15.1f}"
        )
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


if __name__ == "__main__":
    main()
