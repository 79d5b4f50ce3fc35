"""Credit codes and memberships that stood before it was kept who entered them: the audit tells, or nobody is named."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, select, text

from config.database.migrate import migrate
from config.database.record import Record, open_record
from config.database.schema import memberships, subscribers
from config.settings import Settings
from subscribers.rows import note
from tests.support.flow import NOW

CODE = "91310000MA1K4C0T0N"


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", "config.database:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@pytest.fixture
async def before(empty_record_url: str) -> AsyncIterator[Record]:
    opened = open_record(Settings(database=empty_record_url).database_url)
    async with opened.write() as conn:
        await conn.run_sync(_upgrade, "0014")
    yield opened
    await opened.close()


WHO = ["credit_code", "kind", "name", "profile"]
SIGNED_UP: tuple[str, dict[str, Any]] = ("subscriber.signed_up", {})
CORRECTED: tuple[str, dict[str, Any]] = ("subscriber.corrected", {"fields": WHO})
CHOSE: tuple[str, dict[str, Any]] = (
    "subscriber.corrected",
    {"fields": ["preferences", "profile_matching"]},
)
PUT: tuple[str, dict[str, Any]] = ("subscriber.put", {"version": 2})
OWN = "itself"  # the audit has a subscriber by its id

CODES: dict[str, tuple[list[tuple[str, tuple[str, dict[str, Any]]]], bool]] = {
    "imported": ([], True),
    "imported-and-chose": ([(OWN, CHOSE)], True),
    "put-by-staff": ([("运维", PUT)], True),
    "signed-up": ([(OWN, SIGNED_UP)], False),
    "signed-up-then-put-by-staff": ([(OWN, SIGNED_UP), ("运维", PUT)], True),
    "put-by-staff-then-corrected": ([("运维", PUT), (OWN, CORRECTED)], False),
    "put-by-itself": ([(OWN, PUT)], False),
    "put-by-staff-then-by-itself": ([("运维", PUT), (OWN, PUT)], False),
    "corrected": ([(OWN, CORRECTED)], False),
    "without-a-code": ([("运维", PUT)], False),
}


async def insert(record: Record, table: str, **row: Any) -> None:
    names = ", ".join(row)
    async with record.write() as conn:
        await conn.execute(
            text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})"), row
        )


async def stood(record: Record, who: str, code: str | None) -> None:
    moment = NOW.replace(tzinfo=None).isoformat(" ") if record.dialect == "sqlite" else NOW
    await insert(
        record, "subscribers", subscriber_id=who, shard=0, name=who, credit_code=code, kind="enterprise",
        status="active", profile="{}", preferences="{}", profile_matching=True, version=1, created_at=moment,
        updated_at=moment,
    )  # fmt: skip


async def test_codes_that_stood_before_are_confirmed_where_the_audit_proves_it(before: Record) -> None:
    for who, (said, _) in CODES.items():
        await stood(before, who, None if who == "without-a-code" else CODE)
        for hours, (actor, (action, details)) in enumerate(said):
            by = who if actor == OWN else actor
            async with before.write() as conn:
                await note(conn, by, action, who, details, NOW + timedelta(hours=hours))
    await migrate(before)
    s = subscribers.c
    async with before.read() as conn:
        found = {
            row[0]: row[1] for row in await conn.execute(select(s.subscriber_id, s.credit_code_confirmed))
        }
    assert found == {who: whether for who, (_, whether) in CODES.items()}


async def test_memberships_that_stood_before_are_confirmed_where_staff_had_entered_them(
    before: Record,
) -> None:
    moment = NOW.replace(tzinfo=None).isoformat(" ") if before.dialect == "sqlite" else NOW
    put, joined, left = "membership.put", "membership.joined", "membership.left"
    told: dict[str, tuple[list[tuple[str, str | None]], str, bool]] = {
        "entered": ([(put, "表 1")], "表 1", True),
        "joined": ([(joined, "本人")], "本人", False),
        "joined-then-entered": ([(joined, "本人"), (put, "表 1")], "表 1", True),
        "entered-left-joined": ([(put, "表 1"), (left, None), (joined, "本人")], "本人", False),
        "of-unknown-origin": ([], "表 1", False),
    }
    for who, (said, evidence, _) in told.items():
        await stood(before, who, None)
        await insert(
            before, "memberships", association_id="soft", subscriber_id=who, consent_at=moment,
            consent_evidence=evidence,
        )  # fmt: skip
        for action, words in said:
            details = {"association_id": "soft"} | ({"evidence": words} if words else {})
            async with before.write() as conn:
                await note(conn, "x", action, who, details, NOW)
    # Entered in another association: says nothing of this one.
    async with before.write() as conn:
        await note(conn, "x", put, "joined", {"association_id": "park", "evidence": "本人"}, NOW)
    await migrate(before)
    m = memberships.c
    async with before.read() as conn:
        found = {row[0]: row[1] for row in await conn.execute(select(m.subscriber_id, m.confirmed))}
    assert found == {who: whether for who, (_, _, whether) in told.items()}
