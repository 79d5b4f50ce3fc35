"""The flow without Faust: a real record, a log in memory, channels by script, and the steps done one by one."""

import json
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import FromClause, func, select

from config.clock import ManualClock
from config.database import Record, open_record
from config.database.migrate import migrate
from config.database.schema import deliveries
from config.settings import Settings
from config.taxonomies import load_taxonomy
from streams.access import Actor, NewKey, Role, actor_by_key, create_key, put_agency
from streams.campaigns.figures import Funnel, funnel
from streams.desk import Desk
from streams.events.signing import read_headers, signature_headers
from streams.gate.judging import EventStatus, known_event
from streams.log import EventLog
from streams.matching.shards import Shards
from streams.names import (
    DELIVERIES,
    MATCH_TASKS,
    POLICIES_ACCEPTED,
    POLICIES_RELEASED,
    POLICY_EVENTS,
    PREVIEW_TASKS,
    SUBSCRIPTION_CHANGES,
    URGENT,
)
from streams.steps.admit import admit
from streams.steps.count import count
from streams.steps.deliver import deliver
from streams.steps.dispatch import dispatch
from streams.steps.label import label
from streams.steps.match import match
from streams.steps.refresh import refresh
from subscribers.contacts import open_vault
from subscribers.model import Change, SubscriberIn, SubscriptionIn
from subscribers.registry import put_subscriber, put_subscriptions
from subscribers.tokens import Tokens
from tests.support.fakes import FakeChannel, FakeLog, Logged
from tests.support.record import current_revision

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # ten in the morning in Shanghai
AGENCY = "sheet"
SHARDS = 4
SOFTWARE = {"any": [{"all": [{"industry": "I65"}]}]}
DELIVERING = {topic: channel for lane in (DELIVERIES, URGENT) for channel, topic in lane.items()}


def policy(policy_id: str = "P-1", **changes: Any) -> dict[str, Any]:
    """Sound policy data for the software industry, which one can act on; None takes a field away."""
    data = {
        "policy_id": policy_id,
        "title": "关于支持软件产业发展的若干措施",
        "issuer": "示范市工业和信息化局",
        "publish_date": "2026-03-01",
        "disclosure": "open",
        "body": "各有关单位：对软件企业给予最高50万元补助。",
        "labels": ["industry:I65"],
        "matter_codes": ["SW-1"],
    } | changes
    return {name: value for name, value in data.items() if value is not None}


def cloud_event(kind: str, data: dict[str, Any], event_id: str | None = None, **changes: Any) -> bytes:
    """A CloudEvent as bytes."""
    envelope = {"specversion": "1.0", "id": event_id or str(uuid.uuid4()), "source": "/tests", "type": kind}
    return json.dumps(envelope | {"data": data} | changes, ensure_ascii=False).encode()


