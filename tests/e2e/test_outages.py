"""What the service needs goes away and comes back: clear answers meanwhile, and nothing acknowledged is lost."""

import asyncio
import hashlib
import hmac
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from tests.e2e.conftest import Town
from tests.servers.kafka import KafkaServer, kafka_jars
from tests.servers.postgres import PostgresServer
from tests.servers.processes import need, wait_until
from tests.support.commands import Commands
from tests.support.office import Agency, Office
from tests.support.papers import event, firm, policy, wish
from tests.support.service import ServiceProcess, running

FULL_AT = 400  # events; a log of 4 MB is full long before
BACK_S = 60.0


def test_mail_waits_with_its_reason_while_the_mail_server_is_down(town: Town) -> None:
    town.enrol("Smtp-1", "停电", "email")
    town.sink.stop()
    town.office.publish(town.agency, policy("power-cut", "停电"))
    assert wait_until(lambda: delivery(town.office, town.agency, "power-cut").get("attempts") == 1, 60)
    row = delivery(town.office, town.agency, "power-cut")
    assert (row["state"], bool(row["reason"])) == ("planned", True), row
    assert row["due_at"] > row["planned_at"]
    funnel = town.office.funnel(town.agency, "power-cut")
    assert (funnel["complete"], funnel["sent"], funnel["waiting"]["planned"]) == (False, 0, 1)
    town.sink.start()
    # The table's first wait is a minute; stopping and resuming makes it due at once.
    address = "/api/v1/policies/power-cut/campaign"
    for verb in ("stop", "resume"):
        town.office.ask(
            "POST", f"{address}/{verb}", town.agency.publisher, json={"reason": "邮件服务器已恢复"}
        )
    assert wait_until(lambda: len(town.mails("Smtp-1")) == 1, 60)
    assert wait_until(lambda: delivery(town.office, town.agency, "power-cut")["state"] == "sent", 60)


@pytest.mark.slow
def test_mail_goes_by_itself_a_minute_after_the_mail_server_was_down(town: Town) -> None:
    town.enrol("Smtp-2", "雷雨", "email")
    town.sink.stop()
    town.office.publish(town.agency, policy("storm", "雷雨"))
    assert wait_until(lambda: delivery(town.office, town.agency, "storm").get("attempts") == 1, 60)
    town.sink.start()
    assert wait_until(lambda: len(town.mails("Smtp-2")) == 1, 100)
    assert wait_until(lambda: delivery(town.office, town.agency, "storm")["state"] == "sent", 60)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 4 MB; needs root."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_of_the_log_refuses_events_and_loses_none(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small") as disk:
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * 2 * 1024 * 1024)
        with running(tmp_path / "service", ZHENGDA_BROKER=f"embedded://{disk / 'log.db'}") as service:
            office = Office(service.url, service.keys.operator_key)
            agency = office.create_agency()
            taken, refused = fill(service, agency)
            assert taken, "nothing was taken before the disk was full"
            assert_away(refused)
            assert httpx.get(f"{service.url}/").status_code == 200, "the service does not answer any more"
            ballast.unlink()
            again = emit(service, agency, policy("afterwards"), event_id="afterwards", patience_s=BACK_S)
            assert again.status_code == 202, again.text
            waiting = {*taken, "afterwards"}
            assert wait_until(lambda: not still_open(office, agency, waiting), BACK_S, every_s=0.5), waiting
            last = f"full-{len(taken)}"
            assert office.call("GET", f"/api/v1/policies/{last}", agency.publisher).status_code == 404
            office.ask("PUT", "/api/v1/subscribers/Full-1", json=firm("满仓公司"))
            wishes = {"subscriptions": [wish("满仓")]}
            office.ask("PUT", "/api/v1/subscribers/Full-1/subscriptions", json=wishes)
            office.publish(agency, policy("last-word", "满仓"))
            assert office.wait_complete(agency, "last-word")["delivered"] == 1


