"""One released policy to 20,000 mailboxes: the whole service against what the sink can take at all.

For each log (``embedded://`` with SQLite, and Kafka with PostgreSQL and Redis) the real service is started, 20,000
subscribers with consent are imported, and policies that fit every one of them are released one after another; from a
release's 202 until the funnel is complete every mail goes into Debian's ``smtp-sink``. In the same run, in turn with
them, ``smtp-source`` sends as many mails of the same size over as many connections into the same sink: that is the
limit. Prints a table of medians and ratios and writes JSON.

Run it with ``python benchmarks/end_to_end.py [--recipients 20000] [--rounds 3] [--only embedded] [--json FILE]``.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.servers.kafka import KafkaServer, kafka_jars
from tests.servers.postgres import PostgresServer, postgres_programs
from tests.servers.processes import wait_until
from tests.servers.redis import RedisServer, redis_program
from tests.servers.smtp_sink import SmtpSink, smtp_sink_program
from tests.support.office import Agency, Office
from tests.support.service import running

CONNECTIONS = 16
MAIL_BYTES = 4_200  # of the mail that the policy below becomes; the peer sends the same
BODY = "为支持本市软件和信息技术服务业企业发展，对符合条件的软件企业给予补贴，最高不超过50万元。申报单位应当登记。\n"


@dataclass(frozen=True)
class Row:
    """One log's figures: medians over the rounds."""

    log: str
    recipients: int
    rounds: int
    deliveries_per_s: float
    limit_per_s: float
    ratio: float


def csv_rows(count: int) -> Iterator[dict[str, str]]:
    """Subscribers who all want software policies by e-mail, each under its own name."""
    for number in range(count):
        yield {
            "subscriber_id": f"bench-{number:06d}",
            "name": f"示范第{number}号软件有限公司",
            "kind": "enterprise",
            "region": "310115",
            "industries": "I65",
            "email": f"user{number}@example.com",
            "consent_basis": "订阅申请表",
            "consent_at": "2026-01-05T09:00:00+08:00",
            "consent_evidence": "基准测试",
            "subscription_name": "软件",
            "subscription_criteria": json.dumps({"any": [{"all": [{"industry": "I65"}]}]}),
            "channels": "email",
        }


def policy(number: int) -> dict[str, object]:
    """A policy that fits all of them."""
    return {
        "policy_id": f"bench-{number}",
        "title": f"关于支持软件企业高质量发展的若干措施（第{number}号）",
        "issuer": "示范市经济和信息化委员会",
        "publish_date": datetime.now(UTC).date().isoformat(),
        "disclosure": "open",
        "body": BODY * 12,
        # Their profiles lie elsewhere: nothing but the subscription matches, so every row is an e-mail.
        "labels": ["industry:I65", "region:440100"],
    }


def push(office: Office, agency: Agency, sink: SmtpSink, number: int) -> float:
    """Deliveries per second of one policy, from the release's 202 to a complete funnel."""
    office.publish(agency, policy(number), release=False)
    while office.funnel(agency, f"bench-{number}").get("state") != "waiting":
        time.sleep(0.1)
    before = sink.count
    office.release(agency, f"bench-{number}")
    began = time.perf_counter()
    funnel = office.wait_complete(agency, f"bench-{number}", timeout_s=600)
    took = time.perf_counter() - began
    assert not funnel["failed"], f"failed: {funnel['failed']}"
    assert funnel["planned"] == funnel["matched"], "other rows than e-mails were counted"
    arrived = wait_until(lambda: sink.count - before >= funnel["planned"], 30.0)
    assert arrived, f"{sink.count - before} of {funnel['planned']} mails arrived"
    return float(funnel["sent"]) / took


def limit(program: str, port: int, mails: int) -> float:
    """Mails per second of smtp-source into the same sink."""
    command = [program, "-s", str(CONNECTIONS), "-l", str(MAIL_BYTES), "-m", str(mails), "-d"]
    command += ["-f", "bench@example.com", "-t", "user@example.com", f"127.0.0.1:{port}"]
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    return mails / (time.perf_counter() - began)


@contextmanager
def servers(log: str) -> Iterator[dict[str, str]]:
    """The settings of one set-up, its servers running."""
    if log == "embedded":
        yield {}
        return
    jars, _ = kafka_jars()
    programs, program = postgres_programs(), redis_program()
    if jars is None or programs is None or program is None:
        raise SystemExit("Kafka's jars (make kafka), PostgreSQL and Redis are needed; or --only embedded")
    with ExitStack() as stack:
        kafka, postgres, redis = KafkaServer(jars), PostgresServer(programs), RedisServer(program)
        for server in (kafka, postgres, redis):
            stack.callback(server.close)
            server.start()
        yield {
            "ZHENGDA_BROKER": kafka.url,
            "ZHENGDA_DATABASE": postgres.create_database(),
            "ZHENGDA_REDIS": redis.url,
        }


def measure(log: str, recipients: int, rounds: int, folder: Path) -> Row:
    """Run one set-up."""
    sink_program = smtp_sink_program()
    source = shutil.which("smtp-source") or "/usr/sbin/smtp-source"
    if sink_program is None or not Path(source).exists():
        raise SystemExit("smtp-sink and smtp-source are needed: Debian's package postfix")
    ours: list[float] = []
    peers: list[float] = []
    with ExitStack() as stack:
        sink = SmtpSink(sink_program)
        sink.start()
        stack.callback(sink.close)
        settings = stack.enter_context(servers(log))
        service = stack.enter_context(running(folder / log, ZHENGDA_SMTP_URL=sink.url, **settings))
        office = Office(service.url, service.keys.operator_key)
        agency = office.create_agency()
        rows = list(csv_rows(recipients))
        for start in range(0, recipients, 2_000):
            office.import_subscribers(rows[start : start + 2_000])
        for number in range(rounds):
            ours.append(push(office, agency, sink, number))
            peers.append(limit(source, sink.port, recipients))
    ratio = statistics.median(a / b for a, b in zip(ours, peers, strict=True))
    return Row(log, recipients, rounds, statistics.median(ours), statistics.median(peers), ratio)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("embedded", "kafka"))
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results/end_to_end.json"))
    given = parser.parse_args()
    rows = []
    for log in (given.only,) if given.only else ("embedded", "kafka"):
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measure(log, given.recipients, given.rounds, Path(folder)))
    print(f"{'log':10}{'recipients':>12}{'rounds':>8}{'deliveries/s':>14}{'limit/s':>10}{'ratio':>8}")
    for row in rows:
        print(
            f"{row.log:10}{row.recipients:12,}{row.rounds:8}{row.deliveries_per_s:14,.0f}{row.limit_per_s:10,.0f}{row.ratio:8.3f}"
        )
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


if __name__ == "__main__":
    main()
