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
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import structlog

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks._fanout_service import SOFTWARE, Push, in_a_service
from benchmarks._ledger_peers import PEERS, fill, some_rows
from streams.matching.index import ShardIndex
from streams.matching.keeping.compaction import index_of
from streams.steps.match import match
from subscribers.shards import IndexRow
from tests.servers.postgres import PostgresServer, postgres_programs
from tests.support.flow import Flow, open_flow

SHARDS = 16


@dataclass(frozen=True)
class Speed:
    """Rows per second into one ledger, the median of the rounds."""

    database: str
    past: int  # rows in the ledger before
    way: str
    rows: int
    rounds: int
    rows_per_s: int
    cpu_s: float  # of processor in this process, per round; PostgreSQL's own is beside it
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
    took: dict[str, list[tuple[float, float]]] = {}
    async with open_flow(url) as flow:
        flow.desk = replace(flow.desk, shards=SHARDS)
        held: Any = indexes(flow, matches)
        await fill(flow.record, past)
        for number in range(rounds):
            tasks = await asked(flow, number)
            began, began_cpu = time.perf_counter(), time.process_time()
            await match(flow.desk, held, *tasks)
            spent = time.perf_counter() - began, time.process_time() - began_cpu
            took.setdefault("the match step", []).append(spent)
            planned = (await flow.funnel(f"P-{number}")).planned
            assert planned == matches, f"{planned} rows instead of {matches}"
            for place, (way, peer) in enumerate(PEERS[flow.record.dialect].items()):
                rows = some_rows(matches, number * 10 + place)
                took.setdefault(way, []).append(await peer(flow.record, rows))
        database = flow.record.dialect
    return [
        Speed(
            database=database,
            past=past,
            way=way,
            rows=matches,
            rounds=rounds,
            rows_per_s=round(median(matches / seconds for seconds, _ in spent)),
            cpu_s=round(median(cpu for _, cpu in spent), 2),
            load_before=round(load, 1),
        )
        for way, spent in took.items()
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