def fill(service: ServiceProcess, agency: Agency) -> tuple[list[str], httpx.Response]:
    """Send large events until one is not taken; returns the ids of those that were, and the answer."""
    taken: list[str] = []
    for number in range(FULL_AT):
        event_id = f"full-{number}"
        answer = emit(service, agency, policy(event_id, "满" * 20_000), event_id=event_id)
        if answer.status_code != 202:
            return taken, answer
        taken.append(event_id)
    raise AssertionError(f"{FULL_AT} events of 60 KB fitted on a disk of 4 MB")


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """A broker of nobody else's: the service's topics and group have fixed names."""
    jars, reason = kafka_jars()
    if jars is None:
        need(reason)
        return
    server = KafkaServer(jars)
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="module")
def spread(
    tmp_path_factory: pytest.TempPathFactory, kafka: KafkaServer, postgres_server: PostgresServer
) -> Iterator[ServiceProcess]:
    """The service on Kafka and PostgreSQL."""
    database = postgres_server.create_database()
    folder = tmp_path_factory.mktemp("spread")
    with running(folder, ZHENGDA_BROKER=kafka.url, ZHENGDA_DATABASE=database) as service:
        yield service
    postgres_server.drop_database(database)


@pytest.mark.kafka
@pytest.mark.postgres
def test_what_comes_over_kafka_unproven_becomes_a_dead_letter(
    spread: ServiceProcess, kafka: KafkaServer, tmp_path: Path
) -> None:
    office = Office(spread.url, spread.keys.operator_key)
    agency = office.create_agency("harbour")
    given = {"role": "publisher", "holder": "陈", "agency_id": "harbour"}
    key = office.ask("POST", "/api/v1/keys", json=given)
    good = event(policy("signed"), event_id="signed")
    forged = [
        (event(policy("unsigned"), event_id="unsigned"), None, None),
        (event(policy("forged"), event_id="forged"), key["key_id"], "not the secret"),
        (event(policy("stranger"), event_id="stranger"), "0123456789abcdef", "whatever"),
        (event(policy("malformed", titel="slip"), event_id="malformed"), key["key_id"], key["hmac_secret"]),
    ]
    asyncio.run(put_on_kafka(kafka, [*forged, (good, key["key_id"], key["hmac_secret"])]))
    assert wait_until(lambda: status(office, agency, "signed") == "accepted", BACK_S), spread.last_words()
    cli = Commands(spread, tmp_path, office.operator_key)
    assert wait_until(lambda: len(cli.json("deadletters", "list")["dead_letters"]) == 4, 30, every_s=0.5)
    letters = cli.json("deadletters", "list")["dead_letters"]
    reasons = " | ".join(sorted(letter["reason"] for letter in letters))
    for words in (
        "unsigned event",
        "signature does not fit",
        "unknown or revoked key",
        "titel: unknown field",
    ):
        assert words in reasons
    for event_id in ("unsigned", "forged", "stranger"):
        assert office.call("GET", f"/api/v1/policies/{event_id}", agency.publisher).status_code == 404
    replayed = letters[0]["dead_letter_id"]
    assert cli.run("deadletters", "replay", replayed).returncode == 0
    assert cli.run("deadletters", "replay", "no-such-letter").returncode == 1
    # Still wrong, it comes back as the same letter and not as another one.
    assert wait_until(lambda: put_aside_anew(office, letters[0]), 60)


@pytest.mark.kafka
@pytest.mark.postgres
def test_while_the_record_is_down_nothing_is_taken_and_afterwards_everything_arrives(
    spread: ServiceProcess, postgres_server: PostgresServer
) -> None:
    office = Office(spread.url, spread.keys.operator_key)
    agency = office.create_agency("quay")
    rows = [subscriber_row(number) for number in range(40)]
    assert office.import_subscribers(rows) == 40
    letters = office.ask("GET", "/api/v1/deadletters")["dead_letters"]
    policies = [f"flood-{number}" for number in range(5)]
    for policy_id in policies:
        office.publish(agency, policy(policy_id, "涨潮"))
    postgres_server.stop()
    try:
        answers = [emit(spread, agency, policy("ebb", "退潮"), event_id="ebb") for _ in range(3)]
        for answer in answers:
            assert_away(answer)
        assert wait_until(lambda: health(spread) == "degraded", 30), spread.health()
        time.sleep(2.0)
        assert spread.pid, spread.last_words()
    finally:
        postgres_server.start()
    assert wait_until(spread.healthy, BACK_S), spread.health()
    assert emit(spread, agency, policy("ebb", "退潮"), event_id="ebb", patience_s=BACK_S).status_code == 202
    assert wait_until(lambda: status(office, agency, "ebb") == "accepted", BACK_S)
    for policy_id in policies:
        funnel = office.wait_complete(agency, policy_id)
        assert (funnel["matched"], funnel["delivered"]) == (40, 40), policy_id
        assert len(office.deliveries(agency, policy_id)) == 40
    assert office.ask("GET", "/api/v1/deadletters")["dead_letters"] == letters, "an outage made dead letters"


