"""One subscription changed in its place, and what is added afterwards, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet

from config.database.record import Record, open_record
from config.database.schema import metadata
from config.settings import Settings
from subscribers.contacts import open_vault
from subscribers.correcting import add_subscription, change_subscription
from subscribers.errors import UnknownSubscriptionError
from subscribers.model import SubscriberIn, SubscriptionIn
from subscribers.registry import get_subscriptions, opt_out, put_subscriber

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SMALL, LARGE = 300, 500


@pytest.fixture
async def record(record_url: str) -> AsyncIterator[Record]:
    opened = open_record(Settings(database=record_url).database_url)
    async with opened.engine.begin() as conn:
        await conn.run_sync(metadata.create_all)
    vault = await open_vault(opened, Fernet.generate_key().decode())
    async with opened.write() as conn:
        for name in ("S-1", "S-2"):
            given = SubscriberIn(name=name)
            await put_subscriber(conn, vault, name, given, shards=4, actor="运维", now=NOW)
    yield opened
    await opened.close()


def wish(most: int, name: str = "软件") -> SubscriptionIn:
    criteria = {"keywords": ["软件"], "profile": {"staff": {"max": most}}}
    return SubscriptionIn.model_validate({"name": name, "criteria": criteria})


async def add(record: Record, most: int, name: str = "软件") -> None:
    async with record.write() as conn:
        await add_subscription(conn, "S-1", wish(most, name), now=NOW)


async def change(record: Record, own_id: str, most: int, who: str = "S-1") -> None:
    async with record.write() as conn:
        await change_subscription(conn, who, own_id, wish(most), now=NOW)


async def held(record: Record) -> dict[str, int]:
    """The active subscriptions of S-1 by id: how many persons at most."""
    async with record.read() as conn:
        return {
            one.id: one.criteria["profile"]["staff"]["max"] for one in await get_subscriptions(conn, "S-1")
        }


async def test_a_changed_subscription_keeps_its_id_and_what_is_added_stands_beside_it(record: Record) -> None:
    await add(record, SMALL)
    ((first, _),) = (await held(record)).items()
    await change(record, first, LARGE)
    assert await held(record) == {first: LARGE}
    await add(record, SMALL)
    assert (await held(record))[first] == LARGE, "asking for the first criteria again takes nothing away"
    assert sorted((await held(record)).values()) == [SMALL, LARGE]


async def test_criteria_that_are_held_already_are_not_held_twice(record: Record) -> None:
    await add(record, SMALL)
    ((first, _),) = (await held(record)).items()
    await change(record, first, LARGE)
    await add(record, LARGE, "另一个名称")
    assert await held(record) == {first: LARGE}
    async with record.read() as conn:
        assert [one.name for one in await get_subscriptions(conn, "S-1")] == ["另一个名称"]


async def test_one_that_ended_or_is_somebody_elses_cannot_be_changed(record: Record) -> None:
    await add(record, SMALL)
    ((first, _),) = (await held(record)).items()
    with pytest.raises(UnknownSubscriptionError):
        await change(record, first, LARGE, "S-2")
    assert await held(record) == {first: SMALL}
    async with record.write() as conn:
        await opt_out(conn, "S-1", f"subscription:{first}", now=NOW, via="page")
    with pytest.raises(UnknownSubscriptionError):
        await change(record, first, LARGE)
    assert await held(record) == {}
