"""What waits to be confirmed is found by an index on either database: few rows among all that are confirmed."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database import Record
from config.database.schema import associations, memberships, subscribers
from subscribers.associations import named_members
from subscribers.model import ACTIVE
from subscribers.vouching import unconfirmed_codes

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
MANY = 4000
WAITS = ["S-000007", "S-001999", "S-003600"]
EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}
LISTS: dict[str, Callable[[AsyncConnection, str | None], Awaitable[list[Any]]]] = {
    "ix_subscribers_unconfirmed": lambda conn, after: unconfirmed_codes(conn, after=after, limit=101),
    "ix_memberships_unconfirmed": lambda conn, after: named_members(
        conn, "park", confirmed=False, after=after, limit=101
    ),
}


def firm(name: str) -> dict[str, Any]:
    return {
        "subscriber_id": name,
        "shard": 3,
        "name": "示范公司",
        "credit_code": f"91{name}",
        "credit_code_confirmed": name not in WAITS,
        "kind": "enterprise",
        "status": ACTIVE,
        "profile": {},
        "preferences": {},
        "profile_matching": False,
        "version": 1,
        "announced_version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    }


def member(name: str) -> dict[str, Any]:
    given = {"association_id": "park", "subscriber_id": name, "consent_at": NOW, "consent_evidence": "入会"}
    return given | {"confirmed": name not in WAITS}


@pytest.fixture
async def record(record: Record) -> Record:
    names = [f"S-{number:06}" for number in range(MANY)]
    async with record.write() as conn:
        await conn.execute(insert(subscribers), [firm(name) for name in names])
        await conn.execute(
            insert(associations), [{"association_id": "park", "name": "园区", "created_at": NOW}]
        )
        await conn.execute(insert(memberships), [member(name) for name in names])
    async with record.write() as conn:
        await conn.execute(text("ANALYZE"))
    return record


@pytest.mark.parametrize("after", [None, "S-000007"])
@pytest.mark.parametrize("index", LISTS)
async def test_who_waits_is_listed_by_an_index_of_those_who_wait(
    record: Record, index: str, after: str | None
) -> None:
    said: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        said.append((statement, parameters))

    async with record.read() as conn:
        event.listen(record.engine.sync_engine, "before_cursor_execute", note)
        found = await LISTS[index](conn, after)
        event.remove(record.engine.sync_engine, "before_cursor_execute", note)
        ((statement, parameters),) = said
        asked = f"{EXPLAIN[conn.dialect.name]} {statement}"
        plan = [str(row) for row in await conn.exec_driver_sql(asked, parameters)]
    assert [one.subscriber_id for one in found] == [name for name in WAITS if name > (after or "")]
    assert any(index in step for step in plan), plan
