"""From matches to planned rows: the step alone on both databases, and a broad policy in a running service.

*Rows*: an index of so many subscribers in 16 shards, whom a policy fits one and all, and the whole `match` step: asking
the index, reasons, writing, reading back what is open, handing over (to a log in memory), marking. In turn with it, in
the same run and into the same ledger, others write as many rows that are ready made (`_ledger_peers`). On SQLite every
commit is synced; the PostgreSQL is the tests' own, which is not (fsync off). ``--past`` rows lie in the ledger before:
ids are scattered, so that a grown ledger costs more than a new one.

*Service*: the real service on its own set-up (``embedded://``, SQLite) with as many subscribers; policies that fit them
all are released one after another while /healthz is asked every 20 ms, until all is planned and on until the last has
arrived in its enterprise space. A row carries two reasons: what they subscribed to, and what they are.

Prints tables and writes JSON. Run it with ``python benchmarks/fanout.py [--matches 100000] [--past 0 1000000]
[--rounds 3] [--pushes 2] [--only rows|service] [--postgres URL] [--json FILE]``.
"""

import argparse
import asyncio
import json
import logging
import os
import sqlite3
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any

import structlog

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks._ledger_peers import PEERS, fill, some_rows
from streams.matching.compaction import index_of
from streams.matching.index import ShardIndex
from streams.steps.match import match
from subscribers.shards import IndexRow
from tests.servers.postgres import PostgresServer, postgres_programs
from tests.servers.processes import wait_until
from tests.support.flow import Flow, open_flow
from tests.support.office import Agency, Office
from tests.support.service import ServiceProcess, running

SHARDS = 16
SOFTWARE = {"any": [{"all": [{"industry": "I65"}]}]}
EVERY_S = 0.02
LONGEST_S = 1_800.0


@dataclass(frozen=True)
class Speed:
    """Rows per second into one ledger, the median of the rounds."""

    database: str
    past: int  # rows in the ledger before
    way: str
    rows: int
    rounds: int
    rows_per_s: int
    load_before: float


@dataclass(frozen=True)
class Push:
    """One broad policy in a running service; /healthz in milliseconds."""

    matches: int
    rows: int
    planned_s: float  # from the release's 202 to the last shard's mark
    planned_rows_per_s: int
    planning_p50_ms: float
    planning_p99_ms: float
    planning_max_ms: float
    ended_s: float  # … to the last arrival
    ended_p99_ms: float
    ended_max_ms: float
    load_before: float


class Held:
    """`Shards` that are as they should be: nothing is awaited."""

    def __init__(self, indexes: Sequence[ShardIndex]) -> None:
        self._indexes = indexes

    async def caught_up(self, shard: int, _after: int) -> ShardIndex:
        """Return a shard's index."""
        return self._indexes[shard]


def indexes(flow: Flow, matches: int) -> Held:
    """Shards of subscribers who all want software policies in the space, each by a subscription of its own."""
    criteria = json.dumps(SOFTWARE, separators=(",", ":"))
    rows: list[list[IndexRow]] = [[] for _ in range(SHARDS)]
    for number in range(matches):
        rows[number * 7919 % SHARDS].append(
            IndexRow(
                subscriber_id=f"firm-{number:06}",
                version=1,
                kind="enterprise",
                profile={},
                profile_matching=False,
                profile_channels=(),
                contacts=(("space", "space"),),
                subscriptions=((str(uuid.UUID(int=number)), criteria, ("space",)),),
            )
        )
    return Held([index_of(some, flow.desk.taxonomy.ancestors) for some in rows])