async def put_on_kafka(
    kafka: KafkaServer, events: list[tuple[dict[str, Any], str | None, str | None]]
) -> None:
    """Write events as an agency would, each with a key id and a signature by a secret, or with neither."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka.address, acks="all")
    await producer.start()
    try:
        for content, key_id, secret in events:
            value = json.dumps(content, ensure_ascii=False).encode()
            headers = []
            if key_id and secret:
                signature = hmac.new(secret.encode(), value, hashlib.sha256).hexdigest()
                headers = [("zhengda-key-id", key_id.encode()), ("zhengda-signature", signature.encode())]
            key = f"harbour/{content['data']['policy_id']}".encode()
            await producer.send_and_wait("policy.events", value=value, key=key, headers=headers)
    finally:
        await producer.stop()


def put_aside_anew(office: Office, letter: dict[str, Any]) -> bool:
    """Whether a dead letter was replayed and put aside again, as the same one."""
    now = office.ask("GET", "/api/v1/deadletters")["dead_letters"]
    same = [one for one in now if one["dead_letter_id"] == letter["dead_letter_id"]]
    assert len(now) == 4
    return same[0]["at"] > letter["at"] and same[0]["reason"] == letter["reason"]


def subscriber_row(number: int) -> dict[str, str]:
    """A firm of the import that wants whatever says 涨潮, and nothing by its profile."""
    return {
        "subscriber_id": f"Quay-{number}",
        "name": f"码头{number}公司",
        "kind": "social-org",
        "subscription_name": "潮汐",
        "subscription_criteria": json.dumps({"keywords": ["涨潮"]}),
        "channels": "space",
    }


def emit(
    service: ServiceProcess, agency: Agency, data: dict[str, Any], *, event_id: str, patience_s: float = 0.0
) -> httpx.Response:
    """Send an event; again, while the answer is 503, for so long."""
    headers = {"Authorization": f"Bearer {agency.publisher}"}
    deadline = time.monotonic() + patience_s
    while True:
        body = event(data, event_id=event_id)
        answer = httpx.post(f"{service.url}/api/v1/events", json=body, headers=headers, timeout=40.0)
        if answer.status_code != 503 or time.monotonic() > deadline:
            return answer
        time.sleep(0.5)


def assert_away(answer: httpx.Response) -> None:
    """An honest 503: problem+json that says nothing was taken and when to come again."""
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "nothing was taken" in answer.json()["detail"]
    assert int(answer.headers["retry-after"]) > 0


def health(service: ServiceProcess) -> str | None:
    """The word of /healthz, whatever status it comes with."""
    answer = httpx.get(f"{service.url}/healthz", timeout=15.0)
    return str(answer.json()["status"])


def status(office: Office, agency: Agency, event_id: str) -> str:
    """What became of an event of the agency."""
    answer = office.call("GET", f"/api/v1/events/{event_id}", agency.publisher)
    return str(answer.json().get("status"))


def still_open(office: Office, agency: Agency, waiting: set[str]) -> bool:
    """Whether some of the events have not been accepted yet; those that were are taken out."""
    waiting -= {event_id for event_id in waiting if status(office, agency, event_id) == "accepted"}
    return bool(waiting)


def delivery(office: Office, agency: Agency, policy_id: str) -> dict[str, Any]:
    """The only ledger row of a policy; empty while there is none."""
    answer = office.call("GET", f"/api/v1/policies/{policy_id}/deliveries", agency.publisher)
    rows = answer.json().get("deliveries", [])
    assert len(rows) <= 1
    return dict(rows[0]) if rows else {}
