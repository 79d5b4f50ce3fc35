"""A House on SQLite with a log in memory, and the HTTP face in front of it: what the API tests act on."""

import sqlite3
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
from cryptography.fernet import Fernet
from sqlalchemy.exc import OperationalError

from channels.building import outbox_directory
from channels.outbox import SandboxChannel
from channels.space import SpaceChannel
from config.clock import ManualClock
from config.database import open_record
from config.database.migrate import migrate
from config.settings import Settings
from config.taxonomies import load_taxonomy
from service.api.app import create_app
from service.house import House
from service.live import Live
from streams.access import Actor, Role, authenticate, create_key, put_agency
from streams.events import parse_event
from streams.events.policy_data import PolicyData
from streams.events.signing import KEY_ID_HEADER
from streams.gate.judging import judge
from streams.log import EventLog, LogUnavailable, Position
from streams.names import POLICY_EVENTS
from streams.policies import find_policy
from streams.policies.reading import read
from streams.policies.revisions import write_reading
from subscribers.associations import put_association
from subscribers.contacts import open_vault
from subscribers.model import SubscriberIn
from subscribers.registry import put_subscriber
from subscribers.tokens import Tokens
from tests.support.blank import blank_sqlite
from tests.support.record import current_revision

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ORIGIN = "http://zhengda.test"
BODY = "各有关单位:\n为支持软件和信息技术服务业发展,对中小企业给予最高50万元补助。\n申报截止2026年6月30日。\n"


class MemoryLog:
    """The log's one verb in memory; ``away`` makes it refuse everything."""

    def __init__(self) -> None:
        self.messages: list[tuple[Position, bytes, dict[str, bytes]]] = []
        self.away = False

    async def __call__(
        self,
        topic: str,
        *,
        key: bytes | None,
        value: bytes,
        headers: Mapping[str, bytes] | None = None,
        partition: int | None = None,
    ) -> Position:
        """Keep the message and say where."""
        if self.away:
            raise LogUnavailable("the broker is away")
        at = Position(topic, partition or 0, len(self.messages))
        self.messages.append((at, value, dict(headers or {})))
        return at

    def on(self, topic: str) -> list[dict[str, Any]]:
        """What was written to a topic."""
        return [orjson.loads(value) for at, value, _ in self.messages if at.topic == topic]


def outage() -> OperationalError:
    """What SQLite raises when its file cannot be read, with its driver's words."""
    cause = sqlite3.OperationalError("disk I/O error in /secret/record.db")
    cause.sqlite_errorname = "SQLITE_IOERR"
    return OperationalError("SELECT 1", {}, cause)