@dataclass
class Flow:
    """A house with one agency, its publisher and its reviewer."""

    record: Record
    clock: ManualClock
    log: FakeLog
    desk: Desk
    channels: dict[str, FakeChannel]
    shards: Shards
    keys: dict[str, NewKey] = field(default_factory=dict)
    _seen: list[Logged] = field(default_factory=list)

    # -- events -------------------------------------------------------------------------------------------------------

    async def log_event(self, raw: bytes, who: str = "publisher", key: bytes | None = None) -> Logged:
        """Write an event to the log as an agency does that writes to Kafka itself; by default under the right key."""
        if key is None:
            owner = "other" if who.startswith("other-") else AGENCY
            key = f"{owner}/{json.loads(raw)['data']['policy_id']}".encode()
        secret = self.keys[who].hmac_secret
        assert secret is not None
        headers = signature_headers(self.keys[who].key_id, secret.encode(), raw)
        await self.log(POLICY_EVENTS, key=key, value=raw, headers=headers)
        return self.log.messages[-1]

    async def admit(self, message: Logged) -> None:
        """Do the gate's step on a message."""
        await admit(self.desk, message.value, read_headers(message.headers), message.at, message.key)

    async def tell(
        self, kind: str, data: dict[str, Any], who: str = "publisher", event_id: str | None = None
    ) -> EventStatus:
        """Emit an event, let the gate take it and say what became of it."""
        event_id = event_id or str(uuid.uuid4())
        await self.admit(await self.log_event(cloud_event(kind, data, event_id), who))
        async with self.record.read() as conn:
            status = await known_event(conn, AGENCY, event_id)
        assert status is not None
        return status

    async def release(self, policy_id: str = "P-1", revision: int = 1) -> None:
        """Release a revision and open its campaign; nothing is matched yet."""
        status = await self.tell(
            "policy.released", {"policy_id": policy_id, "revision": revision}, "reviewer"
        )
        assert status.status == "accepted", status.reason
        await self.pump(POLICIES_ACCEPTED, POLICIES_RELEASED)

    async def campaign(self, policy_id: str = "P-1", **changes: Any) -> str:
        """Publish and release a policy's next revision; return the id of its campaign."""
        status = await self.tell("policy.published", policy(policy_id, **changes))
        assert status.status == "accepted", status.reason
        assert status.revision is not None
        await self.release(policy_id, status.revision)
        return str(self.log.on(MATCH_TASKS)[-1].json["campaign_id"])

    async def actor(self, who: str) -> Actor:
        """Who holds a key."""
        async with self.record.read() as conn:
            actor = await actor_by_key(conn, self.keys[who].key_id)
        assert actor is not None
        return actor

    # -- steps --------------------------------------------------------------------------------------------------------

    async def pump(self, *topics: str) -> None:
        """Do the step of every message of ``topics`` (default: all but events) that has not been done, in order."""
        wanted = topics or (
            POLICIES_ACCEPTED,
            POLICIES_RELEASED,
            MATCH_TASKS,
            PREVIEW_TASKS,
            SUBSCRIPTION_CHANGES,
            *DELIVERING,
        )
        at = 0
        pending: list[Logged] = [m for m in self.log.messages if m not in self._seen]
        while at < len(pending):
            message = pending[at]
            at += 1
            if message.at.topic not in wanted:
                continue
            self._seen.append(message)
            before = len(self.log.messages)
            await self.step(message)
            pending += self.log.messages[before:]

    async def step(self, message: Logged) -> None:
        """Do the step of one message, as its agent would."""
        told = message.json
        match message.at.topic:
            case "policies.accepted":
                await label(self.desk, told)
            case "policies.released":
                await dispatch(self.desk, told, self.log.highwater)
            case "match.tasks":
                await match(self.desk, self.shards, told)
            case "preview.tasks":
                await count(self.desk, self.shards, told)
            case "subscription.changes":
                await refresh(self.desk, self.shards, (message.at.partition, message.at.offset, told["data"]))
            case topic:
                await deliver(self.desk, self.channels[DELIVERING[topic]], told)

    async def deliver(self, channel: str, delivery_ids: Sequence[str]) -> None:
        """Deliver a batch."""
        await deliver(self.desk, self.channels[channel], {"delivery_ids": list(delivery_ids)})

    # -- subscribers --------------------------------------------------------------------------------------------------

    async def subscriber(
        self,
        subscriber_id: str = "S-1",
        criteria: dict[str, Any] | None = None,
        channels: Sequence[str] = ("email",),
        **changes: Any,
    ) -> Change:
        """Put a subscriber with an address on every channel and, unless ``criteria`` is {}, one subscription."""
        consent = {"basis": "申请表", "at": NOW - timedelta(days=9), "evidence": "表 7"}
        number = sum(subscriber_id.encode())
        given: dict[str, Any] = {
            "name": f"{subscriber_id} 公司",
            "contacts": [
                {"channel": "email", "address": f"{subscriber_id.lower()}@example.com", "consent": consent},
                {"channel": "sms", "address": f"138{number:08d}", "consent": consent},
            ],
            "profile_matching": False,
        }
        wanted = SOFTWARE if criteria is None else criteria
        subscriptions = (
            [SubscriptionIn(id="soft", name="软件扶持", criteria=wanted, channels=channels)] if wanted else []
        )
        now = self.clock.now()
        async with self.record.write() as conn:
            model = SubscriberIn.model_validate(given | changes)
            await put_subscriber(
                conn, self.desk.vault, subscriber_id, model, shards=SHARDS, now=now, actor="tests"
            )
            change = await put_subscriptions(conn, subscriber_id, subscriptions, now=now)
        return change

    async def announce(self, *changes: Change) -> None:
        """Tell the shards of changes, which is not enough for them to know: they must be pumped."""
        await self.desk.log.announce(changes)

    # -- the ledger ---------------------------------------------------------------------------------------------------

    async def rows(self, **wanted: Any) -> list[dict[str, Any]]:
        """The ledger's rows, by subscriber and channel."""
        query = (
            select(deliveries)
            .filter_by(**wanted)
            .order_by(deliveries.c.subscriber_id, deliveries.c.channel, deliveries.c.planned_at)
        )
        async with self.record.read() as conn:
            return [dict(row) for row in (await conn.execute(query)).mappings()]

    async def row(self, **wanted: Any) -> dict[str, Any]:
        """The one row there is."""
        rows = await self.rows(**wanted)
        assert len(rows) == 1, rows
        return rows[0]

    async def count(self, table: FromClause) -> int:
        """How many rows a table has."""
        async with self.record.read() as conn:
            return (await conn.execute(select(func.count()).select_from(table))).scalar_one()

    async def funnel(self, policy_id: str = "P-1", revision: int | None = None) -> Funnel:
        """The funnel of a policy."""
        async with self.record.read() as conn:
            found = await funnel(conn, AGENCY, policy_id, revision)
        assert found is not None
        return found


@asynccontextmanager
async def open_flow(record_url: str) -> AsyncIterator[Flow]:
    """Build the house on an empty database or on one that has the tables, close it at the end."""
    record = open_record(Settings(database=record_url).database_url)
    try:
        if await current_revision(record) is None:
            await migrate(record)
        clock, log = ManualClock(NOW), FakeLog()
        vault = await open_vault(record, Fernet.generate_key().decode())
        channels = {name: FakeChannel(name) for name in DELIVERIES}
        desk = Desk(
            record=record,
            log=EventLog(log, vault),
            vault=vault,
            tokens=Tokens(vault),
            clock=clock,
            taxonomy=load_taxonomy(),
            channels=channels,
            shards=SHARDS,
            base_url="http://zhengda.test",
        )
        shards = Shards(record, desk.taxonomy.ancestors, log.highwater)
        flow = Flow(record, clock, log, desk, channels, shards)
        bound = {"publisher": (Role.PUBLISHER, "张三", AGENCY), "reviewer": (Role.REVIEWER, "李四", AGENCY)}
        bound |= {
            "other-publisher": (Role.PUBLISHER, "王五", "other"),
            "other-reviewer": (Role.REVIEWER, "赵六", "other"),
        }
        async with record.write() as conn:
            for agency in (AGENCY, "other"):
                await put_agency(conn, agency, f"{agency} 局", None, NOW)
            for who, (role, holder, agency) in bound.items():
                flow.keys[who] = await create_key(
                    conn, vault, role=role, holder=holder, agency_id=agency, now=NOW
                )
        yield flow
    finally:
        await record.close()
