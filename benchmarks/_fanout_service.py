"""A broad policy in a running service, for `benchmarks/fanout.py`: how fast it is planned and how well it answers."""

import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any

from tests.servers.processes import wait_until
from tests.support.office import Agency, Office
from tests.support.service import ServiceProcess, running

SOFTWARE = {"any": [{"all": [{"industry": "I65"}]}]}
EVERY_S = 0.02
LONGEST_S = 1_800.0


@dataclass(frozen=True)
class Push:
    """One broad policy in a running service; /healthz in milliseconds."""

    matches: int
    rows: int
    planned_s: float  # from the release's 202 to the last shard's mark
    planned_rows_per_s: int
    planned_cpu_s: float  # of processor that the service used until then
    planning_p50_ms: float
    planning_p99_ms: float
    planning_max_ms: float
    ended_s: float  # … to the last arrival
    ended_p99_ms: float
    ended_max_ms: float
    load_before: float


@dataclass
class Asked:
    """When /healthz was asked, and how many seconds it took."""

    at: list[tuple[float, float]] = field(default_factory=list)

    def between(self, began: float, ended: float) -> list[float]:
        """Milliseconds of what was asked in this time, the shortest first."""
        return sorted(took * 1000 for at, took in self.at if began <= at <= ended)


@contextmanager
def healthz(service: ServiceProcess) -> Iterator[Asked]:
    """Ask /healthz every 20 ms until the block ends; what comes too late for a turn is asked at once."""
    seen, over = Asked(), threading.Event()

    def ask() -> None:
        http = HTTPConnection("127.0.0.1", service.port, timeout=60.0)
        due = time.time()
        while not over.wait(max(0.0, due - time.time())):
            began = time.time()
            http.request("GET", "/healthz")
            http.getresponse().read()
            ended = time.time()
            seen.at.append((began, ended - began))
            due = max(due + EVERY_S, ended)

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        yield seen
    finally:
        over.set()
        asker.join()


def enrol(office: Office, matches: int) -> None:
    """Enterprises whom the policies below fit, by what they asked for and by what they are."""
    common = {"kind": "enterprise", "region": "310115", "industries": "I65", "channels": "space"}
    common |= {"subscription_name": "软件", "subscription_criteria": json.dumps(SOFTWARE)}
    for start in range(0, matches, 5_000):
        office.import_subscribers(
            {"subscriber_id": f"firm-{number:06}", "name": f"第{number}号软件有限公司"} | common
            for number in range(start, min(start + 5_000, matches))
        )


def policy(number: int) -> dict[str, Any]:
    """A policy for them all."""
    return {
        "policy_id": f"broad-{number}",
        "title": f"关于支持软件企业高质量发展的若干措施（第{number}号）",
        "issuer": "示范市经济和信息化委员会",
        "publish_date": datetime.now(UTC).date().isoformat(),
        "disclosure": "open",
        "body": "为支持本市软件和信息技术服务业企业发展，对符合条件的软件企业给予补贴。\n" * 12,
        "labels": ["industry:I65", "region:310000"],
    }


def push(service: ServiceProcess, office: Office, agency: Agency, number: int, matches: int) -> Push:
    """Release one policy and watch it until the last has it."""
    name, load = f"broad-{number}", os.getloadavg()[0]
    office.publish(agency, policy(number), release=False)
    wait_until(lambda: office.funnel(agency, name).get("state") == "waiting", 60.0, every_s=0.1)
    with closing(sqlite3.connect(service.data / "record.db")) as record, healthz(service) as seen:
        office.release(agency, name)
        began = time.time()
        began_cpu = processor_s(service.pid)
        planned = marked(record, name)
        cpu = processor_s(service.pid) - began_cpu
        funnel = office.wait_complete(agency, name, LONGEST_S)
        ended = time.time()
    assert (funnel["matched"], funnel["delivered"]) == (matches, matches), f"not everybody: {funnel}"
    planning, later = seen.between(began, planned), seen.between(planned, ended)
    return Push(
        matches=matches,
        rows=funnel["planned"],
        planned_s=round(planned - began, 2),
        planned_rows_per_s=round(funnel["planned"] / (planned - began)),
        planned_cpu_s=round(cpu, 1),
        planning_p50_ms=round(median(planning), 1),
        planning_p99_ms=round(planning[int(len(planning) * 0.99)], 1),
        planning_max_ms=round(planning[-1], 1),
        ended_s=round(ended - began, 1),
        ended_p99_ms=round(later[int(len(later) * 0.99)], 1),
        ended_max_ms=round(later[-1], 1),
        load_before=round(load, 1),
    )


def marked(record: sqlite3.Connection, policy_id: str) -> float:
    """Wait until every shard is marked; return when the last one was."""
    query = """SELECT count(*), count(done_at), max(done_at) FROM campaign_shards
               JOIN campaigns USING (campaign_id) WHERE policy_id = ?"""
    deadline = time.time() + LONGEST_S
    while time.time() < deadline:
        shards, done, last = record.execute(query, (policy_id,)).fetchone()
        if shards and shards == done:
            return datetime.fromisoformat(last).replace(tzinfo=UTC).timestamp()
        time.sleep(0.1)
    raise TimeoutError(f"{policy_id} is not planned after {LONGEST_S:g} s")


def processor_s(pid: int | None) -> float:
    """Seconds of processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def in_a_service(matches: int, pushes: int, folder: Path) -> list[Push]:
    """Start it, bring the subscribers in, push."""
    with running(folder / "service") as service:
        office = Office(service.url, service.keys.operator_key, answer_s=LONGEST_S)
        agency = office.create_agency()
        enrol(office, matches)
        return [push(service, office, agency, number, matches) for number in range(pushes)]