class World:
    """The house, its app, a key per role, and the steps that a worker would do."""

    def __init__(self, house: House, log: MemoryLog, clock: ManualClock) -> None:
        self.house = house
        self.log = log
        self.clock = clock
        self.app = create_app(house)
        self.keys: dict[str, str] = {}
        self._judged = 0

    @asynccontextmanager
    async def client(self, who: str | None = None, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
        """A client with the key of ``who``."""
        if who is not None:
            headers["Authorization"] = f"Bearer {self.keys[who]}"
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as client:
            yield client

    async def call(self, who: str | None, method: str, path: str, **given: Any) -> httpx.Response:
        """One request."""
        async with self.client(who, **given.pop("headers", {})) as client:
            return await client.request(method, path, **given)

    async def actor(self, who: str) -> Actor:
        """Who holds the key of ``who``."""
        async with self.house.record.read() as conn:
            actor = await authenticate(conn, self.keys[who])
        assert actor is not None
        return actor

    async def work(self) -> None:
        """Judge and label what lies in the log, as the worker does."""
        now = self.clock.now()
        for at, raw, headers in self.log.messages[self._judged :]:
            self._judged += 1
            if at.topic != POLICY_EVENTS:
                continue
            actor = await self._signer(headers)
            event = parse_event(raw)
            async with self.house.record.write() as conn:
                passed = await judge(conn, event, actor, at, codes=self.house.taxonomy, now=now)
                if passed is not None and isinstance(event.data, PolicyData):
                    reading = read(
                        self.house.labeller,
                        event.data.model_dump(mode="json", exclude={"body"}, exclude_none=True),
                        event.data.body,
                        region=None,
                        today=now.date(),
                        calendar=self.house.calendar,
                    )
                    await write_reading(
                        conn, passed.agency_id, passed.policy_id, passed.revision, reading, now
                    )

    async def publish(self, policy_id: str, *, release: bool = True, who: str = "", **changes: Any) -> None:
        """Publish a policy of the first agency (``who`` = "other-": of the second) and, if wished, release it."""
        answer = await self.call(
            f"{who}publisher", "POST", "/api/v1/events", json=event(policy_id, **changes)
        )
        assert answer.status_code == 202, answer.text
        await self.work()
        if release:
            path = f"/api/v1/policies/{policy_id}/release"
            answer = await self.call(f"{who}reviewer", "POST", path, json={})
            assert answer.status_code == 202, answer.text
            await self.work()

    async def state(self, policy_id: str, agency: str = "sheet") -> str:
        """The state of the newest revision."""
        async with self.house.record.read() as conn:
            view = await find_policy(conn, agency, policy_id)
        assert view is not None
        return view.state

    async def _signer(self, headers: Mapping[str, bytes]) -> Actor:
        signed_by = headers[KEY_ID_HEADER].decode().rpartition(":")[2]
        for who in self.keys:
            actor = await self.actor(who)
            if actor.key_id == signed_by:
                return actor
        raise AssertionError(f"signed by nobody we know: {signed_by}")


def event(policy_id: str = "P-1", event_id: str | None = None, **changes: Any) -> dict[str, Any]:
    """A sound ``policy.published``; ``changes`` go into its data, None takes a field away."""
    data = {
        "policy_id": policy_id,
        "title": "关于支持软件产业发展的若干措施",
        "issuer": "示范市工业和信息化局",
        "publish_date": "2026-03-01",
        "disclosure": "open",
        "body": BODY,
    } | changes
    return {
        "specversion": "1.0",
        "id": event_id or str(uuid.uuid4()),
        "source": "/tests",
        "type": "policy.published",
        "data": {name: value for name, value in data.items() if value is not None},
    }


KEYS: dict[str, dict[str, Any]] = {
    "operator": {"role": Role.OPERATOR, "holder": "运维"},
    "publisher": {"role": Role.PUBLISHER, "holder": "张三", "agency_id": "sheet"},
    "reviewer": {"role": Role.REVIEWER, "holder": "李四", "agency_id": "sheet"},
    "association": {"role": Role.ASSOCIATION, "holder": "软协", "association_id": "soft"},
    "subscriber": {"role": Role.SUBSCRIBER, "holder": "甲公司", "subscriber_id": "S-1"},
    "other-publisher": {"role": Role.PUBLISHER, "holder": "王五", "agency_id": "other"},
    "other-reviewer": {"role": Role.REVIEWER, "holder": "赵六", "agency_id": "other"},
    "other-subscriber": {"role": Role.SUBSCRIBER, "holder": "乙公司", "subscriber_id": "S-2"},
}


@asynccontextmanager
async def open_world(directory: Path, database: str = "", **settled: Any) -> AsyncIterator[World]:
    """Build the world in ``directory``, its record there or in ``database``; close it at the end.

    ``settled`` are settings beside these.
    """
    if not database:
        database = f"sqlite:///{directory / 'record.db'}"
        (directory / "record.db").write_bytes(blank_sqlite())
    settings = Settings(data=directory, database=database, shards=4, demo=False, **settled)
    record, clock, log = open_record(settings.database_url), ManualClock(NOW), MemoryLog()
    if await current_revision(record) is None:
        await migrate(record)
    vault = await open_vault(record, Fernet.generate_key().decode())
    live = Live(None, without_redis_s=0.05)
    sandbox = outbox_directory(settings)
    house = House(
        settings=settings,
        clock=clock,
        real_clock=clock,
        record=record,
        vault=vault,
        log=EventLog(log, vault),
        live=live,
        channels={"email": SandboxChannel("email", sandbox), "space": SpaceChannel(record, live.announce)},
        taxonomy=load_taxonomy(),
        tokens=Tokens(vault),
    )
    world = World(house, log, clock)
    async with record.write() as conn:
        for agency in ("sheet", "other"):
            await put_agency(conn, agency, f"{agency} 局", None, NOW)
        await put_association(conn, "soft", "软件行业协会", now=NOW)
        for subscriber_id in ("S-1", "S-2"):
            given = SubscriberIn(name=f"{subscriber_id} 公司")
            await put_subscriber(conn, vault, subscriber_id, given, shards=4, now=NOW, actor="tests")
        for who, bound in KEYS.items():
            world.keys[who] = (await create_key(conn, vault, **bound, now=NOW)).bearer
    try:
        yield world
    finally:
        await house.close()
