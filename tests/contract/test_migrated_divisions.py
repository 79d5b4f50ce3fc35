"""A record with codes of divisions that are no more: they are brought to those of today, and nothing else is."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, select

from config.database.migrate import migrate
from config.database.record import Record, open_record
from config.database.schema import policy_labels, subscribers, subscriptions
from config.settings import Settings

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
BEFORE = "0008"
LABEL = {
    "agency_id": "sh", "policy_id": "p", "revision": 1, "dimension": "region", "start": 0, "end": 2,
    "quote": "江干", "rule": "r", "weight": 1.0, "origin": "rule",
}  # fmt: skip
CRITERIA = {"any": [{"all": [{"region": ["330104", "310117"]}]}], "keywords": ["330104号"]}


def _subscriber(subscriber_id: str, region: str) -> dict[str, Any]:
    return {
        "subscriber_id": subscriber_id,
        "shard": 0,
        "name": "甲公司",
        "kind": "enterprise",
        "status": "active",
        "profile": {"region": region, "staff": 20},
        "preferences": {},
        "profile_matching": True,
        "version": 1,
        "announced_version": 1,
        "created_at": NOON,
        "updated_at": NOON,
    }


def _subscription() -> dict[str, Any]:
    return {
        "subscription_id": "s",
        "subscriber_id": "old",
        "name": "所需政策",
        "criteria": CRITERIA,
        "channels": ["space"],
        "created_at": NOON,
    }


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", "config.database:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@pytest.fixture
async def record(empty_record_url: str) -> AsyncIterator[Record]:
    opened = open_record(Settings(database=empty_record_url).database_url)
    async with opened.write() as conn:
        await conn.run_sync(_upgrade, BEFORE)
    yield opened
    await opened.close()


async def test_labels_profiles_and_criteria_get_the_codes_of_today(record: Record) -> None:
    async with record.write() as conn:
        codes = ("330104", "310117")
        await conn.execute(policy_labels.insert(), [LABEL | {"code": code} for code in codes])
        await conn.execute(
            policy_labels.insert(),
            [LABEL | {"policy_id": "q", "code": code} for code in ("330103", "330105")],
        )
        await conn.execute(
            subscribers.insert(), [_subscriber("old", "350427"), _subscriber("other", "310117")]
        )
        await conn.execute(subscriptions.insert(), [_subscription()])
    await migrate(record)
    async with record.read() as conn:
        found = await conn.execute(select(policy_labels.c.policy_id, policy_labels.c.code))
        assert sorted(map(tuple, found)) == [("p", "310117"), ("p", "330102"), ("q", "330105")]
        profiles = dict(
            (await conn.execute(select(subscribers.c.subscriber_id, subscribers.c.profile))).all()
        )
        assert {key: profile["region"] for key, profile in profiles.items()} == {
            "old": "350405",
            "other": "310117",
        }
        criteria = await conn.scalar(select(subscriptions.c.criteria))
        assert criteria == json.loads(json.dumps(CRITERIA).replace('"330104"', '"330102"'))