async def rows_per_s(url: str, matches: int, past: int, rounds: int) -> list[Speed]:
    """Every way of writing in turn, round after round, into one ledger."""
    load = os.getloadavg()[0]
    took: dict[str, list[float]] = {}
    async with open_flow(url) as flow:
        flow.desk = replace(flow.desk, shards=SHARDS)
        held: Any = indexes(flow, matches)
        await fill(flow.record, past)
        for number in range(rounds):
            tasks = await asked(flow, number)
            began = time.perf_counter()
            await match(flow.desk, held, *tasks)
            took.setdefault("the match step", []).append(time.perf_counter() - began)
            planned = (await flow.funnel(f"P-{number}")).planned
            assert planned == matches, f"{planned} rows instead of {matches}"
            for place, (way, peer) in enumerate(PEERS[flow.record.dialect].items()):
                rows = some_rows(matches, number * 10 + place)
                took.setdefault(way, []).append(await peer(flow.record, rows))
        database = flow.record.dialect
    return [
        Speed(
            database, past, way, matches, rounds, round(median(matches / s for s in seconds)), round(load, 1)
        )
        for way, seconds in took.items()
    ]


async def asked(flow: Flow, number: int) -> list[dict[str, Any]]:
    """Release a policy; return what is then asked of the shards."""
    campaign = await flow.campaign(f"P-{number}")
    return [{"campaign_id": campaign, "shard": shard, "after": 0} for shard in range(SHARDS)]


@contextmanager
def databases(postgres: str | None, folder: Path) -> Iterator[list[str]]:
    """A new SQLite file, and PostgreSQL: the one named, or one of our own where its programs are found."""
    urls = [f"sqlite:///{folder / 'record.db'}"]
    programs = None if postgres else postgres_programs()
    if programs is None:
        yield urls + ([postgres] if postgres else [])
        return
    server = PostgresServer(programs)
    try:
        server.start()
        yield [*urls, server.create_database()]
    finally:
        server.close()


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
        planned = marked(record, name)
        funnel = office.wait_complete(agency, name, LONGEST_S)
        ended = time.time()
    assert (funnel["matched"], funnel["delivered"]) == (matches, matches), f"not everybody: {funnel}"
    planning, later = seen.between(began, planned), seen.between(planned, ended)
    return Push(
        matches=matches,
        rows=funnel["planned"],
        planned_s=round(planned - began, 2),
        planned_rows_per_s=round(funnel["planned"] / (planned - began)),
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


def in_a_service(matches: int, pushes: int, folder: Path) -> list[Push]:
    """Start it, bring the subscribers in, push."""
    with running(folder / "service") as service:
        office = Office(service.url, service.keys.operator_key, answer_s=LONGEST_S)
        agency = office.create_agency()
        enrol(office, matches)
        return [push(service, office, agency, number, matches) for number in range(pushes)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--matches", type=int, default=100_000)
    parser.add_argument("--past", type=int, nargs="+", default=[0, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pushes", type=int, default=2)
    parser.add_argument("--only", choices=("rows", "service"))
    parser.add_argument("--postgres", help="an empty database instead of a server of our own")
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results/fanout.json"))
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    speeds: list[Speed] = []
    pushes: list[Push] = []
    for past in given.past if given.only != "service" else ():
        with tempfile.TemporaryDirectory() as folder, databases(given.postgres, Path(folder)) as urls:
            for url in urls:
                speeds += asyncio.run(rows_per_s(url, given.matches, past, given.rounds))
                show(speeds[-len(PEERS[speeds[-1].database]) - 1 :])
    if given.only != "rows":
        with tempfile.TemporaryDirectory() as folder:
            pushes = in_a_service(given.matches, given.pushes, Path(folder))
            show(pushes)
    given.json.parent.mkdir(parents=True, exist_ok=True)
    told = {"rows": [asdict(one) for one in speeds], "service": [asdict(one) for one in pushes]}
    given.json.write_text(json.dumps(told, indent=2) + "\n")


def show(figures: Sequence[Any]) -> None:
    """Print a table with a heading."""
    table = [asdict(one) for one in figures]
    width = {name: max(len(name), *(len(_cell(row[name])) for row in table)) for name in table[0]}
    print("  ".join(name.rjust(width[name]) for name in width))
    for row in table:
        print("  ".join(_cell(row[name]).rjust(width[name]) for name in width))
    print(flush=True)


def _cell(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    main()
