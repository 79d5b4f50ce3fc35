"""The record tells how new its subscribers are: in pages, in its own order, and by an index alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from config.database import Record
from config.database.schema import subscribers
from subscribers.model import ACTIVE, LEFT, PENDING
from subscribers.stamps import PAGE, Total, stamps, stamps_of, total

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
MANY = 2 * PAGE + 7
NAMES = [f"{'Aa-_9z'[n % 6]}{n:05}" for n in range(MANY)]  # where PostgreSQL may sort otherwise than Python


def row(name: str, version: int, status: str = ACTIVE) -> dict[str, Any]:
    moment = NOW + timedelta(microseconds=version)
    return {
        "subscriber_id": name,
        "shard": 3,
        "name": "示范公司",
        "kind": "enterprise",
        "status": status,
        "profile": {},
        "preferences": {},
        "profile_matching": False,
        "version": version,
        "announced_version": version,
        "created_at": moment,
        "updated_at": moment,
    }


@pytest.fixture
async def record(record: Record) -> Record:
    async with record.write() as conn:
        await conn.execute(insert(subscribers), [row(name, at + 1) for at, name in enumerate(NAMES)])
        others = [row("left", 1, LEFT), row("waiting", 9, PENDING), row("elsewhere", 5) | {"shard": 2}]
        await conn.execute(insert(subscribers), others)
    return record


async def listed(record: Record, *between: str) -> list[tuple[str, tuple[int, int]]]:
    async with record.read() as conn:
        return [pair async for page in stamps(conn, 3, *between) for pair in page]


async def test_everybody_of_a_shard_is_listed_once_but_those_who_wait_to_be_confirmed(record: Record) -> None:
    found = await listed(record)
    assert sorted(name for name, _ in found) == sorted([*NAMES, "left"])
    assert dict(found)[NAMES[41]] == (42, int(NOW.timestamp()) * 1_000_000 + 42)


async def test_stretches_together_are_the_whole(record: Record) -> None:
    whole = await listed(record)
    cuts = [whole[at][0] for at in (1, PAGE, PAGE + 1, MANY - 1)]
    parts = [await listed(record, first, end) for first, end in zip(["", *cuts], cuts, strict=False)]
    assert [pair for part in parts for pair in part] + await listed(record, cuts[-1]) == whole


async def test_a_total_is_that_of_what_is_listed(record: Record) -> None:
    whole = await listed(record)
    first, end = whole[5][0], whole[3000][0]
    async with record.read() as conn:
        for part, found in (
            (whole, await total(conn, 3)),
            (whole[5:], await total(conn, 3, first)),
            (whole[5:3000], await total(conn, 3, first, end)),
        ):
            versions = sum(version for _, (version, _) in part)
            assert found == Total(len(part), versions, max(moment for _, (_, moment) in part))
        assert await total(conn, 7) == Total(0, 0, 0)


async def test_of_some_the_same_is_told_and_who_has_none_is_missing(record: Record) -> None:
    whole = dict(await listed(record))
    async with record.read() as conn:
        found = await stamps_of(conn, [*NAMES[:700], "waiting", "nobody"])
    assert found == {name: whole[name] for name in NAMES[:700]}


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
async def test_on_sqlite_the_index_alone_is_asked(record: Record) -> None:
    asked = "SELECT count(*), sum(version), max(updated_at) FROM subscribers WHERE shard = 3 AND status != 'pending'"
    async with record.read() as conn:
        plan = " ".join(str(step) for step in await conn.execute(text(f"EXPLAIN QUERY PLAN {asked}")))
    assert "COVERING INDEX ix_subscribers_stamps" in plan
