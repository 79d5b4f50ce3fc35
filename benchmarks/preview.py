"""How fast an audience is counted before its release, and how fast a service with many subscribers starts.

The real service (``embedded://``, SQLite) is given so many subscribers: each with a profile, an e-mail address with
consent and one subscription. It starts once from the record and once from its snapshots; each time policies of the demo
are previewed over HTTP, and one that fits half of everybody. Prints a table and writes JSON.

Run it with ``python benchmarks/preview.py [--subscribers 1000000] [--rounds 5] [--json FILE]``.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from config.database import open_record
from config.settings import Settings
from service.demo.policies import demo_policies
from service.master_keys import ensure_master_keys
from subscribers.bulk import put_many
from subscribers.contacts import open_vault
from subscribers.model import Enrolment, SubscriberIn, SubscriptionIn
from tests.support.crowd import CODES, REGIONS
from tests.support.office import Office
from tests.support.service import ServiceProcess, running

TOGETHER = 2_000
LONGEST_S = 3_600.0
CONSENT_AT = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Start:
    """A start of the service, and the previews after it."""

    start: str  # "record" or "snapshot"
    subscribers: int
    ready_s: float  # from its process's start until /healthz says ok
    memory_mb: float
    usual_median_s: float
    usual_slowest_s: float
    half_median_s: float
    half_matched: int
    load_before: float


def enterprises(count: int) -> Iterator[Enrolment]:
    """Subscribers; every second one of them also wants what half of all want."""
    dice = random.Random(5)
    wanted: dict[str, SubscriptionIn] = {}
    consent = {"basis": "订阅申请表", "at": CONSENT_AT, "evidence": "表单"}
    for number in range(count):
        chosen = [
            (key, dice.choice(CODES[key])) for key in dice.sample(("theme", "industry", "instrument"), 2)
        ]
        criteria: dict[str, Any] = {"any": [{"all": [{key: code} for key, code in chosen]}]}
        if number % 2:
            criteria["any"].append({"all": [{"group": "graduate"}]})
        subscription = wanted.setdefault(
            json.dumps(criteria),
            SubscriptionIn.model_validate(
                {"name": "所需政策", "criteria": criteria, "channels": ("space", "email")}
            ),
        )
        subscriber = {
            "name": f"第{number}号科技有限公司",
            "profile": {
                "region": dice.choice(REGIONS[3:]),
                "industries": [dice.choice(CODES["industry"])],
                "size": dice.choice(CODES["size"]),
                "staff": dice.randrange(1, 3000),
            },
            "contacts": [{"channel": "email", "address": f"firm{number}@example.com", "consent": consent}],
        }
        yield Enrolment(f"firm-{number:07}", SubscriberIn.model_validate(subscriber), (subscription,))


async def fill(settings: Settings, count: int) -> float:
    """Put the subscribers into the record of a service that does not run; return the seconds it took."""
    began = time.perf_counter()
    record = open_record(settings.database_url)
    try:
        vault = await open_vault(record, ensure_master_keys(settings))
        everybody = enterprises(count)
        while part := list(islice(everybody, TOGETHER)):
            async with record.write() as conn:
                done = await put_many(
                    conn, vault, part, shards=settings.shards, now=CONSENT_AT, actor="benchmark"
                )
            assert not done.refused, done.refused[:3]
    finally:
        await record.close()
    return time.perf_counter() - began


def policies() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return usual policies, and one that half of everybody wants."""
    usual = [dict(policy) for policy in demo_policies(datetime.now(UTC).date())]
    return usual, usual[0] | {"policy_id": "half", "labels": ["group:graduate"]}


def measure(service: ServiceProcess, key: str, start: str, count: int, rounds: int, ready_s: float) -> Start:
    """Ask for the audiences."""
    load = os.getloadavg()[0]
    usual, half = policies()
    with httpx.Client(base_url=service.url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:

        def ask(policy: Mapping[str, Any]) -> tuple[float, Any]:
            began = time.perf_counter()
            answer = client.post("/api/v1/policies/preview", json=policy)
            took = time.perf_counter() - began
            assert answer.status_code == 200, answer.text
            return took, answer.json()

        ask(usual[0])  # the first one finds the pages of the index on the disk
        took = [ask(policy)[0] for _ in range(rounds) for policy in usual]
        halves = [ask(half) for _ in range(rounds)]
    return Start(
        start=start,
        subscribers=count,
        ready_s=round(ready_s, 2),
        memory_mb=round(_memory_mb(service.pid)),
        usual_median_s=round(median(took), 3),
        usual_slowest_s=round(max(took), 3),
        half_median_s=round(median(one for one, _ in halves), 3),
        half_matched=halves[0][1]["matched"],
        load_before=round(load, 1),
    )


def _memory_mb(pid: int | None) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def started(service: ServiceProcess) -> float:
    """Start a service and return the seconds until it was ready."""
    began = time.perf_counter()
    service.start(timeout_s=LONGEST_S)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--subscribers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results/preview.json"))
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "service") as service:
        key = Office(service.url, service.keys.operator_key).create_agency().publisher
        service.stop()
        took = asyncio.run(fill(Settings(data=service.data), given.subscribers))
        print(f"{given.subscribers:,} subscribers written in {took:.0f} s", flush=True)
        for start in ("record", "snapshot"):
            ready_s = started(service)
            rows.append(measure(service, key, start, given.subscribers, given.rounds, ready_s))
            service.stop()
        service.start()
    print(
        f"{'start':10}{'subscribers':>12}{'ready s':>9}{'MB':>7}{'usual s':>9}{'slowest s':>11}"
        f"{'half s':>8}{'of':>9}{'load':>6}"
    )
    for row in rows:
        print(
            f"{row.start:10}{row.subscribers:12,}{row.ready_s:9.2f}{row.memory_mb:7,.0f}{row.usual_median_s:9.3f}"
            f"{row.usual_slowest_s:11.3f}{row.half_median_s:8.3f}{row.half_matched:9,}{row.load_before:6.1f}"
        )
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


if __name__ == "__main__":
    main()
